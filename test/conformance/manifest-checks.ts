import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { type Connect, pushBlob } from './blob-checks.ts'
import { type DataSet, type Descriptor, type ManifestItem, makeDataSets } from './data-sets.ts'
import { digestOf, type Seen, type Wire } from './wire.ts'

const ociIndex = 'application/vnd.oci.image.index.v1+json'

interface Case {
  wire: Wire
  repository: string
  set: DataSet
}

function checkServed(seen: Seen, item: ManifestItem): void {
  assert.equal(seen.status, 200)
  assert.equal(seen.headers.get('content-type'), item.mediaType)
  assert.equal(seen.headers.get('content-length'), String(item.bytes.length))
}

async function putManifest({ wire, repository }: Case, item: ManifestItem, reference: string): Promise<void> {
  const query = (item.tagParameters ?? []).map((tag) => `tag=${tag}`).join('&')
  const path = `/v2/${repository}/manifests/${reference}${query === '' ? '' : `?${query}`}`
  const seen = await wire.send('PUT', path, { headers: { 'content-type': item.mediaType }, body: item.bytes })
  assert.equal(seen.status, 201, seen.bytes.toString())
  assert.equal(seen.headers.get('oci-subject'), item.subject ?? null)
  assert.equal(seen.headers.get('docker-content-digest'), item.digest)
  if (query !== '') {
    assert.deepEqual((seen.headers.get('oci-tag') ?? '').split(', '), item.tagParameters)
  }
  const location = seen.headers.get('location')
  assert.ok(location)
  const got = await wire.send('GET', location, { headers: { accept: item.mediaType } })
  checkServed(got, item)
  assert.deepEqual(got.bytes, Buffer.from(item.bytes))
}

async function push(one: Case): Promise<void> {
  for (const { bytes } of one.set.blobs) await pushBlob(one.wire, one.repository, bytes, one.set.algorithm)
  for (const item of one.set.manifests) {
    await putManifest(one, item, item.digest)
    for (const tag of item.tags) await putManifest(one, item, tag)
  }
}

const tagsOf = ({ manifests }: DataSet): string[] =>
  manifests.flatMap(({ tags, tagParameters = [] }) => [...tags, ...tagParameters]).sort()

async function checkTags({ wire, repository, set }: Case): Promise<void> {
  const pushed = tagsOf(set)
  if (pushed.length === 0) return
  const { tags } = (await wire.send('GET', `/v2/${repository}/tags/list`)).json<{ tags: string[] }>()
  for (const tag of pushed) assert.ok(tags.includes(tag), `${tag} is not listed`)
  if (tags.length < 2) return
  const middle = [...tags].sort()[tags.length >> 1] as string
  const after = (await wire.send('GET', `/v2/${repository}/tags/list?last=${middle}`)).json<{
    tags: string[]
  }>()
  assert.deepEqual(
    after.tags,
    tags.filter((tag) => tag > middle),
  )
}

async function checkReads({ wire, repository, set }: Case, method: 'GET' | 'HEAD'): Promise<void> {
  for (const item of set.manifests) {
    for (const reference of [item.digest, ...item.tags, ...(item.tagParameters ?? [])]) {
      const path = `/v2/${repository}/manifests/${reference}`
      const seen = await wire.send(method, path, { headers: { accept: item.mediaType } })
      checkServed(seen, item)
      assert.deepEqual(seen.bytes, method === 'HEAD' ? Buffer.alloc(0) : Buffer.from(item.bytes))
    }
  }
  for (const { bytes, digest } of set.blobs) {
    const seen = await wire.send(method, `/v2/${repository}/blobs/${digest}`)
    assert.equal(seen.status, 200)
    assert.equal(seen.headers.get('content-length'), String(bytes.length))
    if (method === 'GET') assert.deepEqual(seen.bytes, Buffer.from(bytes))
  }
}

async function referrersOf(one: Case, subject: string, artifactType?: string): Promise<Descriptor[]> {
  const filter = artifactType === undefined ? '' : `?artifactType=${encodeURIComponent(artifactType)}`
  const seen = await one.wire.send('GET', `/v2/${one.repository}/referrers/${subject}${filter}`)
  assert.equal(seen.status, 200)
  assert.equal(seen.headers.get('content-type'), ociIndex)
  if (artifactType !== undefined) {
    assert.equal(seen.headers.get('oci-filters-applied'), 'artifactType')
  }
  return seen.json<{ manifests: Descriptor[] }>().manifests
}

