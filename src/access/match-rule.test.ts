import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ResourceAction } from './access.ts'
import { coversPath, matchesRule, normalizeAction } from './match-rule.ts'
import type { PolicyRule } from './rbac-objects.ts'

function action(text: string): ResourceAction {
  const [verb = '', full = '', name = ''] = text.split(' ')
  const [group = '', resource = '', subresource = ''] = full.split('/')
  return { kind: 'resource', verb, group, resource, subresource, namespace: 'demo', name }
}

function rule(groups: string, resources: string, verbs: string, names?: string): PolicyRule {
  const split = (text: string) => text.split(',')
  return {
    apiGroups: split(groups),
    resources: split(resources),
    verbs: split(verbs),
    ...(names === undefined ? {} : { resourceNames: split(names) }),
  }
}

const image = 'image.openshift.io'

describe('matchesRule()', () => {
  const table: [title: string, rule: PolicyRule, action: string, isMatch: boolean][] = [
    ['everything named', rule(image, 'imagestreams', 'get'), `get ${image}/imagestreams app`, true],
    ['another verb', rule(image, 'imagestreams', 'get'), `list ${image}/imagestreams`, false],
    ['any verb', rule(image, 'imagestreams', '*'), `patch ${image}/imagestreams app`, true],
    ['another group', rule('apps', 'deployments', 'get'), 'get extensions/deployments x', false],
    ['any group', rule('*', 'deployments', 'get'), 'get extensions/deployments x', true],
    [
      'a plain rule for a subresource',
      rule(image, 'imagestreams', 'get'),
      `get ${image}/imagestreams/layers app`,
      false,
    ],
    [
      'a subresource',
      rule(image, 'imagestreams/layers', 'get'),
      `get ${image}/imagestreams/layers app`,
      true,
    ],
    [
      'a subresource rule for the parent',
      rule(image, 'imagestreams/layers', 'get'),
      `get ${image}/imagestreams app`,
      false,
    ],
    ['that subresource of any', rule('apps', '*/scale', 'get'), 'get apps/deployments/scale x', true],
    ['another subresource', rule('apps', '*/scale', 'get'), 'get apps/deployments/status x', false],
    ['that subresource for a parent', rule('apps', '*/scale', 'get'), 'get apps/deployments x', false],
    ['any resource', rule('apps', '*', 'get'), 'get apps/deployments/scale x', true],
    ['a name', rule('', 'secrets', 'get', 'a,b'), 'get /secrets b', true],
    ['another name', rule('', 'secrets', 'get', 'a,b'), 'get /secrets c', false],
    ['a name for a list', rule('', 'secrets', 'list', 'a'), 'list /secrets', false],
    ['a name for a create', rule('', 'secrets', 'create', 'a'), 'create /secrets', false],
    ['legacy rule, image request', rule('', 'imagestreams', 'get'), `get ${image}/imagestreams app`, true],
    ['image rule, legacy request', rule(image, 'imagestreams', 'get'), 'get /imagestreams app', true],
    [
      'legacy subresource rule',
      rule('', 'imagestreams/layers', 'get'),
      `get ${image}/imagestreams/layers app`,
      true,
    ],
    ['all of core is not images', rule('', '*', 'get'), `get ${image}/imagestreams app`, false],
    ['legacy is only for images', rule('', 'builds', 'get'), 'get build.openshift.io/builds x', false],
    ['no rule at all', { verbs: ['*'] }, 'get /secrets a', false],
    ['a path rule for a resource', { verbs: ['*'], nonResourceURLs: ['*'] }, 'get /secrets a', false],
  ]
  for (const [title, one, text, isMatch] of table) {
    it(`${isMatch ? 'takes' : 'refuses'}: ${title}`, () => {
      assert.equal(matchesRule(one, normalizeAction(action(text))), isMatch)
    })
  }

  it('reads a slash in the resource as the subresource (U-90)', () => {
    const asked: ResourceAction = { ...action('get /x'), resource: 'imagestreams/layers' }
    assert.equal(matchesRule(rule('', '*/layers', 'get'), normalizeAction(asked)), true)
    assert.equal(matchesRule(rule('', 'imagestreams', 'get'), normalizeAction(asked)), false)
  })

  it('takes paths by name and by prefix only', () => {
    const one: PolicyRule = { verbs: ['get'], nonResourceURLs: ['/healthz', '/apis/*'] }
    const path = (verb: string, text: string) => matchesRule(one, { kind: 'path', verb, path: text })
    assert.equal(path('get', '/healthz'), true)
    assert.equal(path('get', '/healthz/x'), false)
    assert.equal(path('get', '/apis/apps'), true)
    assert.equal(path('get', '/apis'), false)
    assert.equal(path('post', '/healthz'), false)
  })
})

const word = fc.constantFrom('a', 'b', 'c', 'imagestreams', '*')
const plain = fc.constantFrom('a', 'b', 'c', 'imagestreams')
const resource = fc.oneof(
  word,
  fc.tuple(word, plain).map(([r, s]) => `${r}/${s}`),
)
const group = fc.constantFrom('', 'apps', image, '*')
const someRule: fc.Arbitrary<PolicyRule> = fc.record({
  verbs: fc.array(word, { minLength: 1, maxLength: 3 }),
  apiGroups: fc.array(group, { minLength: 1, maxLength: 3 }),
  resources: fc.array(resource, { minLength: 1, maxLength: 3 }),
  resourceNames: fc.array(plain, { maxLength: 2 }),
})
const someAction: fc.Arbitrary<ResourceAction> = fc.record({
  kind: fc.constant('resource'),
  verb: plain,
  group: fc.constantFrom('', 'apps', image),
  resource: plain,
  subresource: fc.oneof(fc.constant(''), plain),
  namespace: fc.constant('demo'),
  name: fc.oneof(fc.constant(''), plain),
})

describe('matchesRule(), for any rule', () => {
  it('gives more, never less, when a rule lists more', () => {
    fc.assert(
      fc.property(someRule, someRule, someAction, (a, b, asked) => {
        const wider: PolicyRule = {
          verbs: [...a.verbs, ...b.verbs],
          apiGroups: [...(a.apiGroups ?? []), ...(b.apiGroups ?? [])],
          resources: [...(a.resources ?? []), ...(b.resources ?? [])],
        }
        return !matchesRule(a, asked) || matchesRule(wider, asked)
      }),
    )
  })

  it('does not turn on the order of lists', () => {
    fc.assert(
      fc.property(someRule, someAction, (one, asked) => {
        const turned: PolicyRule = {
          verbs: [...one.verbs].reverse(),
          apiGroups: [...(one.apiGroups ?? [])].reverse(),
          resources: [...(one.resources ?? [])].reverse(),
          resourceNames: [...(one.resourceNames ?? [])].reverse(),
        }
        return matchesRule(one, asked) === matchesRule(turned, asked)
      }),
    )
  })

  it('never lets a rule of plain resources reach a subresource', () => {
    fc.assert(
      fc.property(someRule, someAction, plain, (one, asked, subresource) => {
        const bare = (one.resources ?? []).filter((text) => text !== '*' && !text.includes('/'))
        return !matchesRule({ ...one, resources: bare }, { ...asked, subresource })
      }),
    )
  })
})

describe('coversPath()', () => {
  it('covers itself, and by a star what begins like it', () => {
    fc.assert(
      fc.property(fc.webPath(), fc.webPath(), (a, b) => {
        return coversPath(a, a) && coversPath(`${a}*`, `${a}${b}`) && coversPath('*', b)
      }),
    )
  })
})
