import { aggregateTo, clusterRole, imageRule, legacyRule, pathRule, read, rule } from './bootstrap-rule.ts'
import type { ClusterRole, PolicyRule } from './rbac-objects.ts'

/** OpenShift's cluster-wide roles: what everybody may, what a reader of the whole cluster may (auth.md §7). */

const authorization = 'authorization.openshift.io'
const kubeAuthorization = 'authorization.k8s.io'
const project = 'project.openshift.io'
const oauth = 'oauth.openshift.io'
const user = 'user.openshift.io'

const selfReviewRules: PolicyRule[] = [
  legacyRule(authorization, 'selfsubjectrulesreviews', 'create'),
  rule(kubeAuthorization, 'selfsubjectaccessreviews', 'create'),
]

const basicUserRules: PolicyRule[] = [
  legacyRule(user, 'users', 'get', '~'),
  legacyRule(project, 'projectrequests', 'list'),
  legacyRule(authorization, 'clusterroles', 'get list'),
  rule('rbac.authorization.k8s.io', 'clusterroles', read),
  rule('storage.k8s.io', 'storageclasses', 'get list'),
  legacyRule(project, 'projects', 'list watch'),
  ...selfReviewRules,
]

const discoveryPaths =
  '/ /.well-known /.well-known/oauth-authorization-server /api /api/* /apis /apis/* /oapi /oapi/* ' +
  '/openapi/v2 /swagger.json /version /version/*'

const readerRules: PolicyRule[] = [
  rule(
    '',
    'componentstatuses nodes nodes/status persistentvolumeclaims/status persistentvolumes persistentvolumes/status pods/binding pods/eviction podtemplates securitycontextconstraints services/status',
    read,
  ),
  rule('admissionregistration.k8s.io', 'mutatingwebhookconfigurations validatingwebhookconfigurations', read),
  rule(
    'apps',
    'controllerrevisions daemonsets/status deployments/status replicasets/status statefulsets/status',
    read,
  ),
  rule('apiextensions.k8s.io', 'customresourcedefinitions customresourcedefinitions/status', read),
  rule('apiregistration.k8s.io', 'apiservices apiservices/status', read),
  rule('autoscaling', 'horizontalpodautoscalers/status', read),
  rule('batch', 'cronjobs/status jobs/status', read),
  rule('coordination.k8s.io', 'leases', read),
  rule('events.k8s.io', 'events', read),
  rule('networking.k8s.io', 'ingresses/status', read),
  rule('policy', 'poddisruptionbudgets/status', read),
  rule('rbac.authorization.k8s.io', 'clusterrolebindings clusterroles rolebindings roles', read),
  rule('storage.k8s.io', 'csidrivers csinodes storageclasses volumeattachments', read),
  rule('scheduling.k8s.io', 'priorityclasses', read),
  legacyRule(
    authorization,
    'clusterrolebindings clusterroles rolebindingrestrictions rolebindings roles',
    read,
  ),
  legacyRule('build.openshift.io', 'builds/details', read),
  imageRule('images imagesignatures', read),
  imageRule('imagestreams/layers', 'get'),
  legacyRule(oauth, 'oauthclientauthorizations', read),
  legacyRule(project, 'projects', 'list watch'),
  legacyRule(project, 'projectrequests', read),
  legacyRule('quota.openshift.io', 'clusterresourcequotas clusterresourcequotas/status', read),
  legacyRule('security.openshift.io', 'securitycontextconstraints', read),
  legacyRule('template.openshift.io', 'brokertemplateinstances templateinstances/status', read),
  legacyRule(user, 'groups identities useridentitymappings users', read),
  legacyRule(
    authorization,
    'localresourceaccessreviews localsubjectaccessreviews resourceaccessreviews selfsubjectrulesreviews subjectaccessreviews subjectrulesreviews',
    'create',
  ),
  rule(
    kubeAuthorization,
    'localsubjectaccessreviews selfsubjectaccessreviews selfsubjectrulesreviews subjectaccessreviews',
    'create',
  ),
  rule('authentication.k8s.io', 'tokenreviews', 'create'),
  pathRule('*'),
]

/** What each strategy's role lets builds be made of. */
const buildStrategies = {
  custom: 'builds/custom',
  docker: 'builds/docker builds/optimizeddocker',
  jenkinspipeline: 'builds/jenkinspipeline',
  source: 'builds/source',
}

const basicUserLabel = 'authorization.openshift.io/aggregate-to-basic-user'

export const clusterRoles: readonly ClusterRole[] = [
  clusterRole('cluster-reader', [], { collects: [aggregateTo('cluster-reader'), aggregateTo('view')] }),
  clusterRole('system:openshift:aggregate-to-cluster-reader', readerRules, {
    aggregatesTo: 'cluster-reader',
  }),
  clusterRole('basic-user', [], {
    description: 'A user that can get basic information about projects.',
    collects: [basicUserLabel],
  }),
  clusterRole('system:openshift:aggregate-to-basic-user', basicUserRules, {
    labels: { [basicUserLabel]: 'true' },
  }),
  clusterRole('self-access-reviewer', selfReviewRules),
  clusterRole('self-provisioner', [legacyRule(project, 'projectrequests', 'create')], {
    description: 'A user that can request projects.',
  }),
  clusterRole('cluster-status', [pathRule('/healthz /healthz/'), pathRule(discoveryPaths)], {
    description: 'A user that can get basic cluster status information.',
  }),
  clusterRole('sudoer', [
    legacyRule(user, 'systemusers users', 'impersonate', 'system:admin'),
    legacyRule(user, 'groups systemgroups', 'impersonate', 'system:masters'),
  ]),
  clusterRole('system:oauth-token-deleter', [
    legacyRule(oauth, 'oauthaccesstokens oauthauthorizetokens', 'delete'),
  ]),
  clusterRole('system:openshift:useroauthaccesstoken-manager', [
    rule(oauth, 'useroauthaccesstokens', `${read} delete`),
  ]),
  clusterRole('system:openshift:public-info-viewer', [
    pathRule('/.well-known /.well-known/oauth-authorization-server'),
  ]),
  clusterRole('system:webhook', [legacyRule('build.openshift.io', 'buildconfigs/webhooks', 'create get')]),
  ...Object.entries(buildStrategies).map(([name, resources]) =>
    clusterRole(`system:build-strategy-${name}`, [legacyRule('build.openshift.io', resources, 'create')]),
  ),
]
