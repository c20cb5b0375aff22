import assert from 'node:assert/strict'
import { it } from 'node:test'
import { planPatch } from './three-way.ts'

const strategic = { strategic: true }

it('sets what differs, removes what the file no longer has, leaves the rest', () => {
  const patch = planPatch(
    { a: 1, gone: 1, m: { x: 1, y: 1 } },
    { a: 2, m: { x: 1 } },
    { a: 1, gone: 1, m: { x: 1, y: 1, theirs: 1 }, status: 1 },
    strategic,
  )
  assert.deepEqual(patch, { a: 2, m: { y: null }, gone: null })
})

it('nothing to do is an empty patch', () => {
  assert.deepEqual(planPatch({ a: [1] }, { a: [1], n: null }, { a: [1], b: 2 }, strategic), {})
})

it('merges lists by their key', () => {
  const tags = (...names: string[]) => ({ spec: { tags: names.map((name) => ({ name, from: { name } })) } })
  const patch = planPatch(
    tags('a', 'b'),
    tags('a', 'c'),
    {
      spec: { tags: [{ name: 'a', from: { name: 'a' }, generation: 2 }, { name: 'b' }, { name: 'theirs' }] },
    },
    strategic,
  )
  assert.deepEqual(patch, {
    spec: {
      tags: [
        { name: 'c', from: { name: 'c' } },
        { $patch: 'delete', name: 'b' },
      ],
    },
  })
})

it('replaces lists that have no key, and all lists of a merge patch', () => {
  assert.deepEqual(planPatch({}, { args: ['b'] }, { args: ['a'] }, strategic), { args: ['b'] })
  const containers = [{ name: 'c', image: 'x' }]
  assert.deepEqual(
    planPatch({}, { containers }, { containers: [{ name: 'c', image: 'y', more: 1 }] }, { strategic: false }),
    { containers },
  )
})
