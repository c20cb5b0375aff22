import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { defaultImagePolicy, denyExecutionRule, lookupMode } from '../image/index.ts'
import { readImagePolicy } from './image-policy-config.ts'

const pods = { group: '', resource: 'pods' }
const read = (file: Parameters<typeof readImagePolicy>[0]) => {
  const policy = readImagePolicy(file)
  assert(typeof policy !== 'string', String(policy))
  return policy
}

describe('the image policy of the configuration', () => {
  it('is the default of the reference unless something is said', () => {
    assert.deepEqual(read({}), defaultImagePolicy)
    assert.deepEqual(lookupMode(read({}), pods), {
      localNames: true,
      resolves: false,
      rewrites: false,
      isRequired: false,
    })
  })

  it('resolves what a rule judges, and has the classic rule at hand', () => {
    const policy = read({ denyExecution: true, resolveImages: 'Required' })
    assert.deepEqual(policy.executionRules, [denyExecutionRule])
    assert.equal(lookupMode(policy, pods).isRequired, true)
    assert.equal(lookupMode(policy, { group: 'apps', resource: 'deployments' }).isRequired, false)
  })

  it('fills in what rules leave out', () => {
    const policy = read({
      resolveImages: 'AttemptRewrite',
      executionRules: [{ name: 'a' }],
      resolutionRules: [{ targetResource: { group: 'apps', resource: '*' }, localNames: true }],
    })
    assert.deepEqual(policy.executionRules, [{ name: 'a', reject: false, onResources: [pods] }])
    assert.deepEqual(lookupMode(policy, { group: 'apps', resource: 'deployments' }), {
      localNames: true,
      resolves: true,
      rewrites: true,
      isRequired: false,
    })
  })

  it('says what is wrong, and where', () => {
    const rule = { name: 'a', reject: true }
    const wrong: [Parameters<typeof readImagePolicy>[0], RegExp][] = [
      [
        { executionRules: [rule, rule] },
        /^imagePolicy\.executionRules\.1\.name: a is the name of another rule, too$/,
      ],
      [
        { executionRules: [{ ...rule, name: 'execution-denied' }], denyExecution: true },
        /executionRules\.1\.name/,
      ],
      [
        {
          executionRules: [
            { ...rule, matchImageLabels: [{ matchExpressions: [{ key: 'x', operator: 'Like' }] }] },
          ],
        },
        /^imagePolicy\.executionRules\.0\.matchImageLabels\.0: .*Like/,
      ],
      [
        {
          resolveImages: 'DoNotAttempt',
          executionRules: [{ ...rule, matchImageAnnotations: [{ key: 'x' }] }],
        },
        /^imagePolicy\.executionRules\.0\.matchImageAnnotations: images are not being resolved/,
      ],
    ]
    for (const [file, text] of wrong) assert.match(String(readImagePolicy(file)), text)
  })
})
