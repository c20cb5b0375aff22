import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { createUpstream } from './create-upstream.ts'
import type { Seen } from './testing/hostile-server.ts'
import { openPing, send, startServer } from './testing/hostile-server.ts'
import {
  at,
  authorizations,
  canary,
  failure,
  fakeLookup,
  grantToken,
  insecure,
  login,
  onlyLoopback,
  outside,
  quick,
  serveManifest,
  tokenRegistry,
  withUpstream,
} from './testing/threat-kit.ts'

/** Rows 1, 2 and 16 of the table of threats: who gets a credential. */

describe('threat 1: token realms', () => {
  it(
    'a realm on the same host gets the credential',
    withUpstream(async (upstream) => {
      await using realm = await startServer(grantToken)
      await using registry = await startServer(tokenRegistry(() => `http://${realm.host}/token`))
      await upstream.manifest(at(registry), 'v1', insecure(login(registry.host)))
      assert.match(
        realm.seen[0]?.url ?? '',
        /service=reg&scope=repository%3Ateam%2Fapp%3Apull&account=user-of-/,
      )
      assert.match(authorizations(realm)[0] ?? '', /^Basic /)
    }),
  )

  it(
    'a realm on another host gets no credential, or its own',
    withUpstream(async (upstream) => {
      await using realm = await startServer(grantToken)
      const other = `localhost:${realm.host.split(':')[1]}`
      await using registry = await startServer(tokenRegistry(() => `http://${other}/token`))
      await upstream.manifest(at(registry), 'v1', insecure(login(registry.host)))
      assert.deepEqual(authorizations(realm), [''])
      assert.ok(!realm.seen[0]?.url.includes('account='))
      await upstream.manifest(at(registry), 'v2', insecure(login(registry.host, `${other}/token`)))
      const sent = Buffer.from(authorizations(realm)[1]?.slice('Basic '.length) ?? '', 'base64').toString()
      assert.ok(sent.startsWith(`user-of-${other}`), sent)
    }),
  )

  it(
    'realms at metadata and link-local addresses, in any notation, are not asked',
    withUpstream(async (upstream) => {
      const hosts = [
        '169.254.169.254',
        '2852039166',
        '0xa9.0xfe.0xa9.0xfe',
        '[::ffff:169.254.169.254]',
        '[fe80::1]',
        '0.0.0.0',
      ]
      for (const host of hosts) {
        await using registry = await startServer(tokenRegistry(() => `http://${host}/token`))
        const message = await failure(
          upstream.manifest(at(registry), 'v1', insecure(login(registry.host))),
          'forbidden-target',
        )
        assert.match(message, /address not allowed$/, host)
      }
    }),
  )

  it(
    'other schemes, user names and nonsense are refused',
    withUpstream(async (upstream) => {
      for (const realm of ['file:///etc/passwd', 'ftp://a/b', 'https://a@b/token', 'no url', '']) {
        await using registry = await startServer(tokenRegistry(() => realm))
        await failure(upstream.manifest(at(registry), 'v1', insecure(login(registry.host))))
      }
    }),
  )

  it(
    'a registry may not send us further in than it stands itself',
    { skip: onlyLoopback },
    withUpstream(async (upstream) => {
      await using realm = await startServer(grantToken)
      await using registry = await startServer(
        tokenRegistry(() => `http://${realm.host}/token`),
        { address: outside ?? '' },
      )
      assert.match(await failure(upstream.manifest(at(registry), 'v1', insecure())), /address not allowed$/)
      assert.equal(realm.seen.length, 0)
    }),
  )

  it('a name that leads further in counts as where it leads', async () => {
    await using realm = await startServer(grantToken)
    const port = realm.host.split(':')[1]
    const lookup = fakeLookup({ 'realm.test': '127.0.0.1', 'metadata.test': '169.254.169.254' })
    await using upstream = createUpstream({ ...quick, lookup, addresses: { innermost: 'private' } })
    const repository = { registry: `realm.test:${port}`, name: 'team/app' }
    assert.match(
      await failure(upstream.manifest(repository, 'v1', insecure()), 'forbidden-target'),
      /address not allowed$/,
    )
    assert.match(
      await failure(upstream.ping('metadata.test', insecure()), 'forbidden-target'),
      /address not allowed$/,
    )
    assert.equal(realm.seen.length, 0)
  })
})

