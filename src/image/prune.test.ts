import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { KubeObject } from '../machinery/object.ts'
import { ociManifest } from '../oci/index.ts'
import { type ImageFacts, imageFacts, type PrunableImage } from './prune-facts.ts'
import { findReferences } from './prune-references.ts'
import type { PruneRules } from './prune-rules.ts'
import { describeReason, type PrunableStream, planStreamPrune } from './prune-stream.ts'

const day = (n: number) => `2026-01-${String(n).padStart(2, '0')}T00:00:00Z`
const digest = (c: string) => `sha256:${c.repeat(64)}`

function facts(c: string, layers: string[], extra: Partial<PrunableImage> = {}): ImageFacts {
  const found = imageFacts({
    metadata: { name: digest(c), creationTimestamp: day(1) },
    dockerImageLayers: layers.map((name) => ({ name })),
    dockerImageManifestMediaType: ociManifest,
    dockerImageMetadata: { Id: `config-${c}` },
    ...extra,
  })
  assert(typeof found !== 'string', String(found))
  return found
}

function stream(tags: Record<string, string[]>, created = day(1)): PrunableStream {
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

const all = [facts('a', ['l1', 'l2']), facts('b', ['l1', 'l3']), facts('c', ['l4'])]
const images = new Map(all.map((one) => [one.name, one]))
const rules = (extra: Partial<PruneRules> = {}): PruneRules => ({
  threshold: Date.parse(day(10)),
  keepRevisions: 1,
  references: findReferences([], 0),
  keepReferenceTags: false,
  ...extra,
})
const pod = (image: string, fields: object = {}): KubeObject => ({
  kind: 'Pod',
  metadata: { name: 'p', namespace: 'x' },
  ...({ spec: { containers: [{ name: 'c', image }] }, status: { phase: 'Running' }, ...fields } as object),
})

it('keeps revisions by place, and unlinks what no kept revision has', () => {
  const plan = planStreamPrune(stream({ t: ['a', 'b'] }), images, rules())
  assert.equal(plan?.removed, 1)
  assert.deepEqual([plan?.layerLinks, plan?.manifestLinks], [['l3', 'config-b'], [digest('b')]])
  assert.deepEqual(
    plan?.stream.status?.tags?.[0]?.items?.map(({ image }) => image),
    [digest('a')],
  )
})

it('drops tags that never had an item only from a stream that it writes anyway', () => {
  assert.equal(planStreamPrune(stream({ failed: [], t: ['a'] }), images, rules())?.removed, 0)
  const plan = planStreamPrune(stream({ failed: [], t: ['a', 'b'] }), images, rules())
  assert.deepEqual(
    plan?.stream.status?.tags?.map(({ tag }) => tag),
    ['t'],
  )
})

it('keeps everything when the threshold is the time that is not set', () => {
  const plan = planStreamPrune(
    stream({ t: ['a', 'b'] }),
    images,
    rules({ keepRevisions: 0, threshold: Number.NEGATIVE_INFINITY }),
  )
  assert.equal(plan, undefined)
})

it('keeps the item of a reference tag where it is to be careful', () => {
  const plan = planStreamPrune(stream({ ref: [''], t: ['a'] }), images, rules({ keepReferenceTags: true }))
  assert.equal(plan?.removed, 0)
  assert.equal(planStreamPrune(stream({ ref: [''], t: ['a'] }), images, rules())?.removed, 1)
})

it('counts the configuration of image manifests with an id only', () => {
  assert.deepEqual(facts('a', ['l', 'l']).blobs, ['l', 'config-a'])
  assert.deepEqual(facts('a', ['l'], { dockerImageManifestMediaType: 'application/other' }).blobs, ['l'])
  assert.deepEqual(facts('a', ['l'], { dockerImageMetadata: { Id: '' } }).blobs, ['l'])
  const broken = imageFacts({ metadata: { name: 'x' }, dockerImageMetadata: 'text' })
  assert.equal(broken, 'failed to read image metadata for x: it is no object')
})

it('reads references only where they can mean a stream', () => {
  const found = findReferences(
    [
      pod('nginx'),
      pod('org/app'),
      pod('h.io/a/b/c'),
      pod('h.io/n/s'),
      pod(`h.io/n/s:t@${digest('a')}`),
      pod('No Way'),
    ],
    0,
  )
  assert.deepEqual(
    [[...found.tags.keys()], [...found.images.keys()]],
    [['n/s:latest'], [`n/s@${digest('a')}`]],
  )
  assert.deepEqual(found.bad, [
    'pod/p namespace=x: container c: invalid image reference "No Way": invalid reference format',
  ])
})

it('looks at init and ephemeral containers, and into job templates', () => {
  const spec = {
    initContainers: [{ name: 'i', image: 'h.io/n/init:1' }],
    ephemeralContainers: [{ name: 'e', image: 'h.io/n/debug:1' }],
  }
  const cronJob = {
    kind: 'CronJob',
    metadata: { name: 'c', namespace: 'x' },
    spec: {
      jobTemplate: { spec: { template: { spec: { containers: [{ name: 'c', image: 'h.io/n/job:1' }] } } } },
    },
  }
  const found = findReferences([pod('', { spec }), cronJob], 0)
  assert.deepEqual([...found.tags.keys()], ['n/init:1', 'n/debug:1', 'n/job:1'])
})

it('builds use what they start from', () => {
  const build = (from: object) => ({
    kind: 'Build',
    metadata: { name: 'b', namespace: 'n' },
    spec: { strategy: { type: 'Source', sourceStrategy: { from } } },
  })
  const found = findReferences(
    [
      build({ kind: 'ImageStreamTag', name: 's:1' }),
      build({ kind: 'ImageStreamImage', name: `s@${digest('a')}`, namespace: 'other' }),
      build({ kind: 'DockerImage', name: 'h.io/n/s:2' }),
      build({ kind: 'ImageStreamTag', name: 's' }),
    ],
    0,
  )
  assert.deepEqual([...found.tags.keys()], ['n/s:1', 'n/s:2'])
  assert.deepEqual([...found.images.keys()], [`other/s@${digest('a')}`])
  assert.deepEqual(found.bad, [
    'build/b namespace=n: invalid ImageStreamTag reference "s": it must be of the form <name>:<tag>',
  ])
})

it('searches objects of unknown kinds for images, and lets templates be', () => {
  const workflow = {
    kind: 'Workflow',
    metadata: { name: 'w', namespace: 'x' },
    spec: {
      steps: [
        { template: { containers: [{ name: 'a', image: 'h.io/n/step:1' }] } },
        { image: '{{ .Values.image }}' },
      ],
      image: 'h.io/n/main',
    },
  }
  const found = findReferences([workflow], 0)
  assert.deepEqual([...found.tags.keys()].sort(), ['n/main:latest', 'n/step:1'])
  assert.deepEqual(found.bad, [])
})

it('names three of many who use an image', () => {
  const by = ['a', 'b', 'c', 'd', 'e']
  assert.equal(describeReason({ kind: 'image-used', by }), 'it is used by a, b, c, and 2 more')
  assert.equal(describeReason({ kind: 'tag-used', by: by.slice(0, 4) }), 'the tag is used by a, b, c, d')
})
