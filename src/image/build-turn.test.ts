import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Build } from '../api/index.ts'
import { expiredBuilds, planBuildTurn } from './build-turn.ts'

const build = (number: number, phase: string, policy = 'Serial') =>
  ({
    metadata: {
      name: `b-${number}`,
      labels: { 'openshift.io/build.start-policy': policy },
      annotations: { 'openshift.io/build.number': String(number) },
    },
    spec: {},
    status: { phase },
  }) as unknown as Build

describe('planBuildTurn()', () => {
  it('runs serial builds one after the other, in their order', () => {
    const turn = (...siblings: Build[]) => planBuildTurn(build(3, 'New'), siblings).kind
    assert.equal(turn(build(1, 'Complete'), build(2, 'Failed'), build(4, 'New')), 'go')
    assert.equal(turn(build(2, 'New')), 'wait')
    assert.equal(turn(build(4, 'Running')), 'wait')
  })

  it('runs parallel builds at once, but not beside serial ones', () => {
    const turn = (...siblings: Build[]) => planBuildTurn(build(3, 'New', 'Parallel'), siblings).kind
    assert.equal(turn(build(1, 'Running', 'Parallel'), build(2, 'New', 'Parallel')), 'go')
    assert.equal(turn(build(1, 'Running')), 'wait')
  })

  it('passes over what is not the latest', () => {
    const turn = (...siblings: Build[]) => planBuildTurn(build(3, 'New', 'SerialLatestOnly'), siblings)
    assert.deepEqual(turn(build(4, 'New', 'SerialLatestOnly')), { kind: 'superseded', by: 'b-4' })
    assert.deepEqual(turn(build(2, 'Running', 'SerialLatestOnly')), { kind: 'wait', for: 'b-2' })
    assert.equal(turn(build(2, 'New', 'SerialLatestOnly')).kind, 'go')
  })
})

describe('expiredBuilds()', () => {
  it('keeps the newest of each kind', () => {
    const all = [
      build(1, 'Complete'),
      build(2, 'Failed'),
      build(3, 'Complete'),
      build(4, 'Cancelled'),
      build(5, 'Complete'),
      build(6, 'Running'),
    ]
    const names = (limits: Parameters<typeof expiredBuilds>[1]) =>
      expiredBuilds(all, limits).map(({ metadata }) => metadata.name)
    assert.deepEqual(names({ successful: 2, failed: 1 }), ['b-1', 'b-2'])
    assert.deepEqual(names({ successful: 0, failed: undefined }), ['b-1', 'b-3', 'b-5'])
  })
})
