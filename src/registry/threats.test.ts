import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { readdir, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ociManifest } from '../oci/index.ts'
import { digestOf, type LabRequest, openRegistryLab, type RegistryLab } from './registry-lab.ts'
import { manifestOf, pushBlob, pushImage } from './test-images.ts'

/** Rows of the threat table that meet in the registry as a whole; others are tested beside the part that they concern. */

/** Sends a request line as it is, which a well-behaved client would not. */
async function raw(
  lab: RegistryLab,
  method: string,
  path: string,
  headers: readonly string[] = [],
): Promise<string> {
  const socket = connect(Number(new URL(lab.url).port), '127.0.0.1')
  const lines = [
    `${method} ${path} HTTP/1.1`,
    `Host: ${lab.host}`,
    'Authorization: Bearer alice-token',
    'Connection: close',
  ]
  socket.write(`${[...lines, ...headers].join('\r\n')}\r\n\r\n`)
  let answer = ''
  try {
    for await (const chunk of socket) answer += String(chunk)
  } catch {
    // A refused request may end in a reset; what came before it counts.
  }
  return answer
}

describe('threat 5: what is no name, tag, digest or upload id never becomes a path', () => {
  const evil = [
    '..',
    '../../etc/passwd',
    '..%2f..%2fetc%2fpasswd',
    '%2e%2e%2f%2e%2e%2fetc',
    '..%252f..%252fetc',
    '..%5c..%5cetc',
    'sha256:../../../../etc/passwd',
    'sha256:..%2f..%2f..%2fetc%2fpasswd',
    `sha256:${'a'.repeat(63)}%2f`,
    `sha256:${'a'.repeat(64)}%00`,
    'x%0d%0aSet-Cookie:%20a=b',
    '%00',
    '%ff%fe',
    '%',
  ]

  it('in any place of any route', async () => {
    await using lab = await openRegistryLab()
    const before = await readdir(tmpdir())
    for (const text of evil) {
      const routes: [string, string][] = [
        ['GET', `/v2/${text}/app/manifests/v1`],
        ['GET', `/v2/demo/${text}/manifests/v1`],
        ['GET', `/v2/demo/app/manifests/${text}`],
        ['PUT', `/v2/demo/app/manifests/${text}`],
        ['DELETE', `/v2/demo/app/manifests/${text}`],
        ['GET', `/v2/demo/app/blobs/${text}`],
        ['GET', `/v2/demo/app/blobs/uploads/${text}`],
        ['PATCH', `/v2/demo/app/blobs/uploads/${text}`],
        ['DELETE', `/v2/demo/app/blobs/uploads/${text}`],
        ['GET', `/v2/demo/app/referrers/${text}`],
        ['GET', `/extensions/v2/demo/app/signatures/${text}`],
        ['DELETE', `/admin/blobs/${text}`],
        ['POST', `/v2/demo/app/blobs/uploads/?digest=${text}`],
      ]
      for (const [method, path] of routes) {
        const answer = await raw(lab, method, path, ['Content-Length: 0'])
        assert.match(answer, /^HTTP\/1\.1 (400|401|404|405) /, `${method} ${path}: ${answer.slice(0, 100)}`)
        assert.doesNotMatch(answer, /^set-cookie/im)
        assert.doesNotMatch(answer, /root:/)
      }
      for (const query of [`mount=${text}&from=demo/app`, `mount=${digestOf('x')}&from=${text}`]) {
        const answer = await raw(lab, 'POST', `/v2/demo/app/blobs/uploads/?${query}`, ['Content-Length: 0'])
        assert.match(answer, /^HTTP\/1\.1 202 /)
      }
    }
    const { entries } = await lab.store.list('registry/')
    assert.deepEqual(entries, [])
    const after = (await readdir(tmpdir())).filter(
      (name) => !name.startsWith('weir-') && !before.includes(name),
    )
    assert.ok(!after.includes('etc'))
  })

  it('whatever the path, the answer is one of ours', async () => {
    await using lab = await openRegistryLab()
    const piece = fc.oneof(
      fc.constantFrom(
        'v2',
        'demo',
        'app',
        'blobs',
        'uploads',
        'manifests',
        'tags',
        'list',
        'referrers',
        'admin',
      ),
      fc.constantFrom('..', '.', '', '%2e', '%2f', '%', '%zz', 'sha256:0', '?', '#', 'a b'),
      fc.string({ maxLength: 8 }).map((text) => text.replace(/[\s\r\n]/g, '')),
    )
    await fc.assert(
      fc.asyncProperty(
        fc.array(piece, { maxLength: 8 }),
        fc.constantFrom('GET', 'HEAD', 'PUT'),
        async (path, method) => {
          const target = `/${path.join('/')}`.replace(/[^\x21-\x7e]/g, '')
          const answer = await raw(lab, method, target, ['Content-Length: 0'])
          assert.doesNotMatch(answer, /^HTTP\/1\.1 5/, target)
          assert.match(answer, /^HTTP\/1\.1 \d{3} /, target)
        },
      ),
      { numRuns: 150 },
    )
  })
})

