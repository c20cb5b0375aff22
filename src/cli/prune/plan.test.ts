import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'
import { type PruneRules, planImages, planStream } from './plan.ts'
import { findReferences } from './references.ts'

const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T00:00:00Z`
const digest = (c: string) => `sha256:${c.repeat(64)}`

function image(c: string, layers: string[], extra: object = {}): ImageObject {
  return {
    metadata: { name: digest(c), creationTimestamp: day(1) },
    dockerImageLayers: layers.map((name) => ({ name, size: 1 })),
    dockerImageMetadata: { Id: `config-${c}` } as ImageObject['dockerImageMetadata'],
    ...extra,
  }
}

function stream(tags: Record<string, string[]>, created = day(1)): StreamObject {
  return {
    metadata: { name: 's', namespace: 'n', creationTimestamp: day(1) },
    status: {
      tags: Object.entries(tags).map(([tag, ids]) => ({
        tag,
        items: ids.map((c) => ({ created, image: c === '' ? '' : digest(c) })),
      })),
    },
  }
}

const images = [image('a', ['l1', 'l2']), image('b', ['l1', 'l3']), image('c', ['l4'])]
const byName = new Map(images.map((one) => [one.metadata.name ?? '', one]))
const nothing = findReferences([], 0)
const rules = (extra: Partial<PruneRules> = {}): PruneRules => ({
  threshold: Date.parse(day(10)),
  keepRevisions: 1,
  references: nothing,
  ...extra,
})
const pod = (spec: string) => ({
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'x' },
  spec: { containers: [{ name: 'c', image: spec }] },
  status: { phase: 'Running' },
})

it('keeps revisions by place, and unlinks what no kept revision has', () => {
  const plan = planStream(stream({ t: ['a', 'b'] }), byName, rules())
  assert.equal(plan?.removedItems, 1)
  assert.deepEqual(plan?.layerLinks, ['l3', 'config-b'])
  assert.deepEqual(plan?.manifestLinks, [digest('b')])
  assert.deepEqual(
    plan?.stream.status?.tags?.[0]?.items?.map((item) => item.image),
    [digest('a')],
  )
})

it('an image that another tag keeps is not unlinked', () => {
  const plan = planStream(stream({ t: ['a', 'b'], u: ['b'] }), byName, rules())
  assert.equal(plan?.removedItems, 1)
  assert.deepEqual([plan?.layerLinks, plan?.manifestLinks], [[], []])
})

it('what is young stays: the stream, or the item', () => {
  const young = {
    ...stream({ t: ['a', 'b'] }),
    metadata: { name: 's', namespace: 'n', creationTimestamp: day(11) },
  }
  assert.equal(planStream(young, byName, rules({ keepRevisions: 0 })), undefined)
  assert.equal(planStream(stream({ t: ['a', 'b'] }, day(11)), byName, rules({ keepRevisions: 0 })), undefined)
})

it('a tag in use protects its newest item, an image in use itself', () => {
  const tag = rules({ keepRevisions: 0, references: findReferences([pod('any.host/n/s:t')], 0) })
  assert.deepEqual(planStream(stream({ t: ['a', 'b'] }), byName, tag)?.manifestLinks, [digest('b')])
  const used = rules({
    keepRevisions: 0,
    references: findReferences([pod(`any.host/n/s@${digest('b')}`)], 0),
  })
  assert.deepEqual(planStream(stream({ t: ['a', 'b'] }), byName, used)?.manifestLinks, [digest('a')])
})

it('items without an image go whatever their place, and emptied tags with them', () => {
  const plan = planStream(stream({ ref: [''], t: ['a'] }), byName, rules())
  assert.equal(plan?.removedItems, 1)
  assert.deepEqual(
    plan?.stream.status?.tags?.map((tag) => tag.tag),
    ['t'],
  )
  assert.deepEqual(plan?.missing.deciding, [
    'imagestream n/s: tag ref: revision 1: image  not found, deleting...',
  ])
})

it('over the size limit only size counts', () => {
  const big = image('d', ['l9'], { dockerImageMetadata: { Id: 'config-d', Size: 100 } })
  const all = new Map([...byName, [digest('d'), big]])
  const plan = planStream(stream({ t: ['d', 'a'] }, day(11)), all, rules({ limits: new Map([['n', 50]]) }))
  assert.deepEqual(plan?.manifestLinks, [digest('d')])
  assert.equal(planStream(stream({ t: ['d'] }), all, rules({ limits: new Map() })), undefined)
})

it('unlisted images go with the blobs that only they have', () => {
  const plans = planImages(images, [stream({ t: ['a'] })], { ...rules(), all: true })
  assert.deepEqual(plans, [
    { name: digest('b'), blobs: ['l3', 'config-b', digest('b')] },
    { name: digest('c'), blobs: ['l4', 'config-c', digest('c')] },
  ])
})

it('children of a listed index stay; imported images stay without --all', () => {
  const index = image('e', [], { dockerImageManifests: [{ digest: digest('a') }] })
  const all = planImages([...images, index], [stream({ t: ['e'] })], { ...rules(), all: true })
  assert.deepEqual(
    all.map((plan) => plan.name),
    [digest('b'), digest('c')],
  )
  assert.deepEqual(planImages(images, [], { ...rules(), all: false }), [])
})

it('reads references only where they can mean a stream', () => {
  const found = findReferences(
    [pod('nginx'), pod('org/app'), pod('h.io/a/b/c'), pod('h.io/n/s'), pod('No Way')],
    0,
  )
  assert.deepEqual([[...found.tags], [...found.images]], [['n/s:latest'], []])
  assert.deepEqual(found.bad, [
    'pod/p namespace=x: container c: invalid image reference "No Way": invalid reference format',
  ])
})
