import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from '../api/image/index.ts'
import { ociIndex, ociManifest } from '../oci/index.ts'
import { takePage } from './referrer-routes.ts'
import { digestOf, openRegistryLab, type RegistryLab } from './registry-lab.ts'
import {
  descriptorOf,
  errorCodes,
  importImage,
  manifestOf,
  pushBlob,
  pushImage,
  putManifest,
  setTag,
  type TestManifest,
} from './test-images.ts'

const tagsOf = async (lab: RegistryLab, query = '') => {
  const seen = await lab.request('GET', `/v2/demo/app/tags/list${query}`)
  return {
    tags: (seen.json() as { tags: string[] }).tags,
    link: seen.headers.get('link'),
    status: seen.status,
  }
}

describe('tags (A-60 to A-62)', () => {
  it('in byte order, newest items with an image only (r341, r342)', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'b')
    for (const tag of ['a', 'Z']) await putManifest(lab, 'demo/app', image, tag)
    await setTag(lab, 'demo/app', 'no-image', '', 'elsewhere.test/x:1')
    const seen = await lab.request('GET', '/v2/demo/app/tags/list', { as: 'bob' })
    assert.equal(seen.text, '{"name":"demo/app","tags":["Z","a","b"]}\n')
    assert.equal(seen.headers.get('content-type'), 'application/json')
    assert.deepEqual((await tagsOf(lab, '?last=aa')).tags, ['b'])
    assert.deepEqual((await tagsOf(lab, '?n=0')).tags, [])
    assert.equal((await tagsOf(lab, '?n=0')).link, null)
    assert.equal((await tagsOf(lab, '?n=3')).link, null)
  })

  it('a chain of links visits every tag once (r343)', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 't1')
    for (const tag of ['t2', 't3', 't4', 't5']) await putManifest(lab, 'demo/app', image, tag)
    const visited: string[] = []
    let next: string | null = '/v2/demo/app/tags/list?n=2'
    while (next !== null) {
      const seen = await lab.request('GET', next)
      visited.push(...(seen.json() as { tags: string[] }).tags)
      const link: string | null = seen.headers.get('link')
      next = link === null ? null : (/^<(.*)>; rel="next"$/.exec(link)?.[1] ?? null)
    }
    assert.deepEqual(visited, ['t1', 't2', 't3', 't4', 't5'])
    assert.equal((await tagsOf(lab, '?n=2')).link, '</v2/demo/app/tags/list?last=t2&n=2>; rel="next"')
  })

  it('an unknown repository is 404 with its name, an empty stream is an empty list', async () => {
    await using lab = await openRegistryLab()
    const seen = await lab.request('GET', '/v2/demo/app/tags/list')
    assert.equal(seen.status, 404)
    const message = 'repository name not known to registry'
    assert.deepEqual(seen.json(), {
      errors: [{ code: 'NAME_UNKNOWN', message, detail: { name: 'demo/app' } }],
    })
    await lab.client.create(imageStreams, 'demo', {
      metadata: { name: 'app', namespace: 'demo' },
      spec: { lookupPolicy: { local: false } },
      status: { dockerImageRepository: '' },
    })
    assert.equal((await lab.request('GET', '/v2/demo/app/tags/list')).text, '{"name":"demo/app","tags":[]}\n')
  })

  it('threat 7: a count that is none is 400', async () => {
    await using lab = await openRegistryLab()
    await pushImage(lab, 'demo/app', 'v1')
    for (const n of ['-1', 'NaN', '1e3', '9'.repeat(100)]) {
      const seen = await lab.request('GET', `/v2/demo/app/tags/list?n=${n}`)
      assert.equal(seen.status, 400)
      assert.deepEqual(errorCodes(seen), ['PAGINATION_NUMBER_INVALID'])
    }
  })
})

