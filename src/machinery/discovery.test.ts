import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { aggregatedCore, aggregatedGroups } from './aggregated-discovery.ts'
import { apiGroup, apiGroupList, apiResourceList, apiVersions } from './discovery.ts'
import { defineKind, type Kind } from './kind.ts'
import { objectSchema } from './meta-schema.ts'

const schema = objectSchema('Tree', {})

function kind(group: string, version: string, plural: string, more: Partial<Kind> = {}): Kind {
  const name = plural.charAt(0).toUpperCase() + plural.slice(1, -1)
  const schemaName = `test.${name}`
  return defineKind({ group, version, kind: name, plural, namespaced: true, schema, schemaName, ...more })
}

const kinds = [
  kind('', 'v1', 'stones'),
  kind('wood.test', 'v1', 'trees', {
    shortNames: ['tr'],
    categories: ['all'],
    storageVersionHash: 'abc=',
    subresources: [
      { name: 'status', kind: 'Tree', verbs: ['get', 'patch', 'update'] },
      { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get'] },
    ],
  }),
  kind('wood.test', 'v1', 'treenuts', { namespaced: false, verbs: ['create'] }),
  kind('wood.test', 'v2', 'trees'),
  kind('sand.test', 'v1', 'grains'),
]

describe('discovery', () => {
  it('lists versions of the core group and all other groups in the order of the kinds', () => {
    assert.deepEqual(apiVersions(kinds), { kind: 'APIVersions', versions: ['v1'] })
    const { groups } = apiGroupList(kinds)
    assert.deepEqual(
      groups.map((group) => [
        group.name,
        group.versions.map(({ version }) => version),
        group.preferredVersion.groupVersion,
      ]),
      [
        ['wood.test', ['v1', 'v2'], 'wood.test/v1'],
        ['sand.test', ['v1'], 'sand.test/v1'],
      ],
    )
  })

  it('describes one group, or none', () => {
    assert.deepEqual(apiGroup(kinds, 'sand.test'), {
      kind: 'APIGroup',
      apiVersion: 'v1',
      name: 'sand.test',
      versions: [{ groupVersion: 'sand.test/v1', version: 'v1' }],
      preferredVersion: { groupVersion: 'sand.test/v1', version: 'v1' },
    })
    assert.equal(apiGroup(kinds, 'nothing.test'), undefined)
    assert.equal(apiGroup(kinds, ''), undefined)
    assert.equal(apiResourceList(kinds, 'wood.test', 'v3'), undefined)
  })

  it('lists resources and subresources by name and leaves out what is empty', () => {
    const list = apiResourceList(kinds, 'wood.test', 'v1')
    assert.equal(list?.groupVersion, 'wood.test/v1')
    assert.deepEqual(list?.resources, [
      { name: 'treenuts', singularName: 'treenut', namespaced: false, kind: 'Treenut', verbs: ['create'] },
      {
        name: 'trees',
        singularName: 'tree',
        namespaced: true,
        kind: 'Tree',
        verbs: ['create', 'delete', 'deletecollection', 'get', 'list', 'patch', 'update', 'watch'],
        shortNames: ['tr'],
        categories: ['all'],
        storageVersionHash: 'abc=',
      },
      {
        name: 'trees/scale',
        singularName: '',
        namespaced: true,
        group: 'autoscaling',
        version: 'v1',
        kind: 'Scale',
        verbs: ['get'],
      },
      {
        name: 'trees/status',
        singularName: '',
        namespaced: true,
        kind: 'Tree',
        verbs: ['get', 'patch', 'update'],
      },
    ])
  })

  it('nests subresources in the aggregated form', () => {
    const { apiVersion, items } = aggregatedGroups(kinds, 'v2beta1')
    assert.equal(apiVersion, 'apidiscovery.k8s.io/v2beta1')
    assert.deepEqual(
      items.map((item) => item.metadata.name),
      ['wood.test', 'sand.test'],
    )
    const [treenuts, trees] = items[0]?.versions[0]?.resources ?? []
    assert.deepEqual(treenuts, {
      resource: 'treenuts',
      responseKind: { group: '', version: '', kind: 'Treenut' },
      scope: 'Cluster',
      singularResource: 'treenut',
      verbs: ['create'],
    })
    assert.deepEqual(trees?.subresources, [
      {
        subresource: 'scale',
        responseKind: { group: 'autoscaling', version: 'v1', kind: 'Scale' },
        verbs: ['get'],
      },
      {
        subresource: 'status',
        responseKind: { group: '', version: '', kind: 'Tree' },
        verbs: ['get', 'patch', 'update'],
      },
    ])
  })

  it('gives the core group without a name', () => {
    const { items } = aggregatedCore(kinds, 'v2')
    assert.equal(items.length, 1)
    assert.deepEqual(items[0]?.metadata, {})
    assert.equal(items[0]?.versions[0]?.resources[0]?.resource, 'stones')
  })
})