async function checkReferrers(one: Case): Promise<void> {
  for (const [subject, expected] of Object.entries(one.set.referrers)) {
    const found = await referrersOf(one, subject)
    for (const descriptor of expected) {
      assert.deepEqual(
        found.find(({ digest }) => digest === descriptor.digest),
        descriptor,
      )
    }
    for (const type of new Set(expected.map(({ artifactType }) => artifactType))) {
      if (type === undefined) continue
      const filtered = await referrersOf(one, subject, type)
      const wanted = expected.filter(({ artifactType }) => artifactType === type)
      assert.deepEqual(filtered.map(({ digest }) => digest).sort(), wanted.map(({ digest }) => digest).sort())
    }
  }
}

async function remove({ wire }: Case, path: string): Promise<void> {
  const { status } = await wire.send('DELETE', path)
  assert.ok(status === 202 || status === 404, `DELETE ${path}: ${status}`)
  assert.equal((await wire.send('HEAD', path)).status, 404, `${path} is still there`)
}

async function checkDeletion(one: Case): Promise<void> {
  const base = `/v2/${one.repository}`
  for (const tag of tagsOf(one.set)) await remove(one, `${base}/manifests/${tag}`)
  for (const { digest } of [...one.set.manifests].reverse()) await remove(one, `${base}/manifests/${digest}`)
  for (const { digest } of one.set.blobs) await remove(one, `${base}/blobs/${digest}`)
  for (const subject of Object.keys(one.set.referrers)) {
    assert.deepEqual(await referrersOf(one, subject), [])
  }
}

export function manifestChecks(name: string, connect: Connect): void {
  describe(`${name}: data sets`, () => {
    for (const set of makeDataSets()) {
      it(`${set.name}: push, tag-list, head, pull, referrers, delete`, async () => {
        await using target = await connect()
        const one: Case = { wire: target.wire, repository: target.repositories[0], set }
        await push(one)
        await checkTags(one)
        await checkReads(one, 'HEAD')
        await checkReads(one, 'GET')
        await checkReferrers(one)
        await checkDeletion(one)
      })
    }

    it('bad-digest-image: PUT by digest of other bytes is refused', async () => {
      await using target = await connect()
      const { wire, repositories } = target
      const [repository] = repositories
      const config = Buffer.from('{}')
      const digest = await pushBlob(wire, repository, config)
      const document = {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: { mediaType: 'application/vnd.oci.image.config.v1+json', digest, size: 2 },
        layers: [],
      }
      const bytes = Buffer.from(JSON.stringify(document))
      for (const algorithm of ['sha256', 'sha512'] as const) {
        const path = `/v2/${repository}/manifests/${digestOf(bytes, algorithm)}`
        const body = Buffer.concat([bytes, Buffer.from('\n')])
        const headers = { 'content-type': document.mediaType }
        assert.equal((await wire.send('PUT', path, { headers, body })).status, 400)
        assert.equal((await wire.send('HEAD', path)).status, 404)
      }
    })
  })

  describe(`${name}: missing and malformed`, () => {
    it('missing-manifest by digest and by tag', async () => {
      await using target = await connect()
      const base = `/v2/${target.repositories[0]}/manifests`
      const digest = digestOf(randomBytes(8))
      for (const reference of [digest, 'no-such-tag']) {
        assert.equal((await target.wire.send('GET', `${base}/${reference}`)).status, 404)
        assert.equal((await target.wire.send('HEAD', `${base}/${reference}`)).status, 404)
      }
    })

    it('invalid-digest-format: PUT 400, GET 404 or 400', async () => {
      await using target = await connect()
      const path = `/v2/${target.repositories[0]}/manifests/sha256:baddigeststring`
      const headers = { 'content-type': 'application/vnd.oci.image.manifest.v1+json' }
      assert.equal((await target.wire.send('PUT', path, { headers, body: Buffer.from('{}') })).status, 400)
      assert.ok([400, 404].includes((await target.wire.send('GET', path)).status))
    })
  })
}
