import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { Digest } from '../oci/digest.ts'
import { createUpstream } from './create-upstream.ts'
import type { UpstreamErrorKind } from './errors.ts'
import { makeCertificates } from './testing/certificates.ts'
import { openPing, send, startServer } from './testing/hostile-server.ts'
import { digestOf, makeImage } from './testing/images.ts'
import {
  at,
  canary,
  failure,
  fakeLookup,
  image,
  insecure,
  onlyLoopback,
  outside,
  quick,
  serveManifest,
  withUpstream,
} from './testing/threat-kit.ts'

/** Rows 3, 4 and 5 of the table of threats: where requests go, and what comes back. */

describe('threat 3: where a reference may lead', () => {
  it(
    'redirects to metadata addresses and to other schemes are refused',
    withUpstream(async (upstream) => {
      for (const location of [
        'http://169.254.169.254/latest/meta-data/',
        'file:///etc/passwd',
        'http://u:p@127.0.0.1/',
        '//[fe80::1]/',
      ]) {
        await using registry = await startServer((request, response) => {
          if (!openPing(request, response)) send(response, 307, '', { location })
        })
        await failure(upstream.manifest(at(registry), 'v1', insecure()), 'forbidden-target')
      }
    }),
  )

  it(
    'a redirect may not lead further in than the registry stands',
    { skip: onlyLoopback },
    withUpstream(async (upstream) => {
      await using inner = await startServer((_, response) => serveManifest(response))
      await using registry = await startServer(
        (request, response) => {
          if (!openPing(request, response)) send(response, 307, '', { location: `http://${inner.host}/x` })
        },
        { address: outside ?? '' },
      )
      await failure(upstream.manifest(at(registry), 'v1', insecure()), 'forbidden-target')
      assert.equal(inner.seen.length, 0)
    }),
  )

  it('https never becomes http, neither by a redirect nor by a token realm', async () => {
    await using tls = await makeCertificates()
    await using plain = await startServer((_, response) => serveManifest(response))
    await using registry = await startServer(
      (request, response) => {
        if (request.url.startsWith('/v2/team/'))
          send(response, 307, '', { location: `http://${plain.host}/x` })
        else openPing(request, response)
      },
      { tls },
    )
    await using strict = createUpstream({ ...quick, extraCAs: [tls.ca] })
    assert.match(await failure(strict.manifest(at(registry), 'v1'), 'forbidden-target'), /redirect to http$/)
    const realm = `http://${plain.host}/token`
    await using asking = await startServer(
      (_, response) => send(response, 401, '{}', { 'www-authenticate': `Bearer realm="${realm}"` }),
      { tls },
    )
    assert.match(await failure(strict.manifest(at(asking), 'v1'), 'forbidden-target'), /realm is not https$/)
    assert.equal(plain.seen.length, 0)
  })

  it(
    'endless redirects end',
    withUpstream(async (upstream) => {
      await using registry = await startServer((request, response) => {
        if (!openPing(request, response)) send(response, 307, '', { location: `${request.url}x` })
      })
      assert.match(await failure(upstream.manifest(at(registry), 'v1', insecure())), /too many redirects/)
      assert.equal(registry.seen.length, 7)
    }),
  )

  it(
    'the body of an answer that is no registry error never shows',
    withUpstream(async (upstream) => {
      await using registry = await startServer((request, response) => {
        if (!openPing(request, response)) send(response, 403, `AWS_SECRET=${canary}`)
      })
      assert.match(
        await failure(upstream.manifest(at(registry), 'v1', insecure())),
        /^error parsing HTTP 403 response body: /,
      )
    }),
  )

  it('a name is judged anew whenever it is looked up', async () => {
    await using registry = await startServer((request, response) => {
      response.setHeader('connection', 'close')
      if (!openPing(request, response)) serveManifest(response)
    })
    let asked = 0
    // Harmless at first, a metadata service from then on.
    const lookup = fakeLookup({
      get 'rebind.test'() {
        return asked++ < 2 ? '127.0.0.1' : '169.254.169.254'
      },
    })
    await using upstream = createUpstream({ ...quick, lookup })
    const repository = { registry: `rebind.test:${registry.host.split(':')[1]}`, name: 'team/app' }
    await upstream.ping(repository.registry, insecure())
    const message = await failure(upstream.manifest(repository, 'v1', insecure()), 'forbidden-target')
    assert.match(message, /address not allowed$/)
  })

  it('loopback and private addresses can be forbidden', async () => {
    await using registry = await startServer((request, response) => void openPing(request, response))
    await using strict = createUpstream({ ...quick, addresses: { innermost: 'public' } })
    assert.match(
      await failure(strict.ping(registry.host, insecure()), 'forbidden-target'),
      /address not allowed$/,
    )
    assert.equal(registry.seen.length, 0)
    await using named = createUpstream({
      ...quick,
      addresses: { innermost: 'public', allowed: ['127.0.0.1/32'] },
    })
    await named.ping(registry.host, insecure())
  })
})