describe('threat 2: credentials stay where they were given', () => {
  const basic =
    (then: (request: Seen, response: ServerResponse) => void) =>
    (request: Seen, response: ServerResponse) => {
      if (request.url === '/v2/' && request.headers.authorization === undefined) {
        return send(response, 401, '{}', { 'www-authenticate': 'Basic realm="r"' })
      }
      then(request, response)
    }

  it(
    'no redirect takes them to another host, port or back again',
    withUpstream(async (upstream) => {
      await using other = await startServer((_, response) => serveManifest(response))
      for (const status of [301, 302, 303, 307, 308]) {
        await using registry = await startServer(
          basic((_, response) =>
            send(response, status, '', { location: `http://${other.host}/x?signature=1` }),
          ),
        )
        await upstream.manifest(at(registry), 'v1', insecure(login(registry.host)))
        assert.match(authorizations(registry)[1] ?? '', /^Basic /)
      }
      assert.deepEqual(authorizations(other), ['', '', '', '', ''])
    }),
  )

  it(
    'a relative redirect on the same host keeps them, one that went away and came back does not',
    withUpstream(async (upstream) => {
      let back = ''
      await using other = await startServer((_, response) => send(response, 307, '', { location: back }))
      await using registry = await startServer(
        basic((request, response) => {
          if (request.url === '/final') return serveManifest(response)
          const away = request.url.endsWith('/away')
          send(response, 307, '', { location: away ? `http://${other.host}/` : '/final' })
        }),
      )
      back = `http://${registry.host}/final`
      await upstream.manifest(at(registry), 'stay', insecure(login(registry.host)))
      assert.match(authorizations(registry)[2] ?? '', /^Basic /)
      await upstream.manifest(at(registry), 'away', insecure(login(registry.host)))
      assert.equal(authorizations(registry).at(-1), '')
    }),
  )

  it(
    'two registries with different secrets at once never get the other one',
    withUpstream(async (upstream) => {
      const serve = basic((_, response) => serveManifest(response))
      await using a = await startServer(serve)
      await using b = await startServer(serve)
      const keyring = login(a.host, b.host)
      await Promise.all(
        Array.from({ length: 20 }, (_, n) =>
          upstream.manifest(at(n % 2 === 0 ? a : b), `v${n}`, insecure(keyring)),
        ),
      )
      for (const server of [a, b]) {
        const users = authorizations(server)
          .filter((header) => header !== '')
          .map((header) => Buffer.from(header.slice(6), 'base64').toString().split(canary)[0])
        assert.deepEqual(new Set(users), new Set([`user-of-${server.host}:`]))
      }
    }),
  )

  it(
    'a token fetched with one credential is not used for another, nor for another repository',
    withUpstream(async (upstream) => {
      await using realm = await startServer(grantToken)
      await using registry = await startServer(tokenRegistry(() => `http://${realm.host}/token`))
      await upstream.manifest(at(registry), 'v1', insecure(login(registry.host)))
      await upstream.manifest(at(registry), 'v2', insecure(login(registry.host)))
      assert.equal(realm.seen.length, 1)
      await upstream.manifest(at(registry), 'v1', insecure())
      await upstream.manifest(at(registry, 'team/other'), 'v1', insecure(login(registry.host)))
      assert.equal(realm.seen.length, 3)
    }),
  )
})

describe('threat 16: secrets in errors', () => {
  it(
    'neither refused credentials nor signed URLs nor odd tokens show',
    withUpstream(async (upstream) => {
      await using realm = await startServer((_, response) =>
        send(response, 401, `{"details":"incorrect username or password"}`),
      )
      await using registry = await startServer(
        tokenRegistry(() => `http://${realm.host}/token?key=${canary}`),
      )
      const options = insecure(login(registry.host))
      assert.match(
        await failure(upstream.manifest(at(registry), 'v1', options), 'wrong-password'),
        /incorrect username or password$/,
      )
      await using odd = await startServer((_, response) =>
        send(response, 200, JSON.stringify({ token: `${canary}\r\nx: y` })),
      )
      await using second = await startServer(tokenRegistry(() => `http://${odd.host}/token`))
      await failure(upstream.manifest(at(second), 'v1', insecure(login(second.host))), 'bad-answer')
      await using closed = await startServer((request, response) => {
        if (!openPing(request, response))
          send(response, 307, '', { location: `http://127.0.0.1:1/x?sig=${canary}` })
      })
      await failure(upstream.manifest(at(closed), 'v1', insecure()), 'network')
    }),
  )
})