describe('threat 7: bodies without end', () => {
  it('an endless manifest is refused at the limit and its connection ended', async () => {
    await using lab = await openRegistryLab()
    let sent = 0
    // Each piece is a turn of the event loop, or the end of the connection would never be heard of.
    async function* endless(): AsyncGenerator<Uint8Array> {
      while (sent < 512 << 20) {
        await new Promise(setImmediate)
        sent += 1 << 16
        yield Buffer.alloc(1 << 16, 0x20)
      }
    }
    const seen = await lab
      .request('PUT', '/v2/demo/app/manifests/v1', {
        body: endless(),
        headers: { 'content-type': ociManifest },
      })
      .then(({ status }) => status)
      .catch(() => 413)
    assert.equal(seen, 413)
    assert.ok(sent < 256 << 20, `${sent} bytes were taken`)
  })

  it('a tag list of a hundred thousand names is one sorted page at a time', async () => {
    const tags = Array.from({ length: 100_000 }, (_, n) => `t${n}`)
    const items = [{ image: digestOf('x'), dockerImageReference: 'x', created: '' }]
    const stream = {
      namespace: 'demo',
      name: 'app',
      tags: new Map(tags.map((tag) => [tag, items])),
      ownRepositories: [],
      isInsecure: false,
      insecureTags: new Set<string>(),
    }
    const reader = {
      stream: async () => stream,
      image: async () => undefined,
      names: async () => [],
      [Symbol.asyncDispose]: async () => undefined,
    }
    await using lab = await openRegistryLab({ deps: { reader } })
    const seen = await lab.request('GET', '/v2/demo/app/tags/list?n=3&last=t99998')
    assert.deepEqual(seen.json(), { name: 'demo/app', tags: ['t99999'] })
  })
})

describe('threat 9: every endpoint × whoever may not', () => {
  const unknown = digestOf('nothing')

  it('answers 401, and the same whether the thing is there or not', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const blob = image.layers[0]?.digest ?? ''
    const upload = await lab.request('POST', '/v2/demo/app/blobs/uploads/')
    const session = upload.headers.get('location')?.slice(lab.url.length) ?? ''
    const pairs: [string, string, string][] = [
      ['GET', '/v2/demo/app/tags/list', '/v2/demo/none/tags/list'],
      ['GET', '/v2/demo/app/manifests/v1', '/v2/demo/app/manifests/none'],
      ['HEAD', `/v2/demo/app/manifests/${image.digest}`, `/v2/demo/none/manifests/${unknown}`],
      ['PUT', '/v2/demo/app/manifests/v1', '/v2/demo/none/manifests/v1'],
      ['DELETE', '/v2/demo/app/manifests/v1', '/v2/demo/none/manifests/v1'],
      ['GET', `/v2/demo/app/blobs/${blob}`, `/v2/demo/app/blobs/${unknown}`],
      ['HEAD', `/v2/demo/app/blobs/${blob}`, `/v2/nowhere/none/blobs/${unknown}`],
      ['DELETE', `/v2/demo/app/blobs/${blob}`, `/v2/demo/app/blobs/${unknown}`],
      ['POST', '/v2/demo/app/blobs/uploads/', '/v2/nowhere/none/blobs/uploads/'],
      ['GET', session, '/v2/demo/app/blobs/uploads/none'],
      ['PATCH', session, '/v2/demo/app/blobs/uploads/none'],
      ['PUT', session, '/v2/demo/app/blobs/uploads/none'],
      ['DELETE', session, '/v2/demo/app/blobs/uploads/none'],
      ['GET', `/v2/demo/app/referrers/${image.digest}`, `/v2/demo/app/referrers/${unknown}`],
      [
        'GET',
        `/extensions/v2/demo/app/signatures/${image.digest}`,
        `/extensions/v2/demo/app/signatures/${unknown}`,
      ],
      [
        'PUT',
        `/extensions/v2/demo/app/signatures/${image.digest}`,
        `/extensions/v2/demo/app/signatures/${unknown}`,
      ],
      ['GET', '/v2/_catalog', '/v2/_catalog'],
      ['DELETE', `/admin/blobs/${blob}`, `/admin/blobs/${unknown}`],
    ]
    const strangers: Record<string, LabRequest> = {
      nobody: { as: '' },
      anonymous: { as: '', headers: { authorization: 'Bearer anonymous' } },
      'an unknown token': { as: 'expired' },
      'another tenant': { as: 'mallory' },
    }
    for (const [who, request] of Object.entries(strangers)) {
      for (const [method, there, missing] of pairs) {
        const [one, other] = [
          await lab.request(method, there, request),
          await lab.request(method, missing, request),
        ]
        assert.equal(one.status, 401, `${who}: ${method} ${there}`)
        assert.equal(other.status, 401, `${who}: ${method} ${missing}`)
        const challenge = (seen: typeof one) => seen.headers.get('www-authenticate')
        assert.equal(challenge(one), challenge(other))
      }
    }
    assert.equal((await lab.request('GET', '/v2/demo/app/manifests/v1')).status, 200)
  })

  it('who may only pull changes nothing', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const writes: [string, string][] = [
      ['PUT', '/v2/demo/app/manifests/v2'],
      ['DELETE', '/v2/demo/app/manifests/v1'],
      ['DELETE', `/v2/demo/app/blobs/${image.config.digest}`],
      ['POST', '/v2/demo/app/blobs/uploads/'],
      ['POST', `/v2/demo/new/blobs/uploads/?mount=${image.config.digest}&from=demo/app`],
      ['PUT', `/extensions/v2/demo/app/signatures/${image.digest}`],
      ['DELETE', `/admin/blobs/${image.config.digest}`],
    ]
    for (const [method, path] of writes) {
      assert.equal((await lab.request(method, path, { as: 'bob' })).status, 401, `${method} ${path}`)
    }
    assert.equal((await lab.request('GET', '/v2/demo/app/manifests/v1', { as: 'bob' })).status, 200)
  })

  it('threat 11: who administers a project may push there and delete nothing', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    for (const path of [`manifests/${image.digest}`, 'manifests/v1', `blobs/${image.config.digest}`]) {
      assert.equal((await lab.request('DELETE', `/v2/demo/app/${path}`)).status, 401)
    }
  })
})

