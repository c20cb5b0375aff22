import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMaps } from '../api/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { openSqliteStore, type Store } from '../store/index.ts'
import { objectKey } from './keys.ts'
import { type Marking, markChanges, markedEntries, openMarks } from './marks.ts'
import { encodeObject } from './object-codec.ts'

/** An object is marked by its labels' names. */
const marking: Marking = {
  kind: configMaps,
  version: 1,
  of: ({ metadata }) => Object.keys(metadata.labels ?? {}),
}

const object = (name: string, ...marks: string[]): KubeObject => ({
  metadata: { name, namespace: 'demo', labels: Object.fromEntries(marks.map((mark) => [mark, ''])) },
})

async function write(store: Store, before: KubeObject | undefined, after: KubeObject | undefined) {
  const key = objectKey(configMaps, 'demo', (after ?? before)?.metadata.name ?? '')
  const value = after === undefined ? undefined : encodeObject(after)
  await store.commit([{ key, value, expect: 'any' }, ...markChanges(marking, key, before, after)])
}

async function marked(store: Store, mark: string): Promise<string[]> {
  const names: string[] = []
  for await (const { key } of markedEntries(store, configMaps, mark)) names.push(key.split('/').at(-1) ?? '')
  return names
}

describe('marks', () => {
  it('follow their objects', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    await write(store, undefined, object('a', 'red'))
    await write(store, undefined, object('b', 'red', 'blue'))
    await write(store, undefined, object('c'))
    assert.deepEqual([await marked(store, 'red'), await marked(store, 'blue')], [['a', 'b'], ['b']])
    await write(store, object('a', 'red'), object('a', 'blue'))
    await write(store, object('b', 'red', 'blue'), undefined)
    assert.deepEqual([await marked(store, 'red'), await marked(store, 'blue')], [[], ['a']])
  })

  it('cost a write nothing where they stay', () => {
    assert.deepEqual(
      markChanges(marking, 'core/configmaps/demo/a', object('a', 'red'), object('a', 'red')),
      [],
    )
  })

  it('are made for what was there before them, and anew for another version', async () => {
    await using store = await openSqliteStore({ file: ':memory:' })
    const names = Array.from({ length: 450 }, (_, n) => `c-${1000 + n}`)
    await store.commit(
      names.map((name, n) => ({
        key: objectKey(configMaps, 'demo', name),
        value: encodeObject(n % 2 === 0 ? object(name, 'even') : object(name)),
        expect: 'absent' as const,
      })),
    )
    await openMarks(store, marking)
    assert.deepEqual(
      await marked(store, 'even'),
      names.filter((_, n) => n % 2 === 0),
    )
    const revision = store.revision()
    await openMarks(store, marking)
    assert.equal(store.revision(), revision, 'a second start writes nothing')
    await openMarks(store, { ...marking, version: 2, of: () => ['all'] })
    assert.deepEqual([await marked(store, 'all'), await marked(store, 'even')], [names, []])
  })
})
