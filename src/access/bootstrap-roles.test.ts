import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { planAggregation } from './aggregate.ts'
import { bootstrapClusterRoleBindings } from './bootstrap-bindings.ts'
import { bootstrapClusterRoles } from './bootstrap-roles.ts'
import { decide } from './decide.ts'
import { createPolicy } from './policy.ts'
import { projectBindings, sharedResourceBinding, sharedResourceRole } from './project-bindings.ts'

const rw = 'create delete deletecollection get list patch update watch'
const r = 'get list watch'
const verbs = `${rw} bind escalate impersonate`.split(' ')
const image = 'image.openshift.io'

/**
 * The verbs that a role gives on `group/resource[/subresource]` to its holder in one namespace, in alphabetical
 * order.
 */
function given(role: string, target: string, name = ''): string {
  const policy = createPolicy({
    clusterRoles: bootstrapClusterRoles,
    roleBindings: [
      {
        metadata: { name: 'x', namespace: 'demo' },
        subjects: [{ kind: 'User', name: 'u' }],
        roleRef: { kind: 'ClusterRole', name: role },
      },
    ],
  })
  const [group = '', resource = '', subresource = ''] = target.split('/')
  return verbs
    .filter((verb) => {
      const action = {
        kind: 'resource',
        verb,
        group,
        resource,
        subresource,
        namespace: 'demo',
        name,
      } as const
      return decide({ name: 'u', groups: [] }, action, policy).allowed
    })
    .sort()
    .join(' ')
}

const projected = ['imagestreamimages', 'imagestreammappings', 'imagestreams', 'imagestreamtags', 'imagetags']
const each = (resources: string[], allowed: string): Record<string, string> =>
  Object.fromEntries(resources.map((resource) => [`${image}/${resource}`, allowed]))

