import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gunzipSync } from 'node:zlib'
import { configMaps } from '../../src/api/index.ts'
import { objectKey } from '../../src/resources/keys.ts'
import { encodeObject } from '../../src/resources/object-codec.ts'
import { type Lab, openLab } from './open-lab.ts'

const path = '/api/v1/namespaces/demo/configmaps'
const nameOf = (n: number) => `c-${String(n).padStart(4, '0')}`

/** In every form more than is sent in one piece. */
const count = 1400

/** Objects, straight into the store. */
async function fill(lab: Lab, count: number): Promise<void> {
  await lab.store.commit(
    Array.from({ length: count }, (_, n) => ({
      key: objectKey(configMaps, 'demo', nameOf(n)),
      value: encodeObject({
        metadata: { name: nameOf(n), namespace: 'demo', creationTimestamp: '2026-01-01T00:00:00Z' },
        data: { text: 'two\nlines' },
      } as never),
      expect: 'absent' as const,
    })),
  )
}

interface List {
  metadata: object
  items?: { metadata: { name: string } }[]
  rows?: { cells: unknown[]; object: { metadata: { name: string } } }[]
  columnDefinitions?: unknown[]
}

describe('a list of more than a page', () => {
  const forms = [
    ['the list itself', {}],
    ['for people', { 'user-agent': 'curl/8' }],
    ['metadata only', { accept: 'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1' }],
    ['a table', { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' }],
    ['YAML', { accept: 'application/yaml' }],
  ] as const

  for (const [form, headers] of forms) {
    it(`is the same in one piece and in pages with a limit: ${form}`, async () => {
      await using lab = await openLab()
      await lab.project('demo')
      await fill(lab, count)
      if (form === 'YAML') {
        const { text, status } = await lab.call('GET', path, { headers })
        assert.equal(status, 200)
        assert.equal(text.match(/name: c-\d{4}/g)?.length, count)
        return
      }
      const parts = (list: List) => list.items ?? list.rows ?? []
      const whole = await lab.call('GET', path, { headers })
      const list = whole.json<List>()
      assert.equal(whole.headers['content-length'], undefined, 'it is written as it is read')
      assert.deepEqual(
        parts(list).map((part) => ('metadata' in part ? part : part.object).metadata.name),
        Array.from({ length: count }, (_, n) => nameOf(n)),
      )
      const packed = await lab.call('GET', path, { headers: { ...headers, 'accept-encoding': 'gzip' } })
      assert.equal(packed.headers['content-encoding'], 'gzip')
      const unpacked = JSON.parse(gunzipSync(packed.bytes).toString())
      assert.deepEqual({ ...unpacked, metadata: {} }, { ...list, metadata: {} })
      const limited = await lab.call('GET', `${path}?limit=5000`, { headers })
      // Controllers go on writing: the revisions may differ.
      assert.deepEqual({ ...limited.json<List>(), metadata: {} }, { ...list, metadata: {} })
      const first = await lab.call('GET', `${path}?limit=2`, { headers })
      const { metadata, ...rest } = first.json<List>()
      const { metadata: _all, ...expected } = list
      const key = list.items === undefined ? 'rows' : 'items'
      assert.deepEqual(rest, { ...expected, [key]: parts(list).slice(0, 2) })
      assert.deepEqual(Object.keys(metadata).sort(), ['continue', 'remainingItemCount', 'resourceVersion'])
      if (form === 'for people') assert.equal(whole.text, JSON.stringify(list, undefined, 2))
      else assert.equal(whole.text, `${JSON.stringify(list)}\n`)
    })
  }

  it('is the same compressed, however often it is sent and whatever is written in between', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await fill(lab, count)
    for (let n = 0; n < 8; n++) {
      if (n % 3 === 2) {
        const change = { data: { text: `after ${n}` } }
        const changed = await lab.call('PATCH', `${path}/${nameOf(n * 100)}`, {
          headers: { 'content-type': 'application/merge-patch+json' },
          body: change,
        })
        assert.equal(changed.status, 200)
      }
      const query = n % 2 === 0 ? '' : '?limit=1200'
      const packed = await lab.call('GET', path + query, { headers: { 'accept-encoding': 'gzip' } })
      const plain = await lab.call('GET', path + query)
      const unpacked = JSON.parse(gunzipSync(packed.bytes).toString()) as List
      assert.equal(unpacked.items?.length, n % 2 === 0 ? count : 1200)
      assert.deepEqual(unpacked.items, plain.json<List>().items)
    }
  })

  it('is well-formed when it is empty', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const plain = await lab.call('GET', path)
    assert.deepEqual(plain.json<List>().items, [])
    assert.equal(plain.text, `${JSON.stringify(plain.json())}\n`)
    const pretty = await lab.call('GET', path, { headers: { 'user-agent': 'curl/8' } })
    assert.equal(pretty.text, JSON.stringify(pretty.json(), undefined, 2))
  })
})
