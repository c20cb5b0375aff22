import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { ApiError } from './errors.ts'
import {
  formatLabelSelector,
  type LabelOperator,
  type LabelRequirement,
  matchesLabels,
  parseLabelSelector,
  toLabelSelector,
} from './label-selector.ts'

function problemOf(text: string): string {
  try {
    parseLabelSelector(text)
  } catch (error) {
    if (error instanceof ApiError && error.code === 400) return error.message
    throw error
  }
  throw new Error(`${text} was parsed`)
}

describe('parseLabelSelector', () => {
  it('reads every operator', () => {
    const all = 'a=1,b==2,c!=3,d in (x,y),e notin (z),f,!g,h>1,i<2'
    assert.deepEqual(
      parseLabelSelector(all).map(({ key, operator, values }) => [key, operator, ...values]),
      [
        ['a', '=', '1'],
        ['b', '==', '2'],
        ['c', '!=', '3'],
        ['d', 'in', 'x', 'y'],
        ['e', 'notin', 'z'],
        ['f', 'exists'],
        ['g', '!'],
        ['h', 'gt', '1'],
        ['i', 'lt', '2'],
      ],
    )
  })

  it('reads blanks, empty values and keys named like operators', () => {
    assert.deepEqual(parseLabelSelector('  '), [])
    assert.deepEqual(parseLabelSelector(' x = , in in (in,) '), [
      { key: 'in', operator: 'in', values: ['', 'in'] },
      { key: 'x', operator: '=', values: [''] },
    ])
    for (const text of ['x in (,)', 'x in ()']) {
      assert.deepEqual(parseLabelSelector(text), [{ key: 'x', operator: 'in', values: [''] }])
    }
  })

  it('refuses with the words of Kubernetes', () => {
    const cases: [string, string][] = [
      ['!!', "unable to parse requirement: found '!', expected: identifier"],
      ['!', "unable to parse requirement: found '', expected: identifier"],
      [',', "found ',', expected: !, identifier, or 'end of string'"],
      ['a,', "found '', expected: identifier after ','"],
      ['a b', "unable to parse requirement: found 'b', expected: in, notin, =, ==, !=, gt, lt"],
      ['a in b', "unable to parse requirement: found 'b' expected: '('"],
      ['a in (b', "unable to parse requirement: found '', expected: ',' or ')'"],
      ['a=(', "unable to parse requirement: found '(', expected: identifier"],
      ['a=b=c', "found '=', expected: ',' or 'end of string'"],
      ['!a=b', "found '=', expected: ',' or 'end of string'"],
      [
        'a>x',
        `unable to parse requirement: values[0]: Invalid value: "x": for 'Gt', 'Lt' operators, the value must be an integer`,
      ],
      ['/x', 'unable to parse requirement: <nil>: Invalid value: "/x": prefix part must be non-empty'],
    ]
    for (const [text, message] of cases) assert.equal(problemOf(text), message)
    assert.match(
      problemOf('a=b/c'),
      /^unable to parse requirement: values\[0\]\[a\]: Invalid value: "b\/c": a valid label must be/,
    )
  })
})

describe('matchesLabels', () => {
  it('follows the operators', () => {
    const labels = { a: '1', tier: 'web' }
    const yes = [
      '',
      'a',
      '!b',
      'a=1',
      'a!=2',
      'b!=2',
      'a in (1,2)',
      'b notin (1)',
      'a>0',
      'a<2',
      'a,tier=web',
    ]
    const no = [
      'b',
      '!a',
      'a=2',
      'a!=1',
      'b=',
      'a notin (1)',
      'b in (1)',
      'a>1',
      'a<1',
      'tier>0',
      'a,tier=db',
    ]
    for (const text of yes) assert.ok(matchesLabels(parseLabelSelector(text), labels), text)
    for (const text of no) assert.ok(!matchesLabels(parseLabelSelector(text), labels), text)
    assert.ok(!matchesLabels(parseLabelSelector('toString'), {}))
  })
})

describe('toLabelSelector', () => {
  it('reads the object form', () => {
    const selector = toLabelSelector({
      matchLabels: { a: '1' },
      matchExpressions: [
        { key: 'b', operator: 'In', values: ['x', 'y'] },
        { key: 'c', operator: 'DoesNotExist' },
      ],
    })
    assert.ok(selector)
    assert.equal(formatLabelSelector(selector), 'a=1,b in (x,y),!c')
    assert.equal(toLabelSelector(undefined), undefined)
    assert.deepEqual(toLabelSelector({}), [])
  })

  it('refuses what cannot be', () => {
    assert.throws(
      () => toLabelSelector({ matchExpressions: [{ key: 'a', operator: 'Like' }] }),
      /"Like" is not a valid label selector operator/,
    )
    assert.throws(
      () => toLabelSelector({ matchExpressions: [{ key: 'a', operator: 'In' }] }),
      /can't be empty/,
    )
  })
})

const key = fc.stringMatching(/^([a-z]{1,4}\.io\/)?[A-Za-z]([a-z_.-]{0,5}[a-z0-9])?$/)
const value = fc.stringMatching(/^([A-Za-z0-9]([a-z_.-]{0,5}[a-z0-9])?)?$/)
/** Plain objects only, which deepEqual compares. */
const record = <T>(model: { [K in keyof T]: fc.Arbitrary<T[K]> }) =>
  fc.record(model, { noNullPrototype: true })

const requirement: fc.Arbitrary<LabelRequirement> = fc.oneof(
  record({ key, operator: fc.constantFrom<LabelOperator>('=', '==', '!='), values: fc.tuple(value) }),
  record({
    key,
    operator: fc.constantFrom<LabelOperator>('in', 'notin'),
    values: fc.uniqueArray(value, { minLength: 1, maxLength: 4 }).map((values) => values.sort()),
  }),
  record({ key, operator: fc.constantFrom<LabelOperator>('exists', '!'), values: fc.constant([]) }),
  record({
    key,
    operator: fc.constantFrom<LabelOperator>('gt', 'lt'),
    values: fc.integer({ min: 0 }).map((n) => [String(n)]),
  }),
)

describe('label selectors, any', () => {
  it('parse what they print', () => {
    fc.assert(
      fc.property(fc.array(requirement, { maxLength: 5 }), (requirements) => {
        const sorted = [...requirements].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
        assert.deepEqual(parseLabelSelector(formatLabelSelector(sorted)), sorted)
      }),
    )
  })

  it('are refused with 400 or parsed, whatever the text', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[ab=!(),<> in]*$/), (text) => {
        try {
          parseLabelSelector(text)
        } catch (error) {
          assert.ok(error instanceof ApiError && error.code === 400)
        }
      }),
    )
  })

  it('and their opposites never both match', () => {
    const opposites: Partial<Record<LabelOperator, LabelOperator>> = { '=': '!=', in: 'notin', exists: '!' }
    fc.assert(
      fc.property(requirement, fc.dictionary(key, value), (one, labels) => {
        const opposite = opposites[one.operator]
        if (opposite === undefined) return
        const other = { ...one, operator: opposite }
        assert.notEqual(matchesLabels([one], labels), matchesLabels([other], labels))
      }),
    )
  })
})