/** auth.md §7 and image-api.md §17: what each role may, and some of what it may not ('' for nothing). */
const rights: Record<string, Record<string, string>> = {
  'system:image-puller': { ...each(['imagestreams/layers'], 'get'), ...each(['imagestreams', 'images'], '') },
  'system:image-pusher': {
    ...each(['imagestreams/layers'], 'get update'),
    ...each(['imagestreams', 'imagestreammappings'], ''),
  },
  'system:image-builder': {
    ...each(['imagestreams/layers'], 'get update'),
    ...each(['imagestreams'], 'create'),
    ...each(['imagestreammappings'], ''),
    'build.openshift.io/builds/details': 'update',
    'build.openshift.io/builds': 'get',
  },
  'system:image-signer': {
    ...each(['images', 'imagestreams/layers'], 'get'),
    ...each(['imagesignatures'], 'create delete'),
  },
  'system:image-auditor': {
    ...each(['images'], 'get list patch update watch'),
    ...each(['imagestreams'], ''),
  },
  'system:image-pruner': {
    ...each(['images'], 'delete get list watch'),
    ...each(['imagestreams'], r),
    ...each(['imagestreams/status'], 'update'),
    '/pods': 'get list',
    '/replicationcontrollers': 'get list',
    '/limitranges': 'list',
    'build.openshift.io/buildconfigs': 'get list',
    'build.openshift.io/builds': 'get list',
    'apps.openshift.io/deploymentconfigs': 'get list',
    'batch/jobs': 'get list',
    'batch/cronjobs': 'get list',
    'apps/daemonsets': 'get list',
    'apps/deployments': 'get list',
    'apps/replicasets': 'get list',
    'apps/statefulsets': 'get list',
    '/secrets': '',
  },
  'system:deployer': {
    '/replicationcontrollers': 'delete get list update watch',
    '/pods': 'create get list watch',
    '/pods/log': 'get',
    '/events': 'create list',
    ...each(['imagestreamtags', 'imagetags'], 'create update'),
    ...each(['imagestreams'], ''),
  },
  'system:registry': {
    ...each(['images'], 'delete get update'),
    ...each(['imagestreams'], 'get update'),
    ...each(['imagestreamtags'], 'delete get'),
    ...each(['imagestreamimages', 'imagestreams/secrets'], 'get'),
    ...each(['imagestreammappings'], 'create'),
    '/limitranges': 'list',
    '/resourcequotas': 'list',
    '/secrets': '',
  },
  'registry-viewer': {
    ...each(projected, r),
    ...each(['imagestreams/layers'], 'get'),
    ...each(['imagestreams/status', 'imagestreams/secrets', 'imagestreamimports'], ''),
    '/namespaces': 'get',
    'project.openshift.io/projects': 'get',
    '/pods': '',
    '/secrets': '',
  },
  'registry-editor': {
    ...each([...projected, 'imagestreams/secrets'], rw),
    ...each(['imagestreamimports'], 'create'),
    ...each(['imagestreams/layers'], 'get update'),
    ...each(['imagestreams/status'], ''),
    '/namespaces': 'get',
    'project.openshift.io/projects': 'get',
    '/serviceaccounts': rw,
    '/secrets': rw,
    'rbac.authorization.k8s.io/rolebindings': '',
    '/pods': '',
  },
  'registry-admin': {
    ...each([...projected, 'imagestreams/secrets'], rw),
    ...each(['imagestreamimports'], 'create'),
    ...each(['imagestreams/layers'], 'get update'),
    'rbac.authorization.k8s.io/roles': rw,
    'rbac.authorization.k8s.io/rolebindings': rw,
    'authorization.openshift.io/roles': rw,
    'authorization.openshift.io/rolebindings': rw,
    'authorization.k8s.io/localsubjectaccessreviews': 'create',
    'authorization.openshift.io/localsubjectaccessreviews': 'create',
    'authorization.openshift.io/localresourceaccessreviews': 'create',
    'authorization.openshift.io/subjectrulesreviews': 'create',
    'authorization.openshift.io/resourceaccessreviews': 'create',
    'authorization.openshift.io/subjectaccessreviews': 'create',
    'project.openshift.io/projects': 'delete get',
    '/pods': '',
  },
  admin: {
    ...each([...projected, 'imagestreams/secrets'], rw),
    ...each(['imagestreams/status'], r),
    ...each(['imagestreams/layers'], 'get update'),
    ...each(['imagestreamimports'], 'create'),
    ...each(['images', 'imagesignatures'], ''),
    'project.openshift.io/projects': 'delete get patch update',
    'rbac.authorization.k8s.io/rolebindings': rw,
    'authorization.openshift.io/localresourceaccessreviews': 'create',
    'build.openshift.io/builds/details': 'update',
    'apps.openshift.io/deploymentconfigs/instantiate': 'create',
    '/secrets': rw,
    '/serviceaccounts': `${rw} impersonate`.split(' ').sort().join(' '),
    '/serviceaccounts/token': 'create',
    'apps/deployments': rw,
    '/resourcequotas': r,
    '/limitranges': r,
    '/nodes': '',
  },
  edit: {
    ...each([...projected, 'imagestreams/secrets'], rw),
    ...each(['imagestreams/status'], r),
    ...each(['imagestreams/layers'], 'get update'),
    ...each(['imagestreamimports'], 'create'),
    'project.openshift.io/projects': 'get',
    'rbac.authorization.k8s.io/rolebindings': '',
    'authorization.openshift.io/rolebindings': '',
    '/secrets': rw,
    'apps/deployments': rw,
    'batch/cronjobs': rw,
  },
  view: {
    ...each([...projected, 'imagestreams/status'], r),
    ...each(['imagestreams/layers'], 'get'),
    ...each(['imagestreams/secrets', 'imagestreamimports'], ''),
    'project.openshift.io/projects': 'get',
    '/pods': r,
    '/secrets': '',
    'apps/deployments': r,
    'rbac.authorization.k8s.io/rolebindings': '',
  },
  'cluster-reader': {
    ...each(['images', 'imagesignatures', 'imagestreams', 'imagestreams/status'], r),
    ...each(['imagestreams/layers'], 'get'),
    ...each(['imagestreams/secrets'], ''),
    'project.openshift.io/projects': r,
    'rbac.authorization.k8s.io/clusterrolebindings': r,
    '/secrets': '',
    '/nodes': r,
  },
  'cluster-admin': {
    ...each(['images'], verbs.toSorted().join(' ')),
    '/secrets': verbs.toSorted().join(' '),
  },
  'basic-user': {
    'project.openshift.io/projectrequests': 'list',
    'project.openshift.io/projects': 'list watch',
    'authorization.openshift.io/clusterroles': 'get list',
    'rbac.authorization.k8s.io/clusterroles': r,
    'storage.k8s.io/storageclasses': 'get list',
    'authorization.openshift.io/selfsubjectrulesreviews': 'create',
    'authorization.k8s.io/selfsubjectaccessreviews': 'create',
    'authorization.k8s.io/subjectaccessreviews': '',
    'user.openshift.io/users': '',
  },
  'self-provisioner': {
    'project.openshift.io/projectrequests': 'create',
    'project.openshift.io/projects': '',
  },
  'system:auth-delegator': {
    'authentication.k8s.io/tokenreviews': 'create',
    'authorization.k8s.io/subjectaccessreviews': 'create',
  },
  'system:oauth-token-deleter': {
    'oauth.openshift.io/oauthaccesstokens': 'delete',
    'oauth.openshift.io/oauthauthorizetokens': 'delete',
  },
}

