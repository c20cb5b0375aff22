import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { findTriggerKinds } from './trigger-kinds.ts'

describe('kinds with triggers by configuration', () => {
  it('are found by plural and group; those that have triggers anyway add nothing', () => {
    const kinds = findTriggerKinds(['configmaps', 'podtemplates', 'deployments.apps', 'configmaps'])
    assert(typeof kinds !== 'string')
    assert.deepEqual(
      kinds.map(({ kind }) => kind),
      ['ConfigMap', 'PodTemplate'],
    )
  })

  it('must exist, and be such as may have any', () => {
    assert.match(
      String(findTriggerKinds(['rollouts.argoproj.io'])),
      /^triggers\.kinds\.0: there is no kind rollouts/,
    )
    for (const name of [
      'secrets',
      'nodes',
      'imagestreams.image.openshift.io',
      'roles.rbac.authorization.k8s.io',
    ]) {
      assert.match(String(findTriggerKinds(['configmaps', name])), /^triggers\.kinds\.1: /, name)
    }
  })
})
