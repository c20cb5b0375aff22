import {
  always,
  goString,
  type KubeList,
  type KubeObject,
  list,
  listMetaSchema,
  omit,
  rawObject,
  struct,
} from '../../machinery/index.ts'
import { excludeSecretAnnotation, isAnnotatedTrue } from './annotations.ts'
import { imageApiVersion, imageSchemaName } from './group.ts'

/** A core Secret, as far as imports read it. */
export interface PullSecret extends KubeObject {
  type?: string
  data?: Record<string, string>
}

export const secretListSchema = struct(
  'SecretList',
  {
    kind: omit(goString()),
    apiVersion: omit(goString()),
    metadata: always(listMetaSchema),
    items: always(list(rawObject('Secret')), { description: 'The secrets.' }),
  },
  {
    schemaName: imageSchemaName('SecretList'),
    description:
      'The secrets of the namespace that imports into a stream may use. Served as imagestreams/secrets.',
  },
)

const pullSecretTypes: ReadonlySet<string> = new Set([
  'kubernetes.io/dockercfg',
  'kubernetes.io/dockerconfigjson',
])

/** Whether imports may use the secret (image-api.md §13.3). */
export function isPullSecret(secret: PullSecret): boolean {
  return pullSecretTypes.has(secret.type ?? '') && !isAnnotatedTrue(secret, excludeSecretAnnotation)
}

/** The projection of §13.3: pull secrets in the order given, without kind and apiVersion of their own. */
export function toSecretList(secrets: KubeList<PullSecret>): KubeList<PullSecret> {
  const items = secrets.items.filter(isPullSecret).map(({ kind, apiVersion, ...secret }) => secret)
  return { kind: 'SecretList', apiVersion: imageApiVersion, metadata: secrets.metadata, items }
}
