import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { openRegistryLab, type RegistryLab } from './registry-lab.ts'
import { pushBlob, pushImage } from './test-images.ts'

const remove = (lab: RegistryLab, removals: unknown, as = 'root') =>
  lab.request('POST', '/admin/removals', {
    as,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ removals }),
  })

describe('removals in one request', () => {
  it('are answered one by one, as the requests that they stand for', async () => {
    await using lab = await openRegistryLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const [linked, stored] = [randomBytes(10), randomBytes(10)]
    const { digest } = await pushBlob(lab, 'demo/app', linked, 'x')
    const other = await pushBlob(lab, 'demo/app', stored, 'x')
    const gone = `sha256:${'0'.repeat(64)}`
    const seen = await remove(lab, [
      { kind: 'layer-link', repository: 'demo/app', digest },
      { kind: 'layer-link', repository: 'demo/app', digest: gone },
      { kind: 'manifest-link', repository: 'demo/app', digest: image.digest },
      { kind: 'blob', digest: other.digest },
      { kind: 'blob', digest: gone },
    ])
    assert.equal(seen.status, 200)
    // A tag names the image: its link stays.
    assert.deepEqual(JSON.parse(seen.text), { statuses: [202, 404, 405, 204, 204] })
    for (const blob of [digest, other.digest]) {
      assert.equal((await lab.request('GET', `/v2/demo/app/blobs/${blob}`)).status, 404)
    }
    assert.equal((await lab.request('GET', '/v2/demo/app/manifests/v1')).status, 200)
  })

  it('take many at once', async () => {
    await using lab = await openRegistryLab()
    const blobs = await Promise.all(
      Array.from({ length: 100 }, () => pushBlob(lab, 'demo/app', randomBytes(10), 'x')),
    )
    const seen = await remove(
      lab,
      blobs.map(({ digest }) => ({ kind: 'blob', digest })),
    )
    assert.deepEqual(JSON.parse(seen.text), { statuses: blobs.map(() => 204) })
    for (const { digest } of blobs) {
      assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 404)
    }
  })

  it('are for those alone who may delete images', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(10), 'x')
    for (const as of ['alice', 'bob', '']) {
      assert.equal((await remove(lab, [{ kind: 'blob', digest }], as)).status, 401)
    }
    assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 200)
  })

  it('are refused whole where one is not of its shape: nothing is removed then', async () => {
    await using lab = await openRegistryLab()
    const { digest } = await pushBlob(lab, 'demo/app', randomBytes(10), 'x')
    const good = { kind: 'blob', digest }
    for (const bad of [
      null,
      {},
      { kind: 'blob' },
      { kind: 'blob', digest: '../x' },
      { kind: 'tag', repository: 'demo/app', digest },
      { kind: 'layer-link', digest },
      { kind: 'layer-link', repository: '../../admin', digest },
      { kind: 'manifest-link', repository: 'demo/app?x', digest },
    ]) {
      assert.equal((await remove(lab, [good, bad])).status, 400, JSON.stringify(bad))
    }
    assert.equal((await remove(lab, 'all')).status, 400)
    assert.equal((await remove(lab, Array(1001).fill(good))).status, 400)
    assert.equal((await remove(lab, [{ ...good, more: 'x'.repeat(1 << 20) }])).status, 400)
    const text = await lab.request('POST', '/admin/removals', { as: 'root', body: '{' })
    assert.equal(text.status, 400)
    assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${digest}`)).status, 200)
  })

  it('are no way to write where nothing may be written', async () => {
    await using lab = await openRegistryLab({ config: { readOnly: true } })
    assert.equal((await remove(lab, [])).status, 405)
  })
})
