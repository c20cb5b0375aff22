import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { applyJsonPatch } from '../machinery/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { triggersAnnotation } from './trigger-annotation.ts'
import { locateImage } from './trigger-path.ts'
import { planTriggers } from './trigger-plan.ts'

/** A kind of somebody else, of which we know nothing but that it has fields. */
const kind = { group: 'argoproj.io', kind: 'Rollout' }

const field = fc
  .stringMatching(/^[a-zA-Z_][\w-]{0,8}$/)
  .filter((name) => !['__proto__', 'constructor', 'prototype'].includes(name))
const name = fc.stringMatching(/^[a-z][a-z0-9.-]{0,8}$/)

/** A way down an object: through fields, and through lists by place or by the name of the element. */
const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    fc.record({ field }),
    fc.record({ field, index: fc.nat(3) }),
    fc.record({
      field,
      name,
      index: fc.nat(3),
      quote: fc.constantFrom('"', "'"),
      equals: fc.constantFrom('=', '=='),
    }),
  ),
  { minLength: 1, maxLength: 6 },
)
type Step = { field: string; index?: number; name?: string; quote?: string; equals?: string }

function pathOf(way: readonly Step[]): string {
  return ['spec', ...way.map(textOf)].join('.')
}

function textOf({ field: at, index, name: called, quote, equals }: Step): string {
  if (called !== undefined) return `${at}[?(@.name${equals}${quote}${called}${quote})]`
  return index === undefined ? at : `${at}[${index}]`
}

/** An object in which the way leads to the value. */
function build(way: readonly Step[], value: unknown): unknown {
  const [first, ...rest] = way
  if (first === undefined) return value
  const below = build(rest, value)
  const { field: at, index, name: called } = first
  if (index === undefined) return { other: 1, [at]: below }
  const items: unknown[] = Array.from({ length: 4 }, (_none, place) => ({ name: `-${place}` }))
  items[index] =
    called === undefined || typeof below !== 'object' ? below : { ...(below as object), name: called }
  return { other: 1, [at]: items }
}

function workload(spec: unknown, fieldPath: string): KubeObject {
  const entry = { from: { kind: 'ImageStreamTag', name: 'app:v1' }, fieldPath }
  const annotations = { [triggersAnnotation]: JSON.stringify([entry]) }
  return {
    metadata: { name: 'web', namespace: 'demo', resourceVersion: '7', annotations },
    spec,
  } as KubeObject
}

describe('field paths of kinds that we do not know', () => {
  it('lead where they say, and what is written there changes nothing else', () => {
    const property = fc.property(steps, (way) => {
      const last = way.at(-1) as Step
      fc.pre(last.name === undefined)
      // The name of an element is what it is found by.
      fc.pre(way.every(({ field: at }, place) => at !== 'name' || way[place - 1]?.name === undefined))
      const fieldPath = pathOf(way)
      const object = workload(build(way, 'old'), fieldPath)
      const found = locateImage(kind, object, fieldPath)
      assert(found.kind === 'found', JSON.stringify(found))
      assert.equal(found.image, 'old')
      const { patch } = planTriggers(kind, object, () => ({ kind: 'image', image: 'new' }))
      assert(patch !== undefined)
      assert.deepEqual(applyJsonPatch(object, patch), workload(build(way, 'new'), fieldPath))
    })
    fc.assert(property, { numRuns: 500 })
  })

  it('lead nowhere, rather than into metadata, status or trouble, whatever they are', () => {
    const part = fc.oneof(
      field,
      fc.constantFrom(
        '__proto__',
        'constructor',
        'metadata',
        'status',
        'name',
        '',
        '..',
        '~1',
        '/',
        '[',
        ']',
        '[0]',
        '[-1]',
        '[*]',
      ),
      fc.string({ maxLength: 6 }),
    )
    const property = fc.property(fc.array(part, { maxLength: 6 }), (parts) => {
      const fieldPath = parts.join('.')
      const object = workload({ name: 'x', list: [{ name: 'a' }], text: 'old' }, fieldPath)
      const found = locateImage(kind, object, fieldPath)
      if (found.kind !== 'found') return
      assert(found.path.length > 1)
      assert(!['metadata', 'status', '__proto__', 'constructor'].includes(String(found.path[0])), fieldPath)
      assert(!found.path.includes('__proto__'))
    })
    fc.assert(property, { numRuns: 2000 })
  })
})
