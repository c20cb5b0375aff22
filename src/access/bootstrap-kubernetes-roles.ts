import { aggregateTo, clusterRole, pathRule, read, readWrite, rule } from './bootstrap-rule.ts'
import type { ClusterRole, PolicyRule } from './rbac-objects.ts'

/**
 * Kubernetes' own default roles, as far as this server holds what they speak of (Kubernetes "Default roles and role
 * bindings").
 */

const write = 'create delete deletecollection patch update'
const isKubernetes = true

const workloads = 'daemonsets deployments deployments/scale replicasets replicasets/scale'

const editRules: PolicyRule[] = [
  rule('', 'pods/attach pods/exec pods/portforward pods/proxy secrets services/proxy', read),
  rule('', 'serviceaccounts', 'impersonate'),
  rule('', 'pods pods/attach pods/exec pods/portforward pods/proxy', write),
  rule('', 'pods/eviction', 'create'),
  rule(
    '',
    'configmaps events persistentvolumeclaims replicationcontrollers replicationcontrollers/scale secrets serviceaccounts services services/proxy',
    write,
  ),
  rule('', 'serviceaccounts/token', 'create'),
  rule('apps', `${workloads} deployments/rollback statefulsets statefulsets/scale`, write),
  rule('autoscaling', 'horizontalpodautoscalers', write),
  rule('batch', 'cronjobs jobs', write),
  rule(
    'extensions',
    `${workloads} deployments/rollback ingresses networkpolicies replicationcontrollers/scale`,
    write,
  ),
  rule('policy', 'poddisruptionbudgets', write),
  rule('networking.k8s.io', 'ingresses networkpolicies', write),
  rule('coordination.k8s.io', 'leases', readWrite),
]

const viewRules: PolicyRule[] = [
  rule(
    '',
    'configmaps endpoints persistentvolumeclaims persistentvolumeclaims/status pods replicationcontrollers replicationcontrollers/scale serviceaccounts services services/status',
    read,
  ),
  rule(
    '',
    'bindings limitranges namespaces/status pods/log pods/status replicationcontrollers/status resourcequotas resourcequotas/status',
    read,
  ),
  rule('', 'namespaces', read),
  { ...rule('', 'events', read), apiGroups: ['', 'events.k8s.io'] },
  rule('discovery.k8s.io', 'endpointslices', read),
  rule(
    'apps',
    `controllerrevisions ${workloads} daemonsets/status deployments/status replicasets/status statefulsets statefulsets/scale statefulsets/status`,
    read,
  ),
  rule('autoscaling', 'horizontalpodautoscalers horizontalpodautoscalers/status', read),
  rule('batch', 'cronjobs cronjobs/status jobs jobs/status', read),
  rule(
    'extensions',
    `${workloads} daemonsets/status deployments/status ingresses ingresses/status networkpolicies replicasets/status replicationcontrollers/scale`,
    read,
  ),
  rule('policy', 'poddisruptionbudgets poddisruptionbudgets/status', read),
  rule('networking.k8s.io', 'ingresses ingresses/status networkpolicies', read),
  rule('resource.k8s.io', 'resourceclaims resourceclaims/status resourceclaimtemplates', read),
]

const user: ClusterRole[] = [
  clusterRole('cluster-admin', [rule('*', '*', '*'), pathRule('*', '*')], { isKubernetes }),
  clusterRole('admin', [], { isKubernetes, collects: [aggregateTo('admin')] }),
  clusterRole('edit', [], { isKubernetes, aggregatesTo: 'admin', collects: [aggregateTo('edit')] }),
  clusterRole('view', [], { isKubernetes, aggregatesTo: 'edit', collects: [aggregateTo('view')] }),
  clusterRole(
    'system:aggregate-to-admin',
    [
      rule('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
      rule('rbac.authorization.k8s.io', 'rolebindings roles', readWrite),
    ],
    { isKubernetes, aggregatesTo: 'admin' },
  ),
  clusterRole('system:aggregate-to-edit', editRules, { isKubernetes, aggregatesTo: 'edit' }),
  clusterRole('system:aggregate-to-view', viewRules, { isKubernetes, aggregatesTo: 'view' }),
]

const system: ClusterRole[] = [
  clusterRole(
    'system:auth-delegator',
    [
      rule('authentication.k8s.io', 'tokenreviews', 'create'),
      rule('authorization.k8s.io', 'subjectaccessreviews', 'create'),
    ],
    { isKubernetes },
  ),
  clusterRole(
    'system:basic-user',
    [
      rule('authorization.k8s.io', 'selfsubjectaccessreviews selfsubjectrulesreviews', 'create'),
      rule('authentication.k8s.io', 'selfsubjectreviews', 'create'),
    ],
    { isKubernetes },
  ),
  clusterRole(
    'system:discovery',
    [pathRule('/api /api/* /apis /apis/* /healthz /livez /openapi /openapi/* /readyz /version /version/')],
    { isKubernetes },
  ),
  clusterRole('system:public-info-viewer', [pathRule('/healthz /livez /readyz /version /version/')], {
    isKubernetes,
  }),
  clusterRole(
    'system:monitoring',
    [pathRule('/healthz /healthz/* /livez /livez/* /metrics /metrics/slis /readyz /readyz/*')],
    {
      isKubernetes,
    },
  ),
  clusterRole(
    'system:service-account-issuer-discovery',
    [
      pathRule(
        '/.well-known/openid-configuration /.well-known/openid-configuration/ /openid/v1/jwks /openid/v1/jwks/',
      ),
    ],
    { isKubernetes },
  ),
]

const everyObject = (verbs: string) => rule('*', '*', verbs)
const events: PolicyRule = { ...rule('', 'events', 'create patch update'), apiGroups: ['', 'events.k8s.io'] }

/** Of the controllers' roles those that reach every resource: a ResourceAccessReview names their holders (r274). */
const controllers: ClusterRole[] = [
  clusterRole(
    'system:controller:generic-garbage-collector',
    [everyObject(`${read} patch update delete`), events],
    { isKubernetes },
  ),
  clusterRole(
    'system:controller:namespace-controller',
    [
      rule('', 'namespaces', `${read} delete`),
      rule('', 'namespaces/finalize namespaces/status', 'update'),
      everyObject('get list delete deletecollection'),
    ],
    { isKubernetes },
  ),
]

export const kubernetesRoles: readonly ClusterRole[] = [...user, ...system, ...controllers]
