import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { describe, it } from 'node:test'
import { decode } from '../machinery/decode.ts'
import { apiGroupList, apiResourceList } from '../machinery/discovery.ts'
import { createOpenApi } from '../machinery/openapi.ts'
import { allKinds } from './index.ts'

/** `name verbs` of each resource, verbs by their first letters where they are all eight. */
function resources(group: string, version = 'v1'): string[] {
  const list = apiResourceList(allKinds, group, version)?.resources ?? []
  return list.map(
    ({ name, kind, verbs }) => `${name} ${kind} ${verbs.length === 8 ? 'all' : verbs.join(',')}`,
  )
}

describe('allKinds', () => {
  it('lists groups in the order in which clients choose between them', () => {
    assert.equal(allKinds[0]?.group, '')
    assert.deepEqual(
      apiGroupList(allKinds).groups.map((group) => group.name),
      [
        'apps',
        'authentication.k8s.io',
        'authorization.k8s.io',
        'batch',
        'rbac.authorization.k8s.io',
        'coordination.k8s.io',
        'apps.openshift.io',
        'authorization.openshift.io',
        'build.openshift.io',
        'image.openshift.io',
        'oauth.openshift.io',
        'project.openshift.io',
        'config.openshift.io',
        'operator.openshift.io',
        'imageregistry.operator.openshift.io',
        'user.openshift.io',
        'weir.dev',
      ],
    )
  })

  it('serves core with the subresources that are more than a running pod', () => {
    assert.deepEqual(resources(''), [
      'configmaps ConfigMap all',
      'events Event all',
      'limitranges LimitRange all',
      'namespaces Namespace create,delete,get,list,patch,update,watch',
      'namespaces/finalize Namespace update',
      'namespaces/status Namespace get,patch,update',
      'pods Pod all',
      'pods/log Pod get',
      'pods/status Pod get,patch,update',
      'podtemplates PodTemplate all',
      'replicationcontrollers ReplicationController all',
      'replicationcontrollers/scale Scale get,patch,update',
      'replicationcontrollers/status ReplicationController get,patch,update',
      'resourcequotas ResourceQuota all',
      'resourcequotas/status ResourceQuota get,patch,update',
      'secrets Secret all',
      'serviceaccounts ServiceAccount all',
      'serviceaccounts/token TokenRequest create',
      'services Service all',
      'services/status Service get,patch,update',
    ])
  })

  it('serves the groups of OpenShift with their own verbs', () => {
    assert.deepEqual(resources('apps.openshift.io'), [
      'deploymentconfigs DeploymentConfig all',
      'deploymentconfigs/instantiate DeploymentRequest create',
      'deploymentconfigs/log DeploymentLog get',
      'deploymentconfigs/rollback DeploymentConfigRollback create',
      'deploymentconfigs/scale Scale get,patch,update',
      'deploymentconfigs/status DeploymentConfig get,patch,update',
    ])
    assert.deepEqual(resources('build.openshift.io'), [
      'buildconfigs BuildConfig all',
      'buildconfigs/instantiate BuildRequest create',
      'buildconfigs/instantiatebinary BinaryBuildRequestOptions create',
      'buildconfigs/webhooks Build create',
      'builds Build all',
      'builds/clone BuildRequest create',
      'builds/details Build update',
      'builds/log BuildLog get',
    ])
    assert.deepEqual(resources('project.openshift.io'), [
      'projectrequests ProjectRequest create,list',
      'projects Project create,delete,get,list,patch,update,watch',
    ])
    assert.equal(resources('authorization.openshift.io').length, 11)
  })

  it('hashes the storage version as the real server does', () => {
    for (const { group, version, kind, storageVersionHash } of allKinds) {
      if (storageVersionHash === undefined) continue
      const digest = createHash('sha256').update(`${group}/${version}/${kind}`).digest()
      assert.equal(storageVersionHash, digest.subarray(0, 8).toString('base64'), kind)
    }
  })

  it('has no two kinds of one name in a group version, and no two resources', () => {
    for (const part of ['kind', 'plural'] as const) {
      const names = allKinds.map((kind) => `${kind.group}/${kind.version}/${kind[part]}`)
      assert.equal(new Set(names).size, names.length)
    }
    const schemaNames = allKinds.map((kind) => kind.schemaName)
    assert.equal(new Set(schemaNames).size, schemaNames.length)
  })

  it('prints every column of an object that says nothing but its name', () => {
    for (const kind of allKinds) {
      const object = decode(kind.schema, { metadata: { name: 'x' } }).value as never
      for (const column of kind.columns) {
        assert.notEqual(column.value(object, new Date(0)), undefined, `${kind.kind} ${column.name}`)
      }
    }
  })

  it('decodes what it printed to the same', () => {
    for (const kind of allKinds) {
      const first = decode(kind.schema, { kind: kind.kind, metadata: { name: 'x' } }).value
      assert.deepEqual(decode(kind.schema, first), { value: first, unknown: [] }, kind.kind)
    }
  })

  it('has a definition for everything that OpenAPI refers to', () => {
    const { definitions } = createOpenApi(allKinds, 'v1').v2()
    const refs = (value: unknown): string[] => {
      if (typeof value !== 'object' || value === null) return []
      return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [item as string] : refs(item)))
    }
    const missing = refs(definitions).filter(
      (ref) => definitions[ref.replace('#/definitions/', '')] === undefined,
    )
    assert.deepEqual(missing, [])
    for (const { schemaName } of allKinds) assert.ok(definitions[schemaName], schemaName)
  })

  it('merges lists in patches by the keys that Kubernetes has', () => {
    const { definitions } = createOpenApi(allKinds, 'v1').v2()
    const keys = (struct: string) => {
      const properties = Object.entries(
        (definitions[`io.k8s.api.core.v1.${struct}`]?.properties ?? {}) as object,
      )
      const merged = properties.filter(
        ([, property]) => property['x-kubernetes-patch-merge-key'] !== undefined,
      )
      return Object.fromEntries(
        merged.map(([key, property]) => [key, property['x-kubernetes-patch-merge-key']]),
      )
    }
    assert.deepEqual(keys('PodSpec'), {
      containers: 'name',
      ephemeralContainers: 'name',
      hostAliases: 'ip',
      imagePullSecrets: 'name',
      initContainers: 'name',
      resourceClaims: 'name',
      schedulingGates: 'name',
      topologySpreadConstraints: 'topologyKey',
      volumes: 'name',
    })
    assert.deepEqual(keys('Container'), {
      env: 'name',
      ports: 'containerPort',
      volumeDevices: 'devicePath',
      volumeMounts: 'mountPath',
    })
    assert.deepEqual(keys('ServiceAccount'), { secrets: 'name' })
    assert.deepEqual(keys('ServiceSpec'), { ports: 'port' })
  })
})
