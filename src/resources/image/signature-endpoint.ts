import {
  type Image,
  type ImageSignature,
  imageResource,
  imageSignatures,
  images,
  withoutVerification,
} from '../../api/image/index.ts'
import {
  addSignature,
  imageOfSignatureNotFound,
  readSignatureName,
  removeSignature,
} from '../../image/index.ts'
import { invalid } from '../../machinery/errors.ts'
import { formatTime, type KubeObject } from '../../machinery/object.ts'
import type { Endpoint, ScopedRequest } from '../endpoint.ts'
import { objectKey } from '../keys.ts'
import { hookStrategy, metaErrors } from '../write-strategy.ts'
import type { ImageEndpointDeps } from './deps.ts'
import { success } from './stream-tag-endpoints.ts'

const resource = imageResource('images')

/** `imagesignatures`: added to and taken from their Image (image-api.md §10.3). */
export function createSignatureEndpoint(deps: ImageEndpointDeps): Endpoint {
  const strategy = hookStrategy(images)

  /** Writes the Image that `change` makes, one writer of it at a time. */
  const change = (
    request: ScopedRequest & { dryRun: boolean },
    name: string,
    apply: (image: Image) => Image,
  ): Promise<void> => {
    const key = objectKey(images, '', name)
    return deps.lock.run(key, async () => {
      const entry = await deps.store.get(key)
      if (entry === undefined) throw imageOfSignatureNotFound(name)
      const next = apply(deps.cache.decode(entry) as Image)
      const plan = await deps.writer.planUpdate(strategy, next, entry, {
        ...request,
        namespace: '',
        now: deps.clock(),
        resource,
      })
      if (!request.dryRun) await deps.writer.commit([plan], resource)
    })
  }

  return {
    kind: imageSignatures,

    async create({ object, ...request }) {
      const signature = stamped(withoutVerification(object as ImageSignature), deps)
      const own = imageSignatures.hooks.validateCreate?.(signature) ?? []
      const errors = own.length > 0 ? own : metaErrors(imageSignatures, signature)
      const { name = '' } = signature.metadata
      if (errors.length > 0) throw invalid(imageSignatures, name, errors)
      await change(request, readSignatureName(name).image, (image) => addSignature(image, signature))
      return { kind: 'ImageSignature', apiVersion: 'image.openshift.io/v1', ...signature } as KubeObject
    },

    async delete({ name, namespace, caller, options }) {
      const request = { namespace, caller, dryRun: options.dryRun ?? false }
      await change(request, readSignatureName(name).image, (image) => removeSignature(image, name))
      return success
    },
  }
}

function stamped(signature: ImageSignature, deps: ImageEndpointDeps): ImageSignature {
  const { kind: _kind, apiVersion: _version, metadata, ...rest } = signature
  const { resourceVersion: _revision, ...sent } = metadata
  return {
    ...rest,
    metadata: { ...sent, uid: deps.randomUuid(), creationTimestamp: formatTime(deps.clock()) },
  } as ImageSignature
}
