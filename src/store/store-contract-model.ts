import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import {
  type Change,
  CompactedError,
  type Key,
  type Revision,
  type Store,
  StoreConflictError,
} from './store.ts'
import type { OpenEmptyStore } from './store-contract.ts'
import { contents, line, put, remove, take } from './store-contract-parts.ts'

/** What the store should hold: every state that there was, as maps, and every event, as lines. */
class Model {
  readonly states: { revision: Revision; entries: Map<Key, { value: string; revision: Revision }> }[] = [
    { revision: 0, entries: new Map() },
  ]
  readonly events: { revision: Revision; text: string; key: Key }[] = []
  compacted = 0

  get newest() {
    return this.states.at(-1)!
  }

  /** The key whose expectation fails, if one does. */
  conflict(changes: readonly Change[]): Key | undefined {
    return changes.find(({ key, expect }) => {
      const revision = this.newest.entries.get(key)?.revision
      return expect !== 'any' && (expect === 'absent' ? revision !== undefined : expect !== revision)
    })?.key
  }

  apply(changes: readonly Change[], revision: Revision): void {
    const entries = new Map(this.newest.entries)
    for (const { key, value } of changes) {
      const old = entries.get(key)
      const was = old === undefined ? '' : `(${old.value})`
      const text = value === undefined ? '' : new TextDecoder().decode(value)
      if (value !== undefined) entries.set(key, { value: text, revision })
      else if (!entries.delete(key)) continue
      const event = value === undefined ? `-${key}${was}@${revision}` : `+${key}=${text}${was}@${revision}`
      this.events.push({ revision, key, text: event })
    }
    if (revision > this.newest.revision) this.states.push({ revision, entries })
  }

  contents(at: Revision, prefix: Key): string[] {
    const state = this.states.findLast(({ revision }) => revision <= at)!
    return [...state.entries]
      .filter(([key]) => key.startsWith(prefix))
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, { value }]) => `${key}=${value}`)
  }
}

const key = fc.constantFrom('a', 'a/1', 'a/2', 'b', 'b/1')
const expectation = fc.constantFrom('any', 'any', 'seen', 'absent', 'stale')
const change = fc.record({ key, expectation, remove: fc.boolean() })
const step = fc.oneof(
  {
    weight: 6,
    arbitrary: fc.record({
      // Each group is a batch of commits made at once.
      commits: fc.array(fc.uniqueArray(change, { selector: ({ key }) => key, minLength: 1, maxLength: 3 }), {
        minLength: 1,
        maxLength: 4,
      }),
    }),
  },
  { weight: 1, arbitrary: fc.record({ compact: fc.double({ min: 0, max: 1, noNaN: true }) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      look: fc.double({ min: 0, max: 1, noNaN: true }),
      prefix: fc.constantFrom('', 'a', 'a/'),
    }),
  },
)

export function modelContract(open: OpenEmptyStore): void {
  it('agrees with a simple model', async (test) => {
    const seed = Number(process.env.FAST_CHECK_SEED ?? Math.floor(Math.random() * 2 ** 31))
    test.diagnostic(`seed ${seed} (FAST_CHECK_SEED)`)
    const property = fc.asyncProperty(fc.array(step, { maxLength: 25 }), async (steps) => {
      await using store = await open()
      const model = new Model()
      let count = 0
      for (const step of steps) {
        if ('commits' in step) {
          const commits = step.commits.map((changes) =>
            changes.map((change): Change => {
              const expect = expected(model, change.key, change.expectation)
              return change.remove ? remove(change.key, expect) : put(change.key, `${count++}`, expect)
            }),
          )
          await commitAll(store, model, commits)
        } else if ('compact' in step)
          await compact(store, model, Math.floor(step.compact * model.newest.revision))
        else await compare(store, model, Math.round(step.look * model.newest.revision), step.prefix)
      }
      await compare(store, model, model.newest.revision, '')
      await compare(store, model, model.compacted, '')
    })
    await fc.assert(property, { seed, numRuns: 40, endOnFailure: false })
  })
}

function expected(model: Model, key: Key, expectation: string): Change['expect'] {
  if (expectation === 'any' || expectation === 'absent') return expectation
  const revision = model.newest.entries.get(key)?.revision
  if (expectation === 'stale') return (revision ?? 7) + 1000
  return revision ?? 'absent'
}

async function commitAll(store: Store, model: Model, commits: Change[][]): Promise<void> {
  const results = await Promise.allSettled(commits.map((changes) => store.commit(changes)))
  for (const [at, result] of results.entries()) {
    const changes = commits[at]!
    const conflict = model.conflict(changes)
    if (result.status === 'rejected') {
      assert.ok(result.reason instanceof StoreConflictError)
      assert.equal(result.reason.key, conflict)
      assert.equal(result.reason.current, model.newest.entries.get(conflict!)?.revision)
    } else {
      assert.equal(conflict, undefined)
      assert.ok(result.value >= model.newest.revision)
      model.apply(changes, result.value)
      assert.equal(model.newest.revision, result.value)
    }
  }
}

async function compact(store: Store, model: Model, revision: Revision): Promise<void> {
  await store.compact(revision)
  model.compacted = Math.max(model.compacted, revision)
  assert.equal(store.compacted(), model.compacted)
}

async function compare(store: Store, model: Model, revision: Revision, prefix: Key): Promise<void> {
  assert.equal(store.revision(), model.newest.revision)
  assert.deepEqual(await contents(store, prefix), model.contents(model.newest.revision, prefix))
  if (revision < model.compacted) {
    await assert.rejects(contents(store, prefix, revision), CompactedError)
    return
  }
  const then = model.contents(revision, prefix)
  assert.deepEqual(await contents(store, prefix, revision), then)
  const events = model.events.filter((event) => event.revision > revision && event.key.startsWith(prefix))
  const seen = await take(store, prefix, revision, events.length)
  assert.deepEqual(
    seen.map(line),
    events.map(({ text }) => text),
  )
  const pages: string[] = []
  for (let after: Key | undefined, left = then.length; left > 0; ) {
    const page = await store.list(prefix, { limit: 2, revision, ...(after === undefined ? {} : { after }) })
    pages.push(...page.entries.map(({ key, value }) => `${key}=${new TextDecoder().decode(value)}`))
    after = page.entries.at(-1)?.key
    left -= page.entries.length
    assert.equal(page.remaining, left)
  }
  assert.deepEqual(pages, then)
}
