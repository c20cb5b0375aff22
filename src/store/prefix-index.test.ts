import assert from 'node:assert/strict'
import { it } from 'node:test'
import fc from 'fast-check'
import { PrefixIndex } from './prefix-index.ts'

it('finds exactly the members whose prefix the key begins with, after any additions and removals', () => {
  const path = fc
    .array(fc.constantFrom('a', 'b', '/', 'é', '😀'), { maxLength: 5 })
    .map((parts) => parts.join(''))
  const step = fc.record({ prefix: path, member: fc.integer({ min: 0, max: 3 }), add: fc.boolean() })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), path, (steps, key) => {
      const index = new PrefixIndex<number>()
      const members = new Set<string>()
      for (const { prefix, member, add } of steps) {
        if (add) index.add(prefix, member)
        else index.remove(prefix, member)
        members[add ? 'add' : 'delete'](`${member} ${prefix}`)
      }
      const expected = [...members]
        .filter((name) => key.startsWith(name.slice(2)))
        .map((name) => Number(name[0]))
      assert.deepEqual([...index.matching(key)].sort(), expected.sort())
      assert.equal([...index.all()].length, members.size)
    }),
  )
})
