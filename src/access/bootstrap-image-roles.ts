import { clusterRole, imageRule, legacyRule, read, readWrite, rule } from './bootstrap-rule.ts'
import type { ClusterRole, PolicyRule } from './rbac-objects.ts'

/** The roles that are about images and the registry (image-api.md §17, auth.md §7). */

const pull = imageRule('imagestreams/layers', 'get')
const pushAndPull = imageRule('imagestreams/layers', 'get update')
/** What tags were, and what holds them (weir.dev). */
const history = rule('weir.dev', 'tagevents tagholds', read)
const historyWrites = [
  rule('weir.dev', 'tagrollbacks', 'create'),
  rule('weir.dev', 'tagholds', 'delete'),
  history,
]
/** Who is told of moves. Not for viewers: an address may be a secret. */
const notices = [
  rule('weir.dev', 'tagwebhooks', readWrite),
  rule('weir.dev', 'tagnotices', `${read} delete patch update`),
]
const projectedImages = 'imagestreamimages imagestreammappings imagestreams imagestreamtags imagetags'

const system: ClusterRole[] = [
  clusterRole('system:image-puller', [pull], {
    description: 'Grants the right to pull images from within a project.',
  }),
  clusterRole('system:image-pusher', [pushAndPull], {
    description: 'Grants the right to push and pull images from within a project.',
  }),
  clusterRole(
    'system:image-builder',
    [
      pushAndPull,
      imageRule('imagestreams', 'create'),
      legacyRule('build.openshift.io', 'builds/details', 'update'),
      legacyRule('build.openshift.io', 'builds', 'get'),
    ],
    {
      description:
        'Grants the right to build, push and pull images from within a project.  Used primarily with service accounts for builds.',
      aggregatesTo: 'admin edit',
    },
  ),
  clusterRole('system:image-auditor', [imageRule('images', `${read} patch update`)]),
  clusterRole('system:image-signer', [
    imageRule('images imagestreams/layers', 'get'),
    imageRule('imagesignatures', 'create delete'),
  ]),
  clusterRole('system:image-pruner', [
    rule('', 'pods replicationcontrollers', 'get list'),
    rule('', 'limitranges', 'list'),
    legacyRule('build.openshift.io', 'buildconfigs builds', 'get list'),
    legacyRule('apps.openshift.io', 'deploymentconfigs', 'get list'),
    rule('batch', 'jobs', 'get list'),
    rule('batch', 'cronjobs', 'get list'),
    ...['daemonsets', 'deployments', 'replicasets', 'statefulsets'].flatMap((resource) => [
      { ...rule('apps', resource, 'get list'), apiGroups: ['apps', 'extensions'] },
    ]),
    imageRule('images', 'delete'),
    imageRule('images imagestreams', read),
    imageRule('imagestreams/status', 'update'),
  ]),
  clusterRole('system:registry', [
    rule('', 'limitranges resourcequotas', 'list'),
    imageRule('images imagestreamtags', 'get delete'),
    imageRule('imagestreamimages imagestreams/secrets', 'get'),
    imageRule('images imagestreams', 'get update'),
    imageRule('imagestreammappings', 'create'),
  ]),
  clusterRole('system:deployer', [
    rule('', 'replicationcontrollers', `${read} update delete`),
    rule('', 'pods', `${read} create`),
    rule('', 'pods/log', 'get'),
    rule('', 'events', 'create list'),
    imageRule('imagestreamtags imagetags', 'create update'),
  ]),
]

const editorRules: PolicyRule[] = [
  rule('', 'secrets serviceaccounts', readWrite),
  imageRule(`${projectedImages} imagestreams/secrets`, readWrite),
  imageRule('imagestreamimports', 'create'),
  pushAndPull,
]

const registry: ClusterRole[] = [
  clusterRole(
    'registry-viewer',
    [
      imageRule(projectedImages, read),
      pull,
      rule('', 'namespaces', 'get'),
      legacyRule('project.openshift.io', 'projects', 'get'),
    ],
    { aggregatesTo: 'view' },
  ),
  clusterRole(
    'registry-editor',
    [...editorRules, rule('', 'namespaces', 'get'), legacyRule('project.openshift.io', 'projects', 'get')],
    { aggregatesTo: 'edit' },
  ),
  clusterRole(
    'registry-admin',
    [
      ...editorRules,
      legacyRule('authorization.openshift.io', 'rolebindings roles', readWrite),
      rule('rbac.authorization.k8s.io', 'rolebindings roles', readWrite),
      legacyRule(
        'authorization.openshift.io',
        'localresourceaccessreviews localsubjectaccessreviews subjectrulesreviews',
        'create',
      ),
      rule('authorization.k8s.io', 'localsubjectaccessreviews', 'create'),
      rule('', 'namespaces', 'get'),
      legacyRule('project.openshift.io', 'projects', 'get delete'),
      legacyRule('authorization.openshift.io', 'resourceaccessreviews subjectaccessreviews', 'create'),
    ],
    { aggregatesTo: 'admin' },
  ),
]

/** What Weir adds to `view` and `edit`, beside OpenShift's roles, which stay as they are. */
const own: ClusterRole[] = [
  clusterRole('weir:view', [history], { aggregatesTo: 'view' }),
  clusterRole('weir:edit', [...historyWrites, ...notices], { aggregatesTo: 'edit' }),
]

export const imageRoles: readonly ClusterRole[] = [...system, ...registry, ...own]
