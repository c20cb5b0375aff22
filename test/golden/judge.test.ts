import assert from 'node:assert/strict'
import { it } from 'node:test'
import { judge, parseComparison } from './judge.ts'
import { knownDifferences, parseDifferences } from './recordings.ts'

const report = `002-whoami: stdout:1
  - alice
  + bob
150-get-is-labels: stdout:5
  - a
  + b
300-push: missing

unstable, not counted:
  differing 280-sched-after: generations

                       identical
all                          483
483 of 486 identical
`
const parts = (all: Record<string, string[]>) => ({ differingParts: (name: string) => all[name] ?? [] })
const everything = () => true

it('reads what the comparison of the recordings prints', () => {
  const { differing, identical, compared } = parseComparison(report)
  assert.deepEqual([...differing.keys()], ['002-whoami', '150-get-is-labels', '300-push'])
  assert.equal(differing.get('002-whoami'), '002-whoami: stdout:1\n  - alice\n  + bob')
  assert.deepEqual([identical, compared], [483, 486])
  assert.throws(() => parseComparison('nonsense'), /no totals/)
})

it('asks for a match of what is not listed, of the pieces that ran', () => {
  const known = parseDifferences('150-get-is-labels\t?stdout\tages\n300-push\trc\twhy\n')
  const found = parts({ '150-get-is-labels': ['stdout'], '300-push': ['rc'] })
  const verdict = judge(parseComparison(report), known, found, everything)
  assert.deepEqual(verdict.unexpected, ['002-whoami: stdout:1\n  - alice\n  + bob'])
  assert.deepEqual([verdict.more, verdict.stale], [[], []])
  assert.deepEqual(judge(parseComparison(report), known, found, (n) => n > 2).unexpected, [])
})

it('asks of what is listed to differ there, and nowhere else', () => {
  const known = parseDifferences(
    '398-a\theaders:etag\twhy\n399-b\theaders,stdout\twhy\n400-c\t?stdout\twhy\n',
  )
  const found = parts({ '398-a': ['headers:etag', 'headers:status', 'stdout'], '399-b': ['headers:etag'] })
  const verdict = judge(parseComparison(report), known, found, everything)
  assert.deepEqual(verdict.more, ['398-a: headers:status', '398-a: stdout'])
  assert.deepEqual(verdict.stale, ['399-b: stdout'])
})

it('keeps a list that can be read', () => {
  for (const { reason } of knownDifferences().values()) assert.match(reason, /\w/)
  assert.throws(() => parseDifferences('001-x\tstdout\n'), /no reason/)
})