describe('catalogue (A-63)', () => {
  it('all streams by the bytes of the joined name, with links, for who may list them', async () => {
    await using lab = await openRegistryLab()
    for (const name of ['demo/b', 'demo/a-x', 'demo/a', 'bob/z', 'other/a']) {
      await setTag(lab, name, 'v1', digestOf(name))
    }
    const get = async (query = '') => {
      const seen = await lab.request('GET', `/v2/_catalog${query}`, { as: 'root' })
      assert.equal(seen.status, 200)
      return {
        names: (seen.json() as { repositories: string[] }).repositories,
        link: seen.headers.get('link'),
      }
    }
    const all = ['bob/z', 'demo/a', 'demo/a-x', 'demo/b', 'other/a']
    assert.deepEqual(await get(), { names: all, link: null })
    assert.deepEqual(await get('?n=2'), {
      names: all.slice(0, 2),
      link: '</v2/_catalog?last=demo%2Fa&n=2>; rel="next"',
    })
    assert.deepEqual(await get('?n=5'), { names: all, link: null })
    assert.deepEqual((await get('?n=2&last=demo/a')).names, all.slice(2, 4))
    assert.deepEqual((await get('?last=demo/aa')).names, all.slice(3))
    assert.deepEqual(await get('?n=0'), { names: [], link: null })
    assert.equal((await lab.request('GET', '/v2/_catalog?n=1001', { as: 'root' })).status, 400)
    assert.equal((await lab.request('GET', '/v2/_catalog?n=1000', { as: 'root' })).status, 200)
    assert.equal((await lab.request('GET', '/v2/_catalog', { as: 'alice' })).status, 401)
  })
})

