import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { compareBytes } from '../api/image/index.ts'
import { mergeByName } from './stream-tags.ts'

const names = ['10', '2', 'A', 'a', 'a-b', 'b', 'latest', 'v1', 'v1.0', 'é', '￮', '\u{1f600}']
const self = (name: string) => name

function merged(
  left: readonly string[],
  right: readonly string[],
): [string | undefined, string | undefined][] {
  const visited: [string | undefined, string | undefined][] = []
  mergeByName(left, self, right, self, (a, b) => visited.push([a, b]))
  return visited
}

describe('mergeByName()', () => {
  it('gives of every two sorted lists each name once, with what either has of it', () => {
    // Every pair of subsets of a few names, and with them every order of starts and ends.
    const subsets = (of: readonly string[]) =>
      Array.from({ length: 2 ** of.length }, (_empty, bits) => of.filter((_name, at) => bits & (2 ** at)))
    for (let from = 0; from + 4 <= names.length; from += 4) {
      for (const left of subsets(names.slice(from, from + 4))) {
        for (const right of subsets(names.slice(from, from + 4))) {
          const expected = [...new Set([...left, ...right])].sort(compareBytes)
          assert.deepEqual(
            merged(left, right),
            expected.map((name) => [
              left.includes(name) ? name : undefined,
              right.includes(name) ? name : undefined,
            ]),
          )
        }
      }
    }
  })

  it('is at its end with both lists', () => {
    assert.deepEqual(merged([], []), [])
    assert.deepEqual(
      merged(names, []),
      names.map((name) => [name, undefined]),
    )
    assert.deepEqual(
      merged([], names),
      names.map((name) => [undefined, name]),
    )
  })
})
