import type { KubeObject } from '../../machinery/object.ts'

/** Kinds that documentation of old writes with `apiVersion: v1` (cli.md §7.1, "Group-less OpenShift objects"). */
const groups: Record<string, readonly string[]> = {
  'image.openshift.io': [
    'Image',
    'ImageSignature',
    'ImageStream',
    'ImageStreamImage',
    'ImageStreamImport',
    'ImageStreamMapping',
    'ImageStreamTag',
    'ImageTag',
  ],
  'apps.openshift.io': ['DeploymentConfig'],
  'build.openshift.io': ['Build', 'BuildConfig'],
  'template.openshift.io': ['Template', 'TemplateInstance'],
  'route.openshift.io': ['Route'],
  'project.openshift.io': ['Project', 'ProjectRequest'],
  'user.openshift.io': ['User', 'Group', 'Identity', 'UserIdentityMapping'],
  'oauth.openshift.io': [
    'OAuthClient',
    'OAuthAccessToken',
    'OAuthAuthorizeToken',
    'OAuthClientAuthorization',
  ],
  'authorization.openshift.io': [
    'Role',
    'RoleBinding',
    'ClusterRole',
    'ClusterRoleBinding',
    'RoleBindingRestriction',
  ],
  'security.openshift.io': ['SecurityContextConstraints'],
}

const groupOf = new Map(
  Object.entries(groups).flatMap(([group, kinds]) => kinds.map((kind) => [kind, group] as const)),
)

/** The object with its group filled in, where `v1` alone leaves it out. */
export function withGroup(object: KubeObject): KubeObject {
  const group = object.apiVersion === 'v1' ? groupOf.get(object.kind ?? '') : undefined
  return group === undefined ? object : { ...object, apiVersion: `${group}/v1` }
}
