import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hashSync } from 'bcryptjs'
import { makeCertificates } from '../../src/upstream/testing/certificates.ts'
import {
  registryMissing,
  startRegistry,
  type TestRegistryOptions,
} from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { assertHidden, type Canary } from './hidden.ts'
import { openSite, type Site, tagOf } from './open-site.ts'
import { issuer, service, startTokenServer } from './token-server.ts'
import { startProxy } from './watching-proxy.ts'

/** Private registries: which secret goes where, and nowhere else. */

const skip = registryMissing ?? false
const image = makeImage('private')

/** A registry that keeps to itself, with content that was brought in by another door. */
async function openPrivate(options: TestRegistryOptions, repositories: readonly string[]) {
  await using opened = new AsyncDisposableStack()
  const data = await mkdtemp(join(tmpdir(), 'weir-shared-'))
  opened.defer(() => rm(data, { recursive: true, force: true }))
  const door = await startRegistry({ data })
  for (const repository of repositories) {
    await pushImage({ url: `http://${door.host}`, repository }, 'latest', image)
  }
  await door[Symbol.asyncDispose]()
  const registry = opened.use(await startRegistry({ ...options, data }))
  const proxy = opened.use(await startProxy(registry.host))
  const parts = opened.move()
  return { proxy, host: proxy.host, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

const login = (user: string, password: string) => `${user}:${hashSync(password, 4)}`

async function addSecret(site: Site, name: string, server: string, user: string, password: string) {
  await site.oc(
    ...['create', 'secret', 'docker-registry', name, `--docker-server=${server}`],
    ...[`--docker-username=${user}`, `--docker-password=${password}`, '--docker-email=unused'],
  )
}

const importImage = (site: Site, stream: string, from: string) =>
  site.tryOc(['import-image', stream, `--from=${from}`, '--confirm', '--insecure'])

async function assertRefused(site: Site, stream: string, from: string): Promise<void> {
  const ended = await importImage(site, stream, from)
  assert.equal(ended.code, 1)
  const message = `you may not have access to the container image "${from}:latest"`
  assert.ok(ended.stderr.includes(message), ended.stderr)
  const { condition } = tagOf(await site.get('is', stream), 'latest')
  assert.deepEqual([condition?.reason, condition?.message], ['Unauthorized', message])
}

async function assertImported(site: Site, stream: string, from: string): Promise<void> {
  const ended = await importImage(site, stream, from)
  assert.equal(ended.code, 0, ended.stderr)
  const { items, condition } = tagOf(await site.get('is', stream), 'latest')
  assert.deepEqual([items[0]?.image, condition], [image.digest, undefined])
}

describe('imports from private registries', { skip }, () => {
  it('basic auth: the secret of the host and of the longest path, wrong ones refused, none shown', async () => {
    const users = { whole: 'canary-whole-51c', teamb: 'canary-teamb-9d0', wrong: 'canary-wrong-77e' }
    const htpasswd = `${login('whole', users.whole)}\n${login('teamb', users.teamb)}\n`
    await using registry = await openPrivate({ htpasswd }, ['team-a/app', 'team-b/app'])
    await using site = await openSite()
    const { host, proxy } = registry
    await assertRefused(site, 'before', `${host}/team-a/app`)

    await addSecret(site, 'z-wrong', host, 'whole', users.wrong)
    await assertRefused(site, 'wrong', `${host}/team-a/app`)
    await site.oc('delete', 'secret', 'z-wrong')

    await addSecret(site, 'whole-host', host, 'whole', users.whole)
    await addSecret(site, 'team-b', `${host}/team-b`, 'teamb', users.teamb)
    const seenBefore = proxy.seen.length
    await assertImported(site, 'a', `${host}/team-a/app`)
    await assertImported(site, 'b', `${host}/team-b/app`)
    // What was refused is imported once there is a secret.
    await assertImported(site, 'before', `${host}/team-a/app`)
    for (const { url, headers } of proxy.seen.slice(seenBefore)) {
      if (url === '/v2/') continue
      const user = url.startsWith('/v2/team-b/') ? 'teamb' : 'whole'
      assert.equal(headers.authorization, `Basic ${btoa(`${user}:${users[user]}`)}`, url)
    }
    const canaries: Canary[] = Object.entries(users).map(([name, password]) => ({
      user: name === 'wrong' ? 'whole' : name,
      password,
      heardBy: [proxy],
    }))
    await assertHidden(site, canaries, [proxy])
  })

  it('a secret of another project is none', async () => {
    const htpasswd = login('u', 'canary-other-3a1')
    await using registry = await openPrivate({ htpasswd }, ['team/app'])
    await using site = await openSite()
    await site.oc('new-project', 'elsewhere')
    await addSecret(site, 'pull', registry.host, 'u', 'canary-other-3a1')
    await site.oc('project', 'demo-project')
    await assertRefused(site, 'app', `${registry.host}/team/app`)
    await assertHidden(site, [{ user: 'u', password: 'canary-other-3a1', heardBy: [] }], [registry.proxy])
  })

  it('a token server: the secret of the registry opens both', async () => {
    await using certificates = await makeCertificates()
    const password = 'canary-token-88f'
    await using tokens = await startTokenServer({ accounts: { dev: password }, ...certificates })
    const token = { realm: tokens.realm, service, issuer, rootCertificates: certificates.caFile }
    await using registry = await openPrivate({ token }, ['team/app'])
    await using site = await openSite()
    await assertRefused(site, 'app', `${registry.host}/team/app`)
    await addSecret(site, 'pull', registry.host, 'dev', password)
    await assertImported(site, 'app', `${registry.host}/team/app`)
    const asked = tokens.seen.map(({ url }) => new URL(url, 'http://t').searchParams.get('scope'))
    assert.deepEqual([...new Set(asked)], ['repository:team/app:pull'])
    // The registry itself sees tokens only, nobody but it sees those.
    await assertHidden(site, [{ user: 'dev', password, heardBy: [tokens] }], [registry.proxy, tokens])
    const bearers = registry.proxy.seen.flatMap(({ headers }) => headers.authorization ?? [])
    assert.ok(bearers.length > 0)
    for (const bearer of bearers) {
      const text = bearer.replace('Bearer ', '')
      assert.ok(!`${site.log()}${site.said()}`.includes(text), 'a token is in the log')
    }
  })

  it('delegated authentication: one secret for the token server, one for the registry', async () => {
    await using certificates = await makeCertificates()
    const sso = 'canary-sso-0b2'
    const own = 'canary-registry-5e6'
    const accounts = { dev: sso }
    await using tokens = await startTokenServer({ accounts, ...certificates, hostname: 'localhost' })
    const token = { realm: tokens.realm, service, issuer, rootCertificates: certificates.caFile }
    await using registry = await openPrivate({ token }, ['team/app'])
    await using site = await openSite()
    // A registry may name any token server: its secret alone goes nowhere.
    await addSecret(site, 'private-registry', registry.host, 'dev', own)
    await assertRefused(site, 'app', `${registry.host}/team/app`)
    await addSecret(site, 'sso', new URL(tokens.realm).host, 'dev', sso)
    await assertImported(site, 'app', `${registry.host}/team/app`)
    const canaries = [
      { user: 'dev', password: sso, heardBy: [tokens] },
      { user: 'dev', password: own, heardBy: [] },
    ]
    await assertHidden(site, canaries, [registry.proxy, tokens])
  })

  it('the machine’s own credentials serve every project, after those of the project', async () => {
    const password = 'canary-node-c41'
    await using registry = await openPrivate({ htpasswd: login('node', password) }, ['team/app'])
    await using folder = await openFolder()
    const auths = { [registry.host]: { auth: btoa(`node:${password}`) } }
    const file = await folder.write('config.json', JSON.stringify({ auths }))
    await using site = await openSite({ config: `import: {nodeAuthFile: ${file}}\n` })
    await assertImported(site, 'app', `${registry.host}/team/app`)
    await addSecret(site, 'wrong', registry.host, 'node', 'canary-stale-12d')
    await assertRefused(site, 'other', `${registry.host}/team/app`)
    const canaries = [
      { user: 'node', password, heardBy: [registry.proxy] },
      { user: 'node', password: 'canary-stale-12d', heardBy: [registry.proxy] },
    ]
    await assertHidden(site, canaries, [registry.proxy])
  })
})

async function openFolder() {
  const { writeFile } = await import('node:fs/promises')
  const dir = await mkdtemp(join(tmpdir(), 'weir-folder-'))
  return {
    async write(name: string, text: string): Promise<string> {
      await writeFile(join(dir, name), text)
      return join(dir, name)
    },
    [Symbol.asyncDispose]: () => rm(dir, { recursive: true, force: true }),
  }
}
