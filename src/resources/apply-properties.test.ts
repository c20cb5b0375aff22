import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { deployments, imageStreams, secrets } from '../api/index.ts'
import { applyConfig, type ManagedFieldsEntry, trackUpdate } from '../machinery/apply/index.ts'
import { ApiError } from '../machinery/errors.ts'
import { decode } from '../machinery/index.ts'
import { apiVersionOf, type Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import {
  applyWish,
  emptyModel,
  itemsOn,
  type Model,
  type Place,
  placesOf,
  toWish,
  updateTo,
  type Wish,
} from './apply-model.ts'

/** Random writers of one object, against the model of the merge rules in apply-model.ts. */

interface Shape {
  kind: Kind
  /** What an object of the kind can't be decoded or told apart without. */
  seed: Record<Place, unknown>
  cells: Record<Place, readonly unknown[]>
}

const ref = (name: string) => ({ kind: 'DockerImage', name })
const words = ['1', '2', '3']

const shapes: Shape[] = [
  {
    kind: imageStreams as Kind,
    seed: { 'metadata/labels/seed': 's' },
    cells: {
      'metadata/labels/a': words,
      'metadata/annotations/b': words,
      'spec/dockerImageRepository': words,
      'spec/tags/name=x/from': [ref('a'), ref('b')],
      'spec/tags/name=x/reference': [true],
      'spec/tags/name=x/annotations/c': words,
      'spec/tags/name=y/from': [ref('a'), ref('b')],
      'spec/tags/name=y/importPolicy/scheduled': [true],
    },
  },
  {
    kind: secrets as Kind,
    seed: { 'metadata/labels/seed': 's' },
    cells: {
      'metadata/labels/a': words,
      'data/a': ['MQ==', 'Mg=='],
      'data/b': ['MQ==', 'Mg=='],
      'data/c': ['MQ=='],
      immutable: [false, true],
    },
  },
  {
    kind: deployments as Kind,
    seed: { 'metadata/labels/seed': 's' },
    cells: {
      'metadata/labels/a': words,
      'spec/replicas': [1, 2, 3],
      'spec/selector': [{ matchLabels: { a: 'b' } }, { matchLabels: { a: 'c' } }],
      'spec/template/spec/nodeSelector': [{ a: '1' }, { b: '2' }],
      'spec/template/spec/containers/name=x/image': words,
      'spec/template/spec/containers/name=x/args': [['1'], ['1', '2']],
      'spec/template/spec/containers/name=x/env/name=E/value': words,
      'spec/template/spec/containers/name=x/env/name=F/value': words,
      'spec/template/spec/containers/name=y/image': words,
      'spec/template/spec/containers/name=y/env/name=E/value': words,
    },
  },
]

// Between objects and places ----------------------------------------------------------------------------------------

function put(root: Record<string, unknown>, place: Place, value: unknown): void {
  const steps = place.split('/')
  let at: unknown = root
  for (const [index, step] of steps.entries()) {
    const isLast = index === steps.length - 1
    if (step.includes('=')) at = elementOf(at as Record<string, unknown>[], step)
    else if (isLast) (at as Record<string, unknown>)[step] = value
    else {
      const holder = at as Record<string, unknown>
      holder[step] ??= steps[index + 1]?.includes('=') ? [] : {}
      at = holder[step]
    }
  }
}

function elementOf(list: Record<string, unknown>[], step: string): Record<string, unknown> {
  const [key, name] = step.split('=') as [string, string]
  let found = list.find((element) => element[key] === name)
  if (found === undefined) {
    found = { [key]: name }
    list.push(found)
  }
  return found
}

function toObject({ kind, group, version }: Kind, wish: Wish): KubeObject {
  const root = { apiVersion: apiVersionOf({ group, version }), kind, metadata: { name: 'o' } }
  for (const item of wish.items) put(root, item, undefined)
  for (const [place, value] of wish.cells) put(root, place, value)
  return root
}

function read(root: unknown, place: Place): unknown {
  let at = root
  for (const step of place.split('/')) {
    const [key, name] = step.split('=') as [string, string?]
    if (at === undefined || at === null) return undefined
    at =
      name === undefined
        ? (at as Record<string, unknown>)[key]
        : (at as Record<string, unknown>[]).find((element) => element[key] === name)
  }
  return at === null ? undefined : at
}

function contentOf(object: KubeObject, places: readonly Place[]): Record<Place, unknown> {
  const found = places.map((place) => [place, read(object, place)] as const)
  return Object.fromEntries(
    found
      .filter(([, value]) => value !== undefined)
      .map(([place, value]) => [place, isItem(place) ? true : value]),
  )
}

const isItem = (place: Place) => (place.split('/').at(-1) as string).includes('=')
const element = (step: string) => {
  const [key, name] = step.split('=')
  return name === undefined ? `f:${key}` : `k:{"${key}":"${name}"}`
}

function owns(entry: ManagedFieldsEntry, place: Place): boolean {
  let at: Record<string, unknown> | undefined = entry.fieldsV1
  for (const step of place.split('/')) at = at?.[element(step)] as Record<string, unknown> | undefined
  return at !== undefined && (Object.keys(at).length === 0 || '.' in at)
}

function ownersOf(object: KubeObject, places: readonly Place[]): Record<string, Place[]> {
  const entries = (object.metadata.managedFields ?? []) as ManagedFieldsEntry[]
  const owned = entries.map(
    (entry) => [entry.manager, places.filter((place) => owns(entry, place)).sort()] as const,
  )
  return Object.fromEntries(owned.filter(([, list]) => list.length > 0))
}

// Steps -------------------------------------------------------------------------------------------------------------

interface Step {
  kind: 'apply' | 'update' | 'patch'
  manager: string
  force: boolean
  cells: Map<Place, unknown>
  /** Elements that are named without more. */
  bare: Place[]
}

function stepsOf(shape: Shape): fc.Arbitrary<Step[]> {
  const cells = Object.entries(shape.cells)
  const items = [...new Set(cells.flatMap(([place]) => itemsOn(place)))]
  const wish = fc
    .tuple(...cells.map(([, values]) => fc.option(fc.constantFrom(...values), { freq: 2 })))
    .map(
      (chosen) =>
        new Map(cells.flatMap(([place], i) => (chosen[i] === null ? [] : [[place, chosen[i]] as const]))),
    )
  const step: fc.Arbitrary<Step> = fc.record({
    kind: fc.constantFrom('apply' as const, 'apply' as const, 'update' as const, 'patch' as const),
    manager: fc.constantFrom('m1', 'm2', 'm3'),
    force: fc.boolean(),
    cells: wish,
    bare: fc.subarray(items, { maxLength: Math.min(1, items.length) }),
  })
  return fc.array(step, { minLength: 2, maxLength: 12 })
}

const now = '2026-05-06T12:00:00Z'

function applyReal(
  kind: Kind,
  live: KubeObject | undefined,
  manager: string,
  wish: Wish,
  force: boolean,
): KubeObject {
  const options = { manager, subresource: '', now, force, name: 'o', namespace: 'n' }
  return decode<KubeObject>(kind.schema, applyConfig(kind, live, toObject(kind, wish), options)).value
}

function updateReal(kind: Kind, live: KubeObject, manager: string, target: Wish): KubeObject {
  const next = decode<KubeObject>(kind.schema, toObject(kind, target)).value
  const managedFields = trackUpdate(kind, live, next, { manager, subresource: '', now })
  return {
    ...next,
    metadata: { ...next.metadata, ...(managedFields === undefined ? {} : { managedFields }) },
  }
}

/** A patch adds to what is there and changes it. */
function targetOf(step: Step, model: Model, seed: Wish): Wish {
  const wish = toWish(step.cells, step.bare)
  const base = step.kind === 'patch' ? model : seed
  return { cells: new Map([...base.cells, ...wish.cells]), items: base.items.union(wish.items) }
}

function conflictsOf(error: unknown): number {
  assert(error instanceof ApiError, String(error))
  assert.equal(error.code, 409)
  const causes = error.details?.causes ?? []
  assert(causes.every(({ reason }) => reason === 'FieldManagerConflict'))
  return causes.length
}

describe('apply, update and patch by several managers', () => {
  for (const shape of shapes) {
    const { kind } = shape
    it(`agree with the rules on ${kind.kind}`, () => {
      const places = Object.keys({ ...shape.seed, ...shape.cells })
      const all = [...new Set([...places, ...places.flatMap(itemsOn)])]
      const seed = toWish(new Map(Object.entries(shape.seed)), [])
      fc.assert(
        fc.property(stepsOf(shape), (steps) => {
          let model = applyWish(emptyModel(), 'seed', seed, false).next
          let object = applyReal(kind, undefined, 'seed', seed, false)
          for (const step of steps) {
            // Updaters and appliers of one name are two managers; the model tells them apart by theirs.
            const manager = `${step.manager}-${step.kind === 'apply' ? 'apply' : 'update'}`
            if (step.kind === 'apply') {
              const wish = toWish(step.cells, step.bare)
              const { conflicts, next } = applyWish(model, manager, wish, step.force)
              let refused = 0
              try {
                object = applyReal(kind, object, manager, wish, step.force)
              } catch (error) {
                refused = conflictsOf(error)
              }
              assert.equal(refused, step.force ? 0 : conflicts)
              model = next
            } else {
              const target = targetOf(step, model, seed)
              object = updateReal(kind, object, manager, target)
              model = updateTo(model, manager, target)
            }
            const content = Object.fromEntries([
              ...model.cells,
              ...[...model.items].map((item) => [item, true] as const),
            ])
            assert.deepEqual(contentOf(object, all), content)
            const owners = [...model.owners].map(([name, owned]) => [name, [...owned].sort()] as const)
            assert.deepEqual(
              ownersOf(object, all),
              Object.fromEntries(owners.filter(([, list]) => list.length > 0)),
            )
            assert(placesOf(model).size > 0)
          }
        }),
        { numRuns: 300 },
      )
    })
  }
})
