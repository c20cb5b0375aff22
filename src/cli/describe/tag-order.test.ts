import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { sortTags } from './tag-order.ts'

it('latest, then versions from new to old, then the rest', () => {
  const order = ['latest', '10.1', '2.1', 'v2.1', '2.1-rc1', '10.1.3', '1.0.0', '5', 'edge']
  assert.deepEqual(sortTags([...order].reverse()), order)
})

it('pre-releases rank below their release, by their parts', () => {
  const order = ['5.1.3', 'v5.1.3', '5.1.3-rc.2', '5.1.3-rc.1', '5.1.3-beta']
  assert.deepEqual(sortTags([...order].reverse()), order)
})

it('does not depend on the order given', () => {
  const tag = fc.oneof(
    fc.stringMatching(/^v?\d{1,2}\.\d{1,2}(\.\d{1,2})?(-[a-z]\d?)?$/),
    fc.constantFrom('latest', 'edge', '5'),
  )
  fc.assert(
    fc.property(fc.uniqueArray(tag), fc.array(fc.nat()), (tags, keys) => {
      const shuffled = tags.map((t, i) => [keys[i] ?? 0, t] as const).sort(([a], [b]) => a - b)
      assert.deepEqual(sortTags(shuffled.map(([, t]) => t)), sortTags(tags))
    }),
  )
})
