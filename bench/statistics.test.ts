import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { advantage, errorOfMedian, median, percentile, spread } from './statistics.ts'

describe('percentile()', () => {
  it('interpolates between neighbours, whatever the order of the values', () => {
    assert.equal(percentile([40, 10, 30, 20], 0.5), 25)
    assert.equal(percentile([10, 20, 30], 0.25), 15)
  })
  it('gives the ends at 0 and 1', () => {
    assert.equal(percentile([3, 1, 2], 0), 1)
    assert.equal(percentile([3, 1, 2], 1), 3)
  })
  it('sorts numbers as numbers and leaves its argument alone', () => {
    const values = [10, 9, 100]
    assert.equal(percentile(values, 0.5), 10)
    assert.deepEqual(values, [10, 9, 100])
  })
  it('refuses no values and a share that is none', () => {
    assert.throws(() => percentile([], 0.5), RangeError)
    assert.throws(() => percentile([1, 2], 2), RangeError)
  })
})

describe('median()', () => {
  it('is not moved by one wild round', () => assert.equal(median([5, 6, 9000]), 6))
})

describe('spread()', () => {
  it('is half of the quartile distance over the median', () => assert.equal(spread([8, 9, 10, 11, 12]), 0.1))
  it('is 0 for equal values, zeros included', () => {
    assert.equal(spread([4, 4, 4]), 0)
    assert.equal(spread([0, 0]), 0)
  })
})

describe('errorOfMedian()', () => {
  it('shrinks with the root of the number of values', () => {
    const four = errorOfMedian([1, 2, 3, 4])
    const many = Array.from({ length: 100 }, () => [1, 2, 3, 4]).flat()
    assert.ok(four > 8 * errorOfMedian(many) && four < 12 * errorOfMedian(many))
  })
  it('is 0 where all agree', () => assert.equal(errorOfMedian([5, 5, 5]), 0))
})

describe('advantage()', () => {
  it('is above 1 when we are better', () => {
    assert.equal(advantage(300, 100, 'higher'), 3)
    assert.equal(advantage(2, 8, 'lower'), 4)
    assert.equal(advantage(50, 100, 'higher'), 0.5)
  })
})
