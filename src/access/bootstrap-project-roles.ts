import { clusterRole, imageRule, legacyRule, read, readWrite, rule } from './bootstrap-rule.ts'
import type { ClusterRole, PolicyRule } from './rbac-objects.ts'

/** What OpenShift's kinds add to Kubernetes' `admin`, `edit` and `view` (auth.md §7, U-60a). */

const authorization = 'authorization.openshift.io'
const build = 'build.openshift.io'
const apps = 'apps.openshift.io'
const route = 'route.openshift.io'

const projectedImages = 'imagestreamimages imagestreammappings imagestreams imagestreamtags imagetags'
const templates = 'processedtemplates templateconfigs templateinstances templates'

const buildRules = (jenkinsVerbs: string): PolicyRule[] => [
  legacyRule(build, 'buildconfigs buildconfigs/webhooks builds', readWrite),
  legacyRule(build, 'builds/log', read),
  legacyRule(build, 'buildconfigs/instantiate buildconfigs/instantiatebinary builds/clone', 'create'),
  legacyRule(build, 'builds/details', 'update'),
  rule(build, 'jenkins', jenkinsVerbs),
]

const workloadAndImageRules: PolicyRule[] = [
  legacyRule(apps, 'deploymentconfigs deploymentconfigs/scale', readWrite),
  legacyRule(
    apps,
    'deploymentconfigrollbacks deploymentconfigs/instantiate deploymentconfigs/rollback',
    'create',
  ),
  legacyRule(apps, 'deploymentconfigs/log deploymentconfigs/status', read),
  imageRule(`${projectedImages} imagestreams/secrets`, readWrite),
  imageRule('imagestreams/status', read),
  imageRule('imagestreams/layers', 'get update'),
  imageRule('imagestreamimports', 'create'),
]

const quotaAndRouteRules: PolicyRule[] = [
  legacyRule('quota.openshift.io', 'appliedclusterresourcequotas', read),
  legacyRule(route, 'routes', readWrite),
  legacyRule(route, 'routes/custom-host', 'create'),
  legacyRule(route, 'routes/status', read),
]

const otherRules: PolicyRule[] = [
  legacyRule('template.openshift.io', templates, readWrite),
  rule('networking.k8s.io', 'networkpolicies', readWrite),
  legacyRule(build, 'buildlogs', readWrite),
  rule('', 'resourcequotausages', read),
]

const adminRules: PolicyRule[] = [
  legacyRule(authorization, 'rolebindings roles', readWrite),
  legacyRule(
    authorization,
    'localresourceaccessreviews localsubjectaccessreviews subjectrulesreviews',
    'create',
  ),
  legacyRule(
    'security.openshift.io',
    'podsecuritypolicyreviews podsecuritypolicyselfsubjectreviews podsecuritypolicysubjectreviews',
    'create',
  ),
  legacyRule(authorization, 'rolebindingrestrictions', read),
  ...buildRules('admin edit view'),
  ...workloadAndImageRules,
  legacyRule('project.openshift.io', 'projects', 'delete get patch update'),
  ...quotaAndRouteRules,
  legacyRule(route, 'routes/status', 'update'),
  ...otherRules,
  legacyRule(authorization, 'resourceaccessreviews subjectaccessreviews', 'create'),
]

const editRules: PolicyRule[] = [
  ...buildRules('edit view'),
  ...workloadAndImageRules,
  legacyRule('project.openshift.io', 'projects', 'get'),
  ...quotaAndRouteRules,
  ...otherRules,
]

const viewRules: PolicyRule[] = [
  legacyRule(build, 'buildconfigs buildconfigs/webhooks builds', read),
  legacyRule(build, 'builds/log', read),
  rule(build, 'jenkins', 'view'),
  legacyRule(apps, 'deploymentconfigs deploymentconfigs/scale', read),
  legacyRule(apps, 'deploymentconfigs/log deploymentconfigs/status', read),
  imageRule(projectedImages, read),
  imageRule('imagestreams/status', read),
  legacyRule('project.openshift.io', 'projects', 'get'),
  legacyRule('quota.openshift.io', 'appliedclusterresourcequotas', read),
  legacyRule(route, 'routes', read),
  legacyRule(route, 'routes/status', read),
  legacyRule('template.openshift.io', templates, read),
  legacyRule(build, 'buildlogs', read),
  rule('', 'resourcequotausages', read),
]

export const projectRoles: readonly ClusterRole[] = [
  clusterRole('system:openshift:aggregate-to-admin', adminRules, { aggregatesTo: 'admin' }),
  clusterRole('system:openshift:aggregate-to-edit', editRules, { aggregatesTo: 'edit' }),
  clusterRole('system:openshift:aggregate-to-view', viewRules, { aggregatesTo: 'view' }),
]
