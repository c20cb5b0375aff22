import { autoupdate, bootstrappingLabel } from './bootstrap-rule.ts'
import type { RoleBinding, RoleSubject } from './rbac-objects.ts'
import { rbacGroup } from './rbac-objects.ts'

export const group = (name: string): RoleSubject => ({ kind: 'Group', apiGroup: rbacGroup, name })
export const user = (name: string): RoleSubject => ({ kind: 'User', apiGroup: rbacGroup, name })
export const serviceAccount = (namespace: string, name: string): RoleSubject => ({
  kind: 'ServiceAccount',
  namespace,
  name,
})

const authenticated = group('system:authenticated')
const unauthenticated = group('system:unauthenticated')

function bind(
  name: string,
  role: string,
  subjects: RoleSubject[],
  labels?: Record<string, string>,
): RoleBinding {
  return {
    metadata: { name, ...(labels === undefined ? {} : { labels }), annotations: { [autoupdate]: 'true' } },
    subjects,
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
  }
}

/** Kubernetes names a binding after its role and labels it. */
const bindKubernetes = (role: string, ...subjects: RoleSubject[]) =>
  bind(role, role, subjects, bootstrappingLabel)

const infra = (name: string) => serviceAccount('openshift-infra', name)

/** The bindings of controllers that a ResourceAccessReview names (r274). */
const controllers: RoleBinding[] = [
  bindKubernetes(
    'system:controller:generic-garbage-collector',
    serviceAccount('kube-system', 'generic-garbage-collector'),
  ),
  bindKubernetes(
    'system:controller:namespace-controller',
    serviceAccount('kube-system', 'namespace-controller'),
  ),
  ...['system:deployer', 'system:image-builder', 'system:image-puller'].map((role) =>
    bind(role, role, [infra('default-rolebindings-controller')]),
  ),
  ...['template-instance-controller', 'template-instance-finalizer-controller'].map((name) =>
    bind(`system:openshift:controller:${name}:admin`, 'admin', [infra(name)]),
  ),
]

/** The cluster role bindings that exist from the first start on (auth.md §8). */
export const bootstrapClusterRoleBindings: readonly RoleBinding[] = [
  bindKubernetes('cluster-admin', group('system:masters')),
  bindKubernetes('system:basic-user', authenticated),
  bindKubernetes('system:discovery', authenticated),
  bindKubernetes('system:monitoring', group('system:monitoring')),
  bindKubernetes('system:public-info-viewer', authenticated, unauthenticated),
  bindKubernetes('system:service-account-issuer-discovery', group('system:serviceaccounts')),
  bind('cluster-admins', 'cluster-admin', [group('system:cluster-admins'), user('system:admin')]),
  bind('cluster-readers', 'cluster-reader', [group('system:cluster-readers')]),
  bind('basic-users', 'basic-user', [authenticated]),
  bind('self-access-reviewers', 'self-access-reviewer', [authenticated]),
  bind('self-provisioners', 'self-provisioner', [group('system:authenticated:oauth')]),
  bind('cluster-status-binding', 'cluster-status', [authenticated]),
  bind('system:oauth-token-deleters', 'system:oauth-token-deleter', [authenticated]),
  bind('system:openshift:useroauthaccesstoken-manager', 'system:openshift:useroauthaccesstoken-manager', [
    group('system:authenticated:oauth'),
  ]),
  bind('system:openshift:public-info-viewer', 'system:openshift:public-info-viewer', [
    authenticated,
    unauthenticated,
  ]),
  bind('system:webhooks', 'system:webhook', [authenticated]),
  // Custom builds are what an administrator grants.
  ...['docker', 'source', 'jenkinspipeline'].map((name) =>
    bind(`system:build-strategy-${name}-binding`, `system:build-strategy-${name}`, [authenticated]),
  ),
  ...controllers,
]
