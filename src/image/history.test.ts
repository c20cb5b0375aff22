import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { NamedTagEventList, TagEvent } from '../api/image/index.ts'
import { addTagEvent, addToHistory, historyStep } from './history.ts'
import { event, history, stream, summary } from './stream-fixture.ts'

const condition = { type: 'ImportSuccess', status: 'False', lastTransitionTime: null, generation: 1 }
const old = event('a', 1)

describe('adding an event', () => {
  const start: NamedTagEventList = { ...history('t', old), conditions: [condition] }
  const cases: [string, TagEvent, TagEvent[], boolean][] = [
    ['that is the same keeps even the conditions', { ...old, created: 'later' }, [old], true],
    [
      'of another generation updates in place',
      { ...event('a', 2), created: 'later' },
      [event('a', 2)],
      false,
    ],
    ['of another image updates in place', { ...old, image: 'x' }, [{ ...old, image: 'x' }], false],
    [
      'of another reference updates in place',
      { ...old, dockerImageReference: 'x', generation: 3 },
      [{ ...old, dockerImageReference: 'x', generation: 3 }],
      false,
    ],
    ['of both prepends', event('b', 2, 'later'), [event('b', 2, 'later'), old], false],
  ]
  for (const [name, added, items, keepsConditions] of cases) {
    it(name, () => {
      const next = addToHistory(start, added)
      assert.deepEqual(next.items, items)
      assert.equal(next.conditions !== undefined, keepsConditions)
    })
  }
  it('to an empty history drops the conditions', () => {
    assert.deepEqual(addToHistory({ tag: 't', items: null, conditions: [condition] }, old), history('t', old))
  })
  it('going back to an older image prepends it again', () => {
    const moved = ['a', 'b', 'a'].reduce(
      (to, letter, i) => addTagEvent(to, 'x', event(letter, i + 1)),
      stream(),
    )
    assert.deepEqual(summary(moved), { x: 'a@3 b@2 a@1' })
  })
  it('changes nothing of what it was given', () => {
    const before = structuredClone(start)
    addToHistory(start, event('b'))
    assert.deepEqual(start, before)
  })
})

describe('histories, at random', () => {
  const anyEvent = fc.record({
    created: fc.constantFrom('2024-01-01T00:00:00Z', '2024-01-02T00:00:00Z'),
    dockerImageReference: fc.constantFrom('r/a', 'r/b', 'r/c'),
    image: fc.constantFrom('a', 'b', 'c'),
    generation: fc.integer({ min: 1, max: 3 }),
  })
  const build = (events: TagEvent[]): NamedTagEventList => events.reduce(addToHistory, history('t'))
  const content = ({ created, ...rest }: TagEvent) => rest

  it('the first entry is the last that was added', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1 }), (events) => {
        const [newest] = build(events).items ?? []
        assert.ok(newest)
        assert.deepEqual(content(newest), content(events.at(-1) as TagEvent))
      }),
      { verbose: true },
    )
  })
  it('adding twice is adding once', () => {
    fc.assert(
      fc.property(fc.array(anyEvent), anyEvent, (events, added) => {
        const once = addToHistory(build(events), added)
        assert.equal(addToHistory(once, added), once)
      }),
      { verbose: true },
    )
  })
  it('older entries are never lost, changed or put in another order', () => {
    fc.assert(
      fc.property(fc.array(anyEvent, { minLength: 1 }), anyEvent, (events, added) => {
        const before = build(events).items ?? []
        const after = addToHistory(history('t', ...before), added).items ?? []
        assert.deepEqual(after.slice(after.length - before.length + 1), before.slice(1))
        const step = historyStep(before[0], added)
        assert.equal(after.length, before.length + (step === 'prepend' ? 1 : 0))
        if (step === 'prepend') assert.deepEqual(after[1], before[0])
      }),
      { verbose: true },
    )
  })
  it('what was pushed with a reference of its own stays in the history', () => {
    const distinct = fc.uniqueArray(fc.constantFrom(...'abcdefgh'), { minLength: 1 })
    fc.assert(
      fc.property(distinct, (letters) => {
        const built = build(letters.map((letter) => event(letter)))
        assert.deepEqual(built.items, letters.map((letter) => event(letter)).toReversed())
      }),
      { verbose: true },
    )
  })
})
