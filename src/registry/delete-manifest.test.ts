import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from '../api/image/index.ts'
import { openRegistryLab, type RegistryLab } from './registry-lab.ts'
import { dropTag, errorCodes, indexOf, pushImage, putManifest } from './test-images.ts'

const path = (reference: string) => `/v2/demo/app/manifests/${reference}`
const remove = (lab: RegistryLab, reference: string) => lab.request('DELETE', path(reference), { as: 'root' })
const status = async (lab: RegistryLab, reference: string) =>
  (await lab.request('HEAD', path(reference))).status

async function historyOf(lab: RegistryLab): Promise<Record<string, string[]>> {
  const { tags = [] } = (await lab.client.get(imageStreams, 'demo', 'app')).status
  return Object.fromEntries(tags.map(({ tag, items }) => [tag, (items ?? []).map(({ image }) => image)]))
}

describe('deleting a tag (B-101)', () => {
  for (const manifestVisibility of ['repository', 'stream'] as const) {
    it(`${manifestVisibility}: removes it from the stream; again is 404`, async () => {
      await using lab = await openRegistryLab({ config: { manifestVisibility } })
      const image = await pushImage(lab, 'demo/app', 'v1')
      await putManifest(lab, 'demo/app', image, 'v2')
      assert.equal((await remove(lab, 'v1')).status, 202)
      assert.equal(await status(lab, 'v1'), 404)
      assert.equal(await status(lab, 'v2'), 200)
      assert.deepEqual(await historyOf(lab), { v2: [image.digest] })
      const again = await remove(lab, 'v1')
      assert.equal(again.status, 404)
      assert.deepEqual(errorCodes(again), ['MANIFEST_UNKNOWN'])
    })
  }
})

describe('deleting a digest, repository mode (§0)', () => {
  it('drops every tag that stands for it and its place in other histories', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    await putManifest(lab, 'demo/app', image, 'v2')
    await putManifest(lab, 'demo/app', image, 'moved')
    const newer = await pushImage(lab, 'demo/app', 'moved')
    assert.equal((await remove(lab, image.digest)).status, 202)
    for (const reference of ['v1', 'v2', image.digest]) assert.equal(await status(lab, reference), 404)
    assert.equal(await status(lab, 'moved'), 200)
    assert.deepEqual(await historyOf(lab), { moved: [newer.digest] })
    assert.equal((await remove(lab, image.digest)).status, 404)
  })

  it('what an index still lists stays, and says so', async () => {
    await using lab = await openRegistryLab()
    const child = await pushImage(lab, 'demo/app')
    const index = indexOf([child])
    await putManifest(lab, 'demo/app', index, 'v1')
    assert.equal((await remove(lab, child.digest)).status, 405)
    assert.equal(await status(lab, child.digest), 200)
    assert.equal((await remove(lab, index.digest)).status, 202)
    assert.equal((await remove(lab, child.digest)).status, 202)
    assert.equal(await status(lab, child.digest), 404)
  })

  it('malformed digests are 400, and nothing goes where deletion is off', async () => {
    await using lab = await openRegistryLab({ config: { deleteEnabled: false } })
    await pushImage(lab, 'demo/app', 'v1')
    assert.equal((await remove(lab, 'v1')).status, 405)
    assert.equal(await status(lab, 'v1'), 200)
    await using open = await openRegistryLab()
    assert.equal((await remove(open, 'sha256:zz')).status, 400)
  })
})

describe('deleting a digest, stream mode (B-100, B-103)', () => {
  it('405 while the stream has it, 202 after, 404 when there is no link', async () => {
    await using lab = await openRegistryLab({ config: { manifestVisibility: 'stream' } })
    const image = await pushImage(lab, 'demo/app', 'v1')
    const refused = await remove(lab, image.digest)
    assert.equal(refused.status, 405)
    assert.deepEqual(errorCodes(refused), ['UNSUPPORTED'])
    await dropTag(lab, 'demo/app', 'v1')
    assert.equal((await remove(lab, image.digest)).status, 202)
    assert.equal((await remove(lab, image.digest)).status, 404)
  })

  it('works when the stream is gone', async () => {
    await using lab = await openRegistryLab({ config: { manifestVisibility: 'stream' } })
    const image = await pushImage(lab, 'demo/app', 'v1')
    await lab.client.delete(imageStreams, 'demo', 'app')
    assert.equal((await remove(lab, image.digest)).status, 202)
  })
})
