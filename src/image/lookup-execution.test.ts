import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Image } from '../api/image/index.ts'
import { type ExecutionQuestion, mayExecute } from './lookup-execution.ts'
import { createImagePolicy, denyExecutionRule, lookupMode } from './lookup-policy.ts'

const pods = { group: '', resource: 'pods' }
const image = (annotations: Record<string, string>) => ({ metadata: { name: 'x', annotations } }) as Image
const denied = image({ 'images.openshift.io/deny-execution': 'true' })
const ask = (more: Partial<ExecutionQuestion>): ExecutionQuestion => ({
  resource: pods,
  image: 'quay.io/a/b:c',
  found: denied,
  internalRegistry: 'reg:5000',
  ...more,
})

describe('execution rules', () => {
  const policy = createImagePolicy({ executionRules: [denyExecutionRule] })

  it('refuse the images that they match', () => {
    assert.equal(mayExecute(policy, ask({})), false)
    assert.equal(mayExecute(policy, ask({ found: image({}) })), true)
    assert.equal(mayExecute(policy, ask({ found: undefined })), true)
    assert.equal(mayExecute(policy, ask({ resource: { group: 'apps', resource: 'deployments' } })), true)
  })

  it('look at the labels of the Image', () => {
    const rule = {
      name: 'unsigned',
      reject: true,
      onResources: [{ group: '', resource: '*' }],
      matchImageLabels: [{ matchExpressions: [{ key: 'signed', operator: 'DoesNotExist' }] }],
    }
    const labelled = createImagePolicy({ executionRules: [rule] })
    const signed = { metadata: { name: 'x', labels: { signed: 'yes' } } } as unknown as Image
    assert.equal(mayExecute(labelled, ask({})), false)
    assert.equal(mayExecute(labelled, ask({ found: signed })), true)
    assert.equal(mayExecute(labelled, ask({ found: undefined })), true)
  })

  it('can be ignored by a namespace, unless they say otherwise', () => {
    const ignoredRules = 'other, execution-denied'
    assert.equal(mayExecute(policy, ask({ ignoredRules })), true)
    const strict = createImagePolicy({
      executionRules: [{ ...denyExecutionRule, ignoreNamespaceOverride: true }],
    })
    assert.equal(mayExecute(strict, ask({ ignoredRules })), false)
  })

  it('admit only what they name where the last one admits', () => {
    const only = createImagePolicy({
      executionRules: [{ name: 'ours', reject: false, onResources: [pods], matchIntegratedRegistry: true }],
    })
    assert.equal(mayExecute(only, ask({})), false)
    assert.equal(mayExecute(only, ask({ image: 'reg:5000/a/b:c' })), true)
  })

  it('make the resources that they cover resolve as the policy says', () => {
    const required = createImagePolicy({ resolveImages: 'Required', executionRules: [denyExecutionRule] })
    assert.equal(lookupMode(required, pods).isRequired, true)
    assert.equal(lookupMode(required, { group: 'apps', resource: 'deployments' }).isRequired, false)
    assert.deepEqual(lookupMode(createImagePolicy(), pods), {
      localNames: true,
      resolves: false,
      rewrites: false,
      isRequired: false,
    })
  })
})
