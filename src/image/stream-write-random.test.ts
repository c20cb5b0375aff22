import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import type { ImageStream, TagReference } from '../api/image/index.ts'
import { applyMapping } from './mapping.ts'
import {
  digest,
  event,
  fromDocker,
  fromImage,
  fromTag,
  history,
  now,
  stream,
  write,
} from './stream-fixture.ts'
import { streamTagResource } from './stream-tag.ts'
import { latestEvent, specTag, statusTag, withSpecTag } from './stream-tags.ts'
import { planTagDelete } from './tag-write.ts'

type Step =
  | { do: 'tag'; tag: TagReference }
  | { do: 'push'; tag: string; image: string }
  | { do: 'delete'; tag: string }

const tagName = fc.constantFrom('a', 'b', 'c')
const letter = fc.constantFrom('1', '2', '3')
const source = fc.oneof(
  fc.tuple(tagName, tagName).map(([name, from]) => fromTag(name, from)),
  fc.tuple(tagName, letter).map(([name, image]) => fromImage(name, `ruby@${digest(image)}`)),
  fc
    .tuple(tagName, letter, fc.boolean())
    .map(([name, image, reference]) => fromDocker(name, `x/y:${image}`, { reference })),
)
const step: fc.Arbitrary<Step> = fc.oneof(
  source.map((tag): Step => ({ do: 'tag', tag })),
  fc.tuple(tagName, letter).map(([tag, image]): Step => ({ do: 'push', tag, image })),
  tagName.map((tag): Step => ({ do: 'delete', tag })),
)

function push(to: ImageStream, tag: string, image: string): ImageStream {
  const pushed = {
    metadata: { name: digest(image) },
    dockerImageReference: `reg:5000/p/ruby@${digest(image)}`,
    dockerImageMetadata: {},
    dockerImageMetadataVersion: '1.0',
  }
  const mapping = { metadata: { name: 'ruby', namespace: 'p' }, image: pushed, tag }
  return write(applyMapping(to, mapping, { existed: false, now }), to, 'status')
}

function take(old: ImageStream, action: Step): ImageStream {
  if (action.do === 'push') return push(old, action.tag, action.image)
  if (action.do === 'tag') return write(withSpecTag(old, action.tag), old)
  if (specTag(old, action.tag) === undefined && statusTag(old, action.tag) === undefined) return old
  return write(planTagDelete(old, action.tag, streamTagResource).next, old)
}

const start = stream({ histories: [history('keep', event('1'), event('2'), event('3'))] })

it('whatever is done to a stream, it stays sound', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 12 }), (steps) => {
      let current = start
      for (const action of steps) {
        const next = take(current, action)
        const generation = next.metadata.generation ?? 0
        assert.ok(generation >= (current.metadata.generation ?? 0), 'the generation never falls')
        for (const tag of next.spec.tags ?? []) {
          assert.ok(tag.generation !== null && tag.generation > 0 && tag.generation <= generation)
        }
        if (action.do === 'push') {
          assert.equal(
            latestEvent(next, action.tag)?.image,
            digest(action.image),
            'a push is what the tag is',
          )
        }
        for (const { tag, items } of current.status.tags ?? []) {
          const now = statusTag(next, tag)?.items ?? []
          if (action.do === 'delete' && action.tag === tag) assert.deepEqual(now, [])
          else assert.deepEqual(now.slice(now.length - (items ?? []).length + 1), (items ?? []).slice(1))
        }
        assert.deepEqual(write(next, next), next, 'writing what is there changes nothing')
        const labelled = { ...next, metadata: { ...next.metadata, labels: { step: 'one' } } }
        for (const flavour of ['public', 'internal'] as const) {
          const written = write(labelled, next, flavour)
          assert.deepEqual(written, write(structuredClone(labelled), next, flavour), 'shared or copied')
          assert.deepEqual(written, labelled, 'a label changes nothing else')
        }
        current = next
      }
    }),
    { verbose: true },
  )
})
