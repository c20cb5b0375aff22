import { type Image, type ImageStream, imageStreams, images, namespaces } from '../../api/index.ts'
import {
  decideLookup,
  decorateStream,
  hasExecutionRules,
  type ImagePolicy,
  ignoreRulesAnnotation,
  type LookupVerdict,
  lookupMode,
  mayExecute,
  type PolicyResource,
  planLookup,
  type RegistryHosts,
} from '../../image/index.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { formatExact, parseReference, withClientDefaults } from '../../oci/index.ts'
import type { Store } from '../../store/store.ts'
import { objectKey } from '../keys.ts'
import type { ObjectCache } from '../object-codec.ts'

export interface ImageLookupDeps {
  store: Store
  cache: ObjectCache
  hosts: RegistryHosts
  policy: ImagePolicy
}

export interface LookupScope {
  namespace: string
  resource: PolicyResource
  isForced: boolean
  /** false where the kind can't be changed any more: images are then only judged. */
  mayRewrite: boolean
}

/** The image to write, or why the object is refused. */
export type Admitted = { image: string } | { error: FieldError }

const refusal = 'this image is prohibited by policy'

/** Looks up and judges one image of an object (triggers.md §7.3, §7.4); `field` is named in errors. */
export async function admitImage(
  image: string,
  field: string,
  scope: LookupScope,
  deps: ImageLookupDeps,
): Promise<Admitted> {
  const { policy, hosts } = deps
  const mode = lookupMode(policy, scope.resource)
  const { internalRegistry } = hosts
  const plan = planLookup(image, { ...scope, localNames: mode.localNames, internalRegistry })
  const stream = plan.kind === 'tag' ? await findStream(plan.namespace, plan.stream, deps) : undefined
  const verdict = decideLookup(plan, stream)
  const { digest } = verdict
  if (mode.isRequired && digest === undefined) {
    return { error: { type: 'Forbidden', field, detail: `${refusal}: ${unresolvedText(image, verdict)}` } }
  }
  const exact = verdict.kind === 'rewritten' ? verdict.image : mode.rewrites ? verdict.exact : undefined
  const written = (scope.mayRewrite ? exact : undefined) ?? image
  if (hasExecutionRules(policy, scope.resource)) {
    const found = digest === undefined ? undefined : await findObject<Image>(images, '', digest, deps)
    const question = {
      resource: scope.resource,
      image: written,
      found,
      internalRegistry,
      ignoredRules: await ignoredRules(scope.namespace, deps),
    }
    if (!mayExecute(policy, question)) return { error: { type: 'Forbidden', field, detail: refusal } }
  }
  return { image: written }
}

function unresolvedText(image: string, verdict: LookupVerdict): string {
  if (verdict.kind === 'kept' && verdict.why === 'not-offered') {
    return 'ImageStreamTag does not allow local references and the resource did not request image stream resolution'
  }
  const reference = parseReference(image)
  const shown = reference === undefined ? image : formatExact(withClientDefaults(reference))
  return `(${shown}) could not be resolved to an exact image reference`
}

async function findStream(
  namespace: string,
  name: string,
  deps: ImageLookupDeps,
): Promise<ImageStream | undefined> {
  // Names of several parts are no names of streams, and would reach into other keys.
  if (name.includes('/')) return undefined
  const stream = await findObject<ImageStream>(imageStreams, namespace, name, deps)
  return stream === undefined ? undefined : decorateStream(stream, deps.hosts)
}

async function findObject<T>(
  kind: { group: string; plural: string; namespaced: boolean },
  namespace: string,
  name: string,
  { store, cache }: ImageLookupDeps,
): Promise<T | undefined> {
  const entry = await store.get(objectKey(kind, namespace, name))
  return entry === undefined ? undefined : (cache.decode(entry) as T)
}

async function ignoredRules(namespace: string, deps: ImageLookupDeps): Promise<string | undefined> {
  const found = await findObject<{ metadata: { annotations?: Record<string, string> } }>(
    namespaces,
    '',
    namespace,
    deps,
  )
  return found?.metadata.annotations?.[ignoreRulesAnnotation]
}