describe('threat 12: an upload belongs to who started it, where it was started', () => {
  it('to all others it does not exist', async () => {
    await using lab = await openRegistryLab()
    lab.grants.push({
      user: 'mallory',
      verbs: ['get', 'update'],
      resource: 'imagestreams/layers',
      namespace: 'demo',
    })
    const started = await lab.request('POST', '/v2/demo/app/blobs/uploads/')
    const location = started.headers.get('location') ?? ''
    for (const method of ['GET', 'HEAD', 'PATCH', 'PUT', 'DELETE']) {
      const url = method === 'PUT' ? `${location}&digest=${digestOf('evil')}` : location
      const body = method === 'PATCH' || method === 'PUT' ? { body: 'evil' } : {}
      const other = await lab.request(method, url, { as: 'mallory', ...body })
      assert.equal(other.status, 404, method)
      const elsewhere = await lab.request(method, url.replace('/demo/app/', '/other/app/'), body)
      assert.equal(elsewhere.status, 404, method)
    }
    const mine = await lab.request('PUT', `${location}&digest=${digestOf('good')}`, { body: 'good' })
    assert.equal(mine.status, 201)
  })
})

describe('threat 15: nothing that a client names ends up as a header or as markup', () => {
  it('details are JSON, and headers hold only what was parsed', async () => {
    await using lab = await openRegistryLab()
    const evil = '<script>alert(1)</script>\u001b[31m\u202e'
    const seen = await lab.request('GET', `/v2/demo/app/manifests/${encodeURIComponent('<b>')}`)
    assert.equal(seen.status, 404)
    assert.equal(seen.headers.get('content-type'), 'application/json')
    const annotations = { title: evil, 'x\r\nSet-Cookie: a': 'b' }
    const subject = { mediaType: ociManifest, digest: digestOf('subject'), size: 1 }
    const config = await pushBlob(lab, 'demo/app', randomBytes(10), 'x/y')
    const manifest = manifestOf(
      { config, layers: [], subject, annotations, artifactType: 'a/b\r\nX: y' },
      ociManifest,
    )
    const pushed = await lab.request('PUT', '/v2/demo/app/manifests/v1', {
      body: manifest.bytes,
      headers: { 'content-type': ociManifest },
    })
    assert.equal(pushed.status, 201)
    assert.equal(pushed.headers.get('set-cookie'), null)
    const listed = await lab.request('GET', `/v2/demo/app/referrers/${subject.digest}`)
    const [referrer] = (listed.json() as { manifests: { annotations: object }[] }).manifests
    assert.deepEqual(referrer?.annotations, annotations)
  })
})

describe('threat 16: no credential is logged or answered', () => {
  it('whatever fails', async () => {
    await using lab = await openRegistryLab()
    const canary = 'alice-token'
    await rm(lab.dir, { recursive: true })
    const texts: string[] = []
    const requests: [string, string, LabRequest][] = [
      ['POST', `/v2/demo/app/blobs/uploads/?digest=${digestOf('x')}&token=${canary}`, { body: 'x' }],
      ['GET', '/v2/demo/app/manifests/none', {}],
      ['GET', `/v2/_catalog?access_token=${canary}`, {}],
      ['GET', '/v2/', { as: 'wrong' }],
      ['PUT', '/v2/demo/app/manifests/v1', { body: '{' }],
    ]
    for (const [method, path, request] of requests) {
      const seen = await lab.request(method, path, request)
      texts.push(seen.text, JSON.stringify([...seen.headers]))
      assert.doesNotMatch(seen.text, /weir-registry/)
    }
    assert.match(lab.logged(), /request failed/)
    for (const text of [...texts, lab.logged()]) assert.doesNotMatch(text, /alice-token|wrong-token/)
  })
})