describe('referrers (A-70 to A-74)', () => {
  interface Listed {
    manifests: { digest: string; artifactType?: string; annotations?: object }[]
  }
  const referrers = async (lab: RegistryLab, digest: string, query = '') => {
    const seen = await lab.request('GET', `/v2/demo/app/referrers/${digest}${query}`)
    assert.equal(seen.status, 200, seen.text)
    assert.equal(seen.headers.get('content-type'), ociIndex)
    return { ...(seen.json() as Listed), headers: seen.headers }
  }

  async function attach(
    lab: RegistryLab,
    subject: TestManifest,
    fields: object,
    reference?: string,
  ): Promise<TestManifest> {
    const config = await pushBlob(lab, 'demo/app', Buffer.from('{}'), 'application/vnd.oci.empty.v1+json')
    const document = { config, layers: [], subject: descriptorOf(subject), ...fields }
    const manifest = manifestOf(document, ociManifest)
    const seen = await putManifest(lab, 'demo/app', manifest, reference)
    assert.equal(seen.status, 201, seen.text)
    assert.equal(seen.headers.get('oci-subject'), subject.digest)
    return manifest
  }

  it('lists them by digest, filtered or not, before the subject exists, and until they go', async () => {
    await using lab = await openRegistryLab()
    const subject = manifestOf(
      { config: { mediaType: 'x/y', digest: digestOf('c'), size: 1 }, layers: [] },
      ociManifest,
    )
    const one = await attach(lab, subject, { artifactType: 'test/one', annotations: { n: '1' } })
    const two = await attach(lab, subject, { artifactType: 'test/two' })
    const plain = await attach(lab, subject, { annotations: { plain: 'yes' } })
    const { manifests } = await referrers(lab, subject.digest)
    const expected = [
      { ...descriptorOf(one), artifactType: 'test/one', annotations: { n: '1' } },
      { ...descriptorOf(two), artifactType: 'test/two' },
      {
        ...descriptorOf(plain),
        artifactType: 'application/vnd.oci.empty.v1+json',
        annotations: { plain: 'yes' },
      },
    ].sort((a, b) => (a.digest < b.digest ? -1 : 1))
    assert.deepEqual(manifests, expected)
    const filtered = await referrers(lab, subject.digest, '?artifactType=test/one')
    assert.deepEqual(
      filtered.manifests.map(({ digest }) => digest),
      [one.digest],
    )
    assert.equal(filtered.headers.get('oci-filters-applied'), 'artifactType')
    const either = await referrers(lab, subject.digest, '?artifactType=test/one&artifactType=test/two')
    assert.equal(either.manifests.length, 2)
    await lab.request('DELETE', `/v2/demo/app/manifests/${one.digest}`, { as: 'root' })
    assert.equal((await referrers(lab, subject.digest)).manifests.length, 2)
  })

  it('nothing found is an empty index, a malformed digest 400', async () => {
    await using lab = await openRegistryLab()
    assert.deepEqual((await referrers(lab, digestOf('nothing'))).manifests, [])
    assert.equal((await lab.request('GET', '/v2/demo/app/referrers/sha256:zz')).status, 400)
  })

  it('A-74: the list that older clients keep under a tag is merged in, each digest once', async () => {
    await using lab = await openRegistryLab()
    const subject = await pushImage(lab, 'demo/app', 'v1')
    const known = await attach(lab, subject, { artifactType: 'test/known' })
    const old = { ...descriptorOf(await pushImage(lab, 'demo/app')), artifactType: 'test/old' }
    const list = manifestOf({ manifests: [old, descriptorOf(known)] }, ociIndex)
    const tag = subject.digest.replace(':', '-')
    assert.equal((await putManifest(lab, 'demo/app', list, tag)).status, 201)
    const { manifests } = await referrers(lab, subject.digest)
    assert.deepEqual(
      manifests.map(({ digest, artifactType }) => [digest, artifactType]),
      [
        [known.digest, 'test/known'],
        [old.digest, 'test/old'],
      ].sort(([a = ''], [b = '']) => (a < b ? -1 : 1)),
    )
  })

  it('A-72: pages keep the filter and stay below 4 MiB', async () => {
    await using lab = await openRegistryLab()
    const subject = await pushImage(lab, 'demo/app', 'v1')
    for (const n of [1, 2, 3])
      await attach(lab, subject, { artifactType: 'test/a', annotations: { n: String(n) } })
    const seen: string[] = []
    let query = '?artifactType=test%2Fa&n=2'
    for (;;) {
      const { manifests, headers } = await referrers(lab, subject.digest, query)
      seen.push(...manifests.map(({ digest }) => digest))
      const link = headers.get('link')
      if (link === null) break
      assert.match(link, /artifactType=test%2Fa/)
      query = /\?[^>]*/.exec(link)?.[0] ?? ''
    }
    assert.equal(new Set(seen).size, 3)
    assert.equal(seen.length, 3)
    const big = { mediaType: 'x/y', size: 1, annotations: { a: 'x'.repeat(1 << 20) } }
    const many = Array.from({ length: 9 }, (_, n) => ({ ...big, digest: digestOf(String(n)) }))
    const { page, isMore } = takePage(many, undefined)
    assert.ok(isMore)
    assert.ok(JSON.stringify(page).length < 4 << 20)
  })

  it('§7.4: bound to the stream, a referrer belongs where its subject does, with its blobs', async () => {
    await using lab = await openRegistryLab({ config: { manifestVisibility: 'stream' } })
    const subject = await pushImage(lab, 'demo/app')
    const signature = await attach(lab, subject, { artifactType: 'test/signature' })
    const onSignature = await attach(lab, signature, { artifactType: 'test/countersignature' })
    const path = (digest: string) => `/v2/demo/app/manifests/${digest}`
    assert.equal((await lab.request('GET', path(signature.digest))).status, 404)
    await putManifest(lab, 'demo/app', subject, 'v1')
    for (const { digest } of [signature, onSignature]) {
      assert.equal((await lab.request('GET', path(digest))).status, 200)
    }
    const empty = digestOf('{}')
    assert.equal((await lab.request('GET', `/v2/demo/app/blobs/${empty}`)).status, 200)
    await importImage(lab, 'other/copy', 'v1', subject)
    assert.equal((await lab.request('GET', `/v2/other/copy/manifests/${signature.digest}`)).status, 404)
  })
})
