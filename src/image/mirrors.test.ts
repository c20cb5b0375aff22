import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { MirrorEntry } from './mirrors.ts'
import { planSources, toMirrorEntries } from './mirrors.ts'

const entry = (source: string, mirrors: string[], rest: Partial<MirrorEntry> = {}): MirrorEntry => ({
  source,
  mirrors,
  use: 'digest',
  neverSource: false,
  ...rest,
})
const plan = (repository: string, entries: MirrorEntry[], honour = false) =>
  planSources(repository, 'digest', entries, honour).map(({ repository: place }) => place)

describe('planSources()', () => {
  it('is the repository alone without a matching entry', () => {
    assert.deepEqual(plan('quay.io/org/app', []), ['quay.io/org/app'])
    assert.deepEqual(plan('quay.io/organ/app', [entry('quay.io/org', ['m.test/org'])]), ['quay.io/organ/app'])
    assert.deepEqual(plan('quay.io/org/app', [entry('quay.io/org', ['m.test/org'], { use: 'tag' })]), [
      'quay.io/org/app',
    ])
    assert.deepEqual(plan('quay.io/org/app', [entry('quay.io/org', ['quay.io/org'])]), ['quay.io/org/app'])
  })
  it('puts mirrors first, with what follows the source appended', () => {
    assert.deepEqual(plan('quay.io/org/app', [entry('quay.io', ['m.test/quay'])]), [
      'm.test/quay/org/app',
      'quay.io/org/app',
    ])
    assert.deepEqual(plan('quay.io/app', [entry('quay.io/app', ['m.test/x'])]), ['m.test/x', 'quay.io/app'])
  })
  it('takes the longest source only, and one without mirrors inherits', () => {
    const entries = [
      entry('quay.io', ['far.test']),
      entry('quay.io/org', ['near.test/org']),
      entry('quay.io/org/app', []),
    ]
    assert.deepEqual(plan('quay.io/org/app', entries), ['near.test/org/app', 'quay.io/org/app'])
  })
  it('merges lists of one source keeping the order of each', () => {
    const entries = [entry('q', ['b', 'c']), entry('q', ['a', 'b']), entry('q', ['a', 'd'])]
    assert.deepEqual(plan('q/x', entries), ['a/x', 'b/x', 'c/x', 'd/x', 'q/x'])
    assert.deepEqual(plan('q/x', [entry('q', ['b', 'a']), entry('q', ['a', 'b'])]), ['a/x', 'b/x', 'q/x'])
  })
  it('leaves the original out where every entry says so and the caller honours it', () => {
    const never = entry('q', ['m'], { neverSource: true })
    assert.deepEqual(plan('q/x', [never], true), ['m/x'])
    assert.deepEqual(plan('q/x', [never], false), ['m/x', 'q/x'])
    assert.deepEqual(plan('q/x', [never, entry('q', ['n'])], true), ['m/x', 'n/x', 'q/x'])
  })
})

describe('toMirrorEntries()', () => {
  it('reads all three kinds', () => {
    const entries = toMirrorEntries({
      contentSourcePolicies: [{ spec: { repositoryDigestMirrors: [{ source: 'a', mirrors: ['m'] }] } }],
      digestMirrorSets: [
        {
          spec: {
            imageDigestMirrors: [{ source: 'b', mirrors: ['n'], mirrorSourcePolicy: 'NeverContactSource' }],
          },
        },
      ],
      tagMirrorSets: [{ spec: { imageTagMirrors: [{ source: 'c' }, { mirrors: ['x'] }] } }, {}],
    })
    assert.deepEqual(entries, [
      { source: 'a', mirrors: ['m'], use: 'digest', neverSource: false },
      { source: 'b', mirrors: ['n'], use: 'digest', neverSource: true },
      { source: 'c', mirrors: [], use: 'tag', neverSource: false },
    ])
  })
})
