import { group, serviceAccount, user } from './bootstrap-bindings.ts'
import type { Role, RoleBinding, RoleSubject } from './rbac-objects.ts'
import { rbacGroup } from './rbac-objects.ts'

function bind(
  namespace: string,
  name: string,
  role: string,
  subject: RoleSubject,
  purpose?: string,
): RoleBinding {
  return {
    metadata: {
      name,
      namespace,
      ...(purpose === undefined
        ? {}
        : {
            annotations: {
              'openshift.io/description': `${purpose}  It is auto-managed by a controller; remove subjects to disable.`,
            },
          }),
    },
    subjects: [subject],
    roleRef: { apiGroup: rbacGroup, kind: 'ClusterRole', name: role },
  }
}

/**
 * The bindings that every namespace should have (auth.md §8). Missing ones are made again, others left as they are
 * (U-70).
 */
export function projectBindings(namespace: string): RoleBinding[] {
  return [
    bind(
      namespace,
      'system:deployers',
      'system:deployer',
      serviceAccount(namespace, 'deployer'),
      'Allows deploymentconfigs in this namespace to rollout pods in this namespace.',
    ),
    bind(
      namespace,
      'system:image-builders',
      'system:image-builder',
      serviceAccount(namespace, 'builder'),
      'Allows builds in this namespace to push images to this namespace.',
    ),
    bind(
      namespace,
      'system:image-pullers',
      'system:image-puller',
      group(`system:serviceaccounts:${namespace}`),
      'Allows all pods in this namespace to pull images from this namespace.',
    ),
  ]
}

/** What the requester of a project gets in it. */
export function projectAdminBinding(namespace: string, userName: string): RoleBinding {
  return bind(namespace, 'admin', 'admin', user(userName))
}

/** In the shared namespace `openshift` every logged-in user may read and pull images (image-api.md §17). */
export const sharedNamespace = 'openshift'

export const sharedResourceRole: Role = {
  metadata: { name: 'shared-resource-viewer', namespace: sharedNamespace },
  rules: [
    {
      apiGroups: ['', 'template.openshift.io'],
      resources: ['templates'],
      verbs: ['get', 'list', 'watch'],
    },
    {
      apiGroups: ['', 'image.openshift.io'],
      resources: ['imagestreamimages', 'imagestreams', 'imagestreamtags', 'imagetags'],
      verbs: ['get', 'list', 'watch'],
    },
    { apiGroups: ['', 'image.openshift.io'], resources: ['imagestreams/layers'], verbs: ['get'] },
    { apiGroups: [''], resources: ['configmaps'], resourceNames: ['motd'], verbs: ['get', 'list', 'watch'] },
  ],
}

export const sharedResourceBinding: RoleBinding = {
  metadata: { name: 'shared-resource-viewers', namespace: sharedNamespace },
  subjects: [group('system:authenticated')],
  roleRef: { apiGroup: rbacGroup, kind: 'Role', name: 'shared-resource-viewer' },
}