describe('bootstrap roles', () => {
  for (const [role, targets] of Object.entries(rights)) {
    it(role, () => {
      for (const [target, allowed] of Object.entries(targets)) {
        assert.equal(given(role, target), allowed, `${role} on ${target}`)
      }
    })
  }

  it('basic-user reads the own user by ~ and no other', () => {
    assert.equal(given('basic-user', 'user.openshift.io/users', '~'), 'get')
    assert.equal(given('basic-user', 'user.openshift.io/users', 'bob'), '')
  })

  it('give the legacy group the same as the image group', () => {
    for (const role of ['system:image-puller', 'registry-editor', 'view', 'admin']) {
      for (const resource of ['imagestreams', 'imagestreams/layers', 'imagestreamtags']) {
        assert.equal(
          given(role, `/${resource}`),
          given(role, `${image}/${resource}`),
          `${role} on ${resource}`,
        )
      }
    }
  })

  it('no project role may update the status of a stream', () => {
    for (const role of [
      'admin',
      'edit',
      'view',
      'registry-admin',
      'registry-editor',
      'system:image-builder',
    ]) {
      assert(!given(role, `${image}/imagestreams/status`).includes('update'), role)
    }
  })

  it('all bear the annotation that keeps them current, five a description (U-60a)', () => {
    const described: string[] = []
    for (const { metadata } of bootstrapClusterRoles) {
      const { 'openshift.io/description': description, ...rest } = metadata.annotations ?? {}
      assert.deepEqual(rest, { 'rbac.authorization.kubernetes.io/autoupdate': 'true' })
      if (description !== undefined && metadata.name !== 'cluster-status') described.push(metadata.name ?? '')
    }
    assert.deepEqual(described.sort(), [
      'basic-user',
      'self-provisioner',
      'system:image-builder',
      'system:image-puller',
      'system:image-pusher',
    ])
  })

  it('say by label where they go', () => {
    const labels = (name: string) =>
      bootstrapClusterRoles.find(({ metadata }) => metadata.name === name)?.metadata.labels
    const to = (role: string) => ({ [`rbac.authorization.k8s.io/aggregate-to-${role}`]: 'true' })
    assert.deepEqual(labels('system:image-builder'), { ...to('admin'), ...to('edit') })
    assert.deepEqual(labels('registry-viewer'), to('view'))
    assert.deepEqual(labels('view'), { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...to('edit') })
    assert.equal(labels('system:image-puller'), undefined)
  })

  it('are aggregated already', () => assert.deepEqual(planAggregation(bootstrapClusterRoles), []))

  it('have different names, and a role for each binding', () => {
    const names = bootstrapClusterRoles.map(({ metadata }) => metadata.name)
    assert.equal(new Set(names).size, names.length)
    const bindings = bootstrapClusterRoleBindings.map(({ metadata }) => metadata.name)
    assert.equal(new Set(bindings).size, bindings.length)
    for (const { roleRef } of [...bootstrapClusterRoleBindings, ...projectBindings('x')]) {
      assert(names.includes(roleRef.name), roleRef.name)
    }
  })

  it('give nobody but authenticated callers anything beyond public paths', () => {
    const policy = createPolicy({
      clusterRoles: bootstrapClusterRoles,
      clusterRoleBindings: bootstrapClusterRoleBindings,
    })
    const anonymous = { name: 'system:anonymous', groups: ['system:unauthenticated'] }
    for (const { rules } of bootstrapClusterRoles) {
      for (const { apiGroups = [], resources = [], verbs: list } of rules ?? []) {
        for (const group of apiGroups) {
          for (const resource of resources) {
            for (const verb of list) {
              const action = {
                kind: 'resource',
                verb,
                group,
                resource,
                subresource: '',
                namespace: '',
                name: '',
              } as const
              assert.equal(decide(anonymous, action, policy).allowed, false)
            }
          }
        }
      }
    }
  })
})

