import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { createImageTable } from './image-table.ts'
import { createNameNumbers } from './name-numbers.ts'
import type { ImageFacts } from './prune-facts.ts'

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

describe('numbers of names', () => {
  it('are the same for the same name, whatever it is, and lead back to it', () => {
    const numbers = createNameNumbers()
    const names = [
      ...Array.from({ length: 5000 }, (_, n) => digest(String(n))),
      '',
      'latest',
      `sha512:${'a'.repeat(128)}`,
      `sha256:${'A'.repeat(64)}`,
      `sha256:${'a'.repeat(63)}`,
      `sha256:${'0'.repeat(64)}`,
      'ü',
    ]
    const given = names.map(numbers.number)
    assert.deepEqual(
      given,
      names.map((_, n) => n),
    )
    assert.deepEqual(names.map(numbers.number), given)
    assert.deepEqual(given.map(numbers.name), names)
    assert.deepEqual(names.map(numbers.find), given)
    assert.equal(numbers.size, names.length)
  })

  it('are given to nobody who only asks', () => {
    const numbers = createNameNumbers()
    assert.deepEqual([numbers.find(digest('a')), numbers.find('a'), numbers.size], [undefined, undefined, 0])
  })

  it('tell digests apart that begin alike', () => {
    const numbers = createNameNumbers()
    const names = Array.from({ length: 3000 }, (_, n) => `sha256:${String(n).padStart(64, '0')}`)
    for (const name of names) numbers.number(name)
    assert.deepEqual(
      names.map(numbers.find).map((number) => numbers.name(number ?? -1)),
      names,
    )
  })
})

describe('a table of images', () => {
  const factsOf = (n: number): ImageFacts => ({
    name: n % 7 === 0 ? `name-${n}` : digest(`image ${n}`),
    created: 1_700_000_000_000 + n,
    managed: n % 2 === 0,
    blobs: Array.from({ length: n % 5 }, (_, layer) => digest(`layer ${n % 3} ${layer}`)),
    children: n % 10 === 0 ? [digest(`image ${n + 1}`), digest('elsewhere')] : [],
    ...(n % 11 === 0 ? { subject: digest('subject') } : {}),
    size: n * 5_000_000_000,
  })

  it('gives back what it was given', () => {
    const all = Array.from({ length: 2000 }, (_, n) => factsOf(n))
    const table = createImageTable(all)
    assert.equal(table.size, all.length)
    for (const [row, facts] of all.entries()) {
      assert.deepEqual(table.get(facts.name), facts)
      assert.deepEqual(table.at(row), facts)
      assert.equal(table.numbers.name(table.nameAt(row)), facts.name)
    }
    assert.equal(table.get(digest('layer 1 0')), undefined)
    assert.equal(table.get('none'), undefined)
    assert.deepEqual(table.childrenOf(table.numbers.number(digest('image 10'))).map(table.numbers.name), [
      digest('image 11'),
      digest('elsewhere'),
    ])
  })

  it('keeps what came first of a name', () => {
    const table = createImageTable([factsOf(1)])
    table.add({ ...factsOf(1), size: 1 })
    assert.deepEqual([table.size, table.get(factsOf(1).name)], [1, factsOf(1)])
  })
})
