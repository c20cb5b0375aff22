import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aggregateRules, planAggregation } from './aggregate.ts'
import type { ClusterRole, PolicyRule } from './rbac-objects.ts'

const rule = (resource: string): PolicyRule => ({ apiGroups: [''], resources: [resource], verbs: ['get'] })

function role(name: string, rules: PolicyRule[], to?: string, from?: string): ClusterRole {
  return {
    metadata: { name, ...(to === undefined ? {} : { labels: { to } }) },
    rules,
    ...(from === undefined
      ? {}
      : { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { to: from } }] } }),
  }
}

describe('aggregateRules()', () => {
  it('collects by label, in the order of names, each rule once, never its own', () => {
    const target = role('b', [rule('own')], 'x', 'x')
    const all = [
      role('c', [rule('two'), rule('one')], 'x'),
      target,
      role('a', [rule('one')], 'x'),
      role('d', [rule('no')], 'y'),
    ]
    assert.deepEqual(aggregateRules(target, all), [rule('one'), rule('two')])
  })

  it('takes expressions as selectors too', () => {
    const select = (operator: string, values?: string[]) =>
      aggregateRules(
        {
          metadata: { name: 't' },
          rules: [],
          aggregationRule: {
            clusterRoleSelectors: [
              { matchExpressions: [{ key: 'to', operator, ...(values ? { values } : {}) }] },
            ],
          },
        },
        [role('a', [rule('a')], 'x'), role('b', [rule('b')])],
      ).flatMap(({ resources = [] }) => resources)
    assert.deepEqual(select('In', ['x']), ['a'])
    assert.deepEqual(select('NotIn', ['x']), ['b'])
    assert.deepEqual(select('Exists'), ['a'])
    assert.deepEqual(select('DoesNotExist'), ['b'])
    assert.deepEqual(select('Unheard'), [])
  })
})

describe('planAggregation()', () => {
  it('follows roles that take from each other to the end', () => {
    const all = [
      role('admin', [], undefined, 'admin'),
      role('edit', [], 'admin', 'edit'),
      role('own', [rule('a')], 'edit'),
    ]
    const plan = planAggregation(all)
    assert.deepEqual(
      plan.map(({ metadata, rules }) => [metadata.name, rules]),
      [
        ['edit', [rule('a')]],
        ['admin', [rule('a')]],
      ],
    )
    const settled = all.map((one) => plan.find(({ metadata }) => metadata.name === one.metadata.name) ?? one)
    assert.deepEqual(planAggregation(settled), [])
  })

  it('takes rules away when their source goes', () => {
    const plan = planAggregation([
      role('view', [rule('a'), rule('b')], undefined, 'view'),
      role('x', [rule('b')], 'view'),
    ])
    assert.deepEqual(plan[0]?.rules, [rule('b')])
  })

  it('ends for roles that take from each other in a circle', () => {
    const plan = planAggregation([role('a', [rule('a')], 'x', 'y'), role('b', [rule('b')], 'y', 'x')])
    assert(Array.isArray(plan))
  })
})
