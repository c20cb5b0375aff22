import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ImagePruner, ImagePrunerSpec } from '../api/index.ts'
import { lastScheduleAnnotation, planPruner, prunePolicyOf, withCondition } from './prune-policy.ts'

const now = new Date('2026-01-05T12:00:00Z')

function pruner(spec: Partial<ImagePrunerSpec>, { since = '', last = '' } = {}): ImagePruner {
  return {
    metadata: { name: 'cluster', annotations: last === '' ? {} : { [lastScheduleAnnotation]: last } },
    spec: { schedule: '', ...spec },
    status: {
      observedGeneration: 1,
      conditions: since === '' ? [] : [{ type: 'Scheduled', status: 'True', lastTransitionTime: since }],
    },
  } as ImagePruner
}

it('counts from when it was switched on', () => {
  const next = new Date('2026-01-06T00:00:00Z')
  assert.deepEqual(planPruner(pruner({ suspend: true }), now), { kind: 'suspended' })
  assert.deepEqual(planPruner(pruner({}), now), { kind: 'begin', next })
  assert.deepEqual(planPruner(pruner({}, { since: '2026-01-05T11:00:00Z' }), now), { kind: 'wait', next })
})

it('a restart neither repeats a run nor forgets one', () => {
  const since = '2026-01-01T00:00:00Z'
  const done = pruner({}, { since, last: '2026-01-05T00:00:00Z' })
  assert.equal(planPruner(done, now).kind, 'wait')
  const missed = pruner({}, { since, last: '2026-01-03T00:00:00Z' })
  assert.deepEqual(planPruner(missed, now), { kind: 'run', scheduled: new Date('2026-01-05T00:00:00Z') })
})

it('is switched on anew after a pause, without making up for it', () => {
  const resumed = pruner({}, { since: '2026-01-05T11:00:00Z', last: '2025-12-01T00:00:00Z' })
  assert.equal(planPruner(resumed, now).kind, 'wait')
})

it('fills in what is not said', () => {
  const usual = { keepRevisions: 3, keepYoungerThan: 3_600_000, ignoresInvalid: false, logsSteps: false }
  assert.deepEqual(prunePolicyOf({ schedule: '' }), usual)
  assert.equal(prunePolicyOf({ schedule: '', keepYoungerThan: 6e10 }).keepYoungerThan, 60_000)
  const both = { schedule: '', keepYoungerThan: 1, keepYoungerThanDuration: '2h' }
  assert.equal(prunePolicyOf(both).keepYoungerThan, 7_200_000)
})

it('a condition tells since when', () => {
  const first = withCondition([], { type: 'Failed', status: 'False', reason: 'Complete' }, 't1')
  const same = withCondition(
    first,
    { type: 'Failed', status: 'False', reason: 'Complete', message: 'm' },
    't2',
  )
  assert.deepEqual([same[0]?.lastTransitionTime, same[0]?.message], ['t1', 'm'])
  const other = withCondition(same, { type: 'Failed', status: 'True', reason: 'Error' }, 't3')
  assert.equal(other[0]?.lastTransitionTime, 't3')
})