describe('the shared namespace', () => {
  const policy = createPolicy({
    clusterRoles: bootstrapClusterRoles,
    roles: [sharedResourceRole],
    roleBindings: [sharedResourceBinding],
  })
  const can = (verb: string, resource: string, subresource = '', namespace = 'openshift') =>
    decide(
      { name: 'bob', groups: ['system:authenticated'] },
      { kind: 'resource', verb, group: image, resource, subresource, namespace, name: '' },
      policy,
    ).allowed

  it('lets every user read and pull, not write, and only there', () => {
    assert(can('list', 'imagestreams'))
    assert(can('get', 'imagestreamtags'))
    assert(can('get', 'imagestreams', 'layers'))
    assert(!can('update', 'imagestreams', 'layers'))
    assert(!can('create', 'imagestreams'))
    assert(!can('get', 'imagestreams', 'layers', 'demo'))
  })
})

describe('projectBindings()', () => {
  it('are the three of every namespace (r641)', () => {
    const description = (text: string) => ({
      'openshift.io/description': `${text}  It is auto-managed by a controller; remove subjects to disable.`,
    })
    assert.deepEqual(
      projectBindings('rb-check').map(({ metadata, subjects, roleRef }) => [
        metadata,
        subjects,
        roleRef.name,
      ]),
      [
        [
          {
            name: 'system:deployers',
            namespace: 'rb-check',
            annotations: description(
              'Allows deploymentconfigs in this namespace to rollout pods in this namespace.',
            ),
          },
          [{ kind: 'ServiceAccount', name: 'deployer', namespace: 'rb-check' }],
          'system:deployer',
        ],
        [
          {
            name: 'system:image-builders',
            namespace: 'rb-check',
            annotations: description('Allows builds in this namespace to push images to this namespace.'),
          },
          [{ kind: 'ServiceAccount', name: 'builder', namespace: 'rb-check' }],
          'system:image-builder',
        ],
        [
          {
            name: 'system:image-pullers',
            namespace: 'rb-check',
            annotations: description('Allows all pods in this namespace to pull images from this namespace.'),
          },
          [
            {
              kind: 'Group',
              apiGroup: 'rbac.authorization.k8s.io',
              name: 'system:serviceaccounts:rb-check',
            },
          ],
          'system:image-puller',
        ],
      ],
    )
  })
})
