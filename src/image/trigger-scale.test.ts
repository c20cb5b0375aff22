import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { DeploymentConfig, ReplicationController } from '../api/index.ts'
import { configVersionAnnotation, rolloutPhaseAnnotation } from './trigger-rollout.ts'
import { cancelledAnnotation, expiredRollouts, planRolloutStep, rolloutPhase } from './trigger-scale.ts'
import { rolloutStatus } from './trigger-status.ts'

const made = '2026-05-06T12:00:00Z'
const start = Date.parse(made)

function config(strategy: object = {}, replicas = 4): DeploymentConfig {
  return {
    metadata: { name: 'web', generation: 1 },
    spec: { replicas, test: false, strategy: { type: 'Rolling', ...strategy }, triggers: [] },
    status: { latestVersion: 2 },
  } as unknown as DeploymentConfig
}

function rollout(version: number, phase: string, replicas: number, more: object = {}): ReplicationController {
  return {
    metadata: {
      name: `web-${version}`,
      creationTimestamp: made,
      annotations: { [configVersionAnnotation]: String(version), [rolloutPhaseAnnotation]: phase },
    },
    spec: { replicas },
    status: { replicas, availableReplicas: replicas, observedGeneration: 1, ...more },
  } as ReplicationController
}

const apply = (all: ReplicationController[], config: DeploymentConfig, now = start) => {
  const [latest, ...older] = all as [ReplicationController, ...ReplicationController[]]
  const changes = planRolloutStep(config, latest, older, now)
  for (const { rollout, replicas, annotations } of changes) {
    if (replicas !== undefined) rollout.spec.replicas = replicas
    Object.assign(rollout.metadata.annotations ?? {}, annotations)
  }
  return changes.length
}

const sizes = (all: ReplicationController[]) => all.map(({ spec }) => spec.replicas)

describe('rollouts', () => {
  it('wait for somebody who runs pods', () => {
    const latest = rollout(2, 'New', 0, { observedGeneration: undefined })
    assert.equal(apply([latest, rollout(1, 'Complete', 4)], config(), start + 1e9), 0)
  })

  it('count as complete, as records, where nobody takes notice', () => {
    const unseen = { observedGeneration: undefined, availableReplicas: undefined }
    const all = [rollout(2, 'New', 0, unseen), rollout(1, 'Complete', 4, unseen)]
    assert.equal(apply(all, config(), start + 9_000), 0)
    assert.equal(apply(all, config(), start + 10_000), 1)
    assert.equal(rolloutPhase(all[0] as ReplicationController), 'Complete')
    apply(all, config(), start + 10_000)
    assert.deepEqual(sizes(all), [4, 0])
    assert.equal(apply(all, config(), start + 20_000), 0)
  })

  it('roll within their bounds, whatever becomes ready when', () => {
    const bounds = fc.record({
      maxSurge: fc.nat(3),
      maxUnavailable: fc.nat(3),
      replicas: fc.integer({ min: 1, max: 8 }),
    })
    fc.assert(
      fc.property(
        bounds,
        fc.infiniteStream(fc.boolean()),
        ({ maxSurge, maxUnavailable, replicas }, ready) => {
          const of = config({ rollingParams: { maxSurge, maxUnavailable, timeoutSeconds: 600 } }, replicas)
          const all = [rollout(2, 'New', 0), rollout(1, 'Complete', replicas)]
          const missing = maxSurge === 0 && maxUnavailable === 0 ? 1 : maxUnavailable
          for (
            let step = 0;
            step < 1000 && rolloutPhase(all[0] as ReplicationController) !== 'Complete';
            step++
          ) {
            apply(all, of)
            const total = all.reduce((sum, { spec }) => sum + (spec.replicas ?? 0), 0)
            assert(total <= replicas + maxSurge, `${total} pods`)
            for (const { spec, status } of all) {
              const now = spec.replicas ?? 0
              const before = Math.min(status.availableReplicas ?? 0, now)
              status.replicas = now
              status.availableReplicas = ready.next().value ? Math.min(before + 1, now) : before
            }
            const alive = all.reduce((sum, { status }) => sum + (status.availableReplicas ?? 0), 0)
            assert(alive >= replicas - missing, `${alive} available`)
          }
          assert.deepEqual(sizes(all), [replicas, 0])
        },
      ),
    )
  })

  it('recreate: first none, then all', () => {
    const all = [rollout(2, 'Running', 0), rollout(1, 'Complete', 4)]
    const of = config({ type: 'Recreate' })
    apply(all, of)
    assert.deepEqual(sizes(all), [0, 0])
    assert.equal(apply(all, of), 0)
    Object.assign(all[1]?.status ?? {}, { replicas: 0, availableReplicas: 0 })
    apply(all, of)
    assert.deepEqual(sizes(all), [4, 0])
  })

  it('go back by themselves when they take too long, or are cancelled', () => {
    for (const isCancelled of [true, false]) {
      const all = [
        rollout(3, 'Running', 1, { availableReplicas: 0 }),
        rollout(1, 'Failed', 0),
        rollout(2, 'Complete', 3),
      ]
      const latest = all[0] as ReplicationController
      if (isCancelled) Object.assign(latest.metadata.annotations ?? {}, { [cancelledAnnotation]: 'true' })
      apply(all, config(), isCancelled ? start : start + 600_000)
      assert.equal(rolloutPhase(latest), 'Failed')
      apply(all, config())
      assert.deepEqual(sizes(all), [0, 0, 4])
      const { conditions } = rolloutStatus(config(), latest, all.slice(1), made)
      const reason = isCancelled ? 'RolloutCancelled' : 'ProgressDeadlineExceeded'
      assert.equal(conditions?.find(({ type }) => type === 'Progressing')?.reason, reason)
    }
  })

  it('end older ones that are under way', () => {
    const all = [rollout(2, 'New', 0), rollout(1, 'Running', 2)]
    apply(all, config())
    assert.equal(rolloutPhase(all[1] as ReplicationController), 'Failed')
  })

  it('are forgotten beyond the history limit, oldest first', () => {
    const of = config()
    of.spec.revisionHistoryLimit = 1
    const older = [
      rollout(1, 'Complete', 0),
      rollout(3, 'Failed', 0),
      rollout(2, 'Complete', 0),
      rollout(4, 'Running', 0),
    ]
    assert.deepEqual(
      expiredRollouts(of, older).map(({ metadata }) => metadata.name),
      ['web-1', 'web-2'],
    )
  })
})