describe('threat 4: other bytes than asked for', () => {
  const other = makeImage('other')
  const cases: [string, (response: ServerResponse) => void, UpstreamErrorKind][] = [
    [
      'another manifest',
      (response) => send(response, 200, other.bytes, { 'content-type': other.mediaType }),
      'digest',
    ],
    [
      'another manifest under the right header',
      (response) =>
        send(response, 200, other.bytes, {
          'content-type': other.mediaType,
          'docker-content-digest': image.digest,
        }),
      'digest',
    ],
    [
      'a manifest that breaks off',
      (response) => {
        response.writeHead(200, { 'content-type': image.mediaType, 'content-length': image.bytes.length })
        response.write(image.bytes.subarray(0, 50))
        setImmediate(() => response.destroy())
      },
      'network',
    ],
  ]
  for (const [name, answer, kind] of cases) {
    it(
      `${name} is refused`,
      withUpstream(async (upstream) => {
        await using registry = await startServer((request, response) => {
          if (!openPing(request, response)) answer(response)
        })
        await failure(upstream.manifest(at(registry), image.digest, insecure()), kind)
      }),
    )
  }

  it(
    'a tag whose bytes are not those of their own header is refused, and so is a HEAD for another digest',
    withUpstream(async (upstream) => {
      await using registry = await startServer((request, response) => {
        if (openPing(request, response)) return
        send(response, 200, request.method === 'HEAD' ? '' : other.bytes, {
          'content-type': other.mediaType,
          'docker-content-digest': request.method === 'HEAD' ? other.digest : image.digest,
        })
      })
      await failure(upstream.manifest(at(registry), 'v1', insecure()), 'digest')
      await failure(upstream.headManifest(at(registry), image.digest, insecure()), 'digest')
    }),
  )

  const blob = Buffer.from('the real bytes of the blob')
  const blobDigest = digestOf(blob)
  const blobCases: [string, (response: ServerResponse) => void][] = [
    ['wrong bytes', (response) => send(response, 200, Buffer.from('THE REAL BYTES OF THE BLOB'))],
    ['fewer bytes', (response) => send(response, 200, blob.subarray(1))],
    ['more bytes', (response) => send(response, 200, Buffer.concat([blob, blob]))],
    [
      'a body that breaks off',
      (response) => {
        response.writeHead(200, { 'content-length': blob.length })
        response.write(blob.subarray(0, 10))
        setImmediate(() => response.destroy())
      },
    ],
    [
      'chunks that end early',
      (response) => {
        response.write(blob.subarray(0, 10))
        response.end()
      },
    ],
  ]
  for (const [name, answer] of blobCases) {
    it(
      `a blob of ${name} never ends cleanly`,
      withUpstream(async (upstream) => {
        await using registry = await startServer((request, response) => {
          if (!openPing(request, response)) answer(response)
        })
        const read = async () => buffer((await upstream.blob(at(registry), blobDigest, insecure())).stream)
        await failure(read())
        await failure(upstream.readBlob(at(registry), blobDigest, insecure()))
      }),
    )
  }

  it(
    'another part than asked for is refused; all instead of a part is told and verified',
    withUpstream(async (upstream) => {
      let header = 'bytes 3-9/26'
      await using registry = await startServer((request, response) => {
        if (openPing(request, response)) return
        if (header === '') return send(response, 200, blob)
        send(response, 206, blob.subarray(3, 10), { 'content-range': header })
      })
      const range = { start: 2, end: 8 }
      for (header of ['bytes 3-9/26', 'bytes 2-9/26', 'bytes 2-8/*', 'nonsense', 'bytes 8-2/26']) {
        await failure(upstream.blob(at(registry), blobDigest, { ...insecure(), range }), 'bad-answer')
      }
      header = ''
      const whole = await upstream.blob(at(registry), blobDigest, { ...insecure(), range })
      assert.equal(whole.range, undefined)
      assert.deepEqual(await buffer(whole.stream), blob)
    }),
  )

  it(
    'a refusal is not remembered',
    withUpstream(async (upstream) => {
      let isThere = false
      await using registry = await startServer((request, response) => {
        if (openPing(request, response)) return
        if (isThere) serveManifest(response)
        else send(response, 404, '{"errors":[{"code":"MANIFEST_UNKNOWN","message":"manifest unknown"}]}')
      })
      await failure(upstream.manifest(at(registry), 'v1', insecure()), 'not-found')
      isThere = true
      await upstream.manifest(at(registry), 'v1', insecure())
    }),
  )

  it(
    'a caller who hashes himself is given bytes unhashed, but never fewer or more of them than were announced',
    withUpstream(async (upstream) => {
      const bytes = Buffer.from('other bytes')
      const read = async (extra: number) => {
        await using registry = await startServer((request, response) => {
          if (openPing(request, response)) return
          response.writeHead(200, { 'content-length': String(bytes.length + extra) })
          response.write(bytes)
          setTimeout(() => response.destroy(), extra === 0 ? 1000 : 10).unref()
        })
        const options = { ...insecure(), isHashedByCaller: true }
        const { stream } = await upstream.blob(at(registry), image.config.digest, options)
        return Buffer.concat(await stream.toArray())
      }
      assert.deepEqual(await read(0), bytes)
      await failure(read(1), 'network')
    }),
  )
})

describe('threat 5: names that would lead elsewhere', () => {
  it('no text outside of the grammar reaches a URL', async () => {
    await using registry = await startServer((request, response) => void openPing(request, response))
    await using upstream = createUpstream(quick)
    const good = /^(?:[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}|sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/
    const nasty = fc.oneof(
      fc.string({ unit: 'binary' }),
      fc.constantFrom(
        '../x',
        '..%2fx',
        '%2e%2e',
        'a/../../b',
        'sha256:../..',
        'a?b',
        'a#b',
        'a b',
        'sha256:..\\..',
        '..',
        ' v1',
      ),
      fc.string({ unit: fc.constantFrom('.', '/', '%', '2', 'e', 'f', 'a', ':', '?', '#', '\\', '@', '-') }),
    )
    await fc.assert(
      fc.asyncProperty(nasty, async (text) => {
        if (!good.test(text)) await failure(upstream.manifest(at(registry), text, insecure()), 'bad-name')
        if (!/^sha(?:256|512):/.test(text)) {
          await failure(upstream.blob(at(registry), text as Digest, insecure()), 'bad-name')
        }
        if (!/^[a-z0-9]+(?:(?:\.|_|__|-+|\/)[a-z0-9]+)*$/.test(text)) {
          await failure(upstream.tags(at(registry, text), insecure()), 'bad-name')
        }
      }),
      { numRuns: 300 },
    )
    assert.deepEqual(registry.seen, [])
  })

  it(
    'registries are host and port, nothing else',
    withUpstream(async (upstream) => {
      for (const registry of [
        'a/b',
        'u@h',
        'u:p@h',
        'h:1/x',
        'h#',
        'h?',
        'h:99999999',
        '[::1]',
        'h:80@evil',
        'h..',
        '-h',
        'h\n',
      ]) {
        await failure(upstream.ping(registry), 'bad-name')
      }
    }),
  )
})
