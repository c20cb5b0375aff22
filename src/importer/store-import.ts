import type { Image, ImageImportStatus, ImageStream, ImageStreamImport } from '../api/image/index.ts'
import { imageResource, imageStreams, images } from '../api/image/index.ts'
import {
  applyImport,
  applyImportRefusal,
  decorateStream,
  heldTags,
  type ImportOutcome,
  imagesToStore,
  isLimitRefusal,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import { formatTime } from '../machinery/object.ts'
import type { CreateRequest } from '../resources/endpoint.ts'
import type { ImageEndpointDeps } from '../resources/image/deps.ts'
import type { FoundEntry, StreamAccess } from '../resources/image/stream-access.ts'
import { streamStrategy } from '../resources/image/stream-strategy.ts'
import { holdsOfWrite } from '../resources/image/tag-hold-store.ts'
import { objectKey } from '../resources/keys.ts'
import type { Plan } from '../resources/object-writer.ts'
import type { WriteRequest } from '../resources/write-strategy.ts'
import { hookStrategy } from '../resources/write-strategy.ts'

/** Stores what an import found: new Images and the stream in one commit (import.md §2.3). */

export interface StoreImportDeps extends ImageEndpointDeps {
  access: StreamAccess
}

const resource = imageResource('imagestreamimports')
const maxAttempts = 20

/**
 * The answer to the request. `found` is the stream that the import started from: a caller who named its version gets a
 * Conflict when it has changed since; for others the results are folded into whatever is there now.
 */
export async function storeImport(
  done: ImageStreamImport,
  found: FoundEntry | undefined,
  { caller, namespace, dryRun, onBehalfOf, cause = 'import' }: CreateRequest,
  deps: StoreImportDeps,
): Promise<ImageStreamImport> {
  const { name = '', resourceVersion = '' } = done.metadata
  const request: WriteRequest = {
    caller,
    namespace,
    dryRun,
    now: deps.clock(),
    resource,
    cause,
    ...(onBehalfOf === undefined ? {} : { onBehalfOf }),
  }
  return deps.lock.run(objectKey(imageStreams, namespace, name), async () => {
    for (let attempt = 1; ; attempt++) {
      const current = resourceVersion === '' ? await deps.access.find(namespace, name) : found
      try {
        return await storeOnce(done, current, request, deps)
      } catch (error) {
        const lostRace =
          isApiError(error, 'AlreadyExists') || (isApiError(error, 'Conflict') && resourceVersion === '')
        if (!lostRace || attempt === maxAttempts) throw error
      }
    }
  })
}

async function storeOnce(
  done: ImageStreamImport,
  current: FoundEntry | undefined,
  request: WriteRequest,
  deps: StoreImportDeps,
): Promise<ImageStreamImport> {
  const wanted = imagesToStore(done)
  const imagePlans = await planImages(wanted, request, deps)
  const { plan: streamPlan, held } = await planStream(done, current, withNewImages(request, imagePlans), deps)
  const plans = [...imagePlans.values(), ...(streamPlan === undefined ? [] : [streamPlan])]
  const written = request.dryRun
    ? plans.map(({ object }) => object)
    : await deps.writer.commit(plans, resource)
  const stream = streamPlan === undefined ? (current?.stream as ImageStream) : (written.at(-1) as ImageStream)
  const stored = new Map([...imagePlans.keys()].map((name, index) => [name, written[index] as Image]))
  const renditions = new Map(
    wanted.map((image) => [image.metadata.name ?? '', toRendition(image, stored, request, deps)]),
  )
  return withImages(
    {
      ...done,
      status: { import: asItem(decorateStream(stream, deps.settings)), ...sayHeld(done, held).status },
    },
    (image) => renditions.get(image.metadata.name ?? '') ?? withoutText(image),
  )
}

/** Plans of the Images that aren't there yet, by name. */
async function planImages(
  wanted: readonly Image[],
  request: WriteRequest,
  deps: StoreImportDeps,
): Promise<Map<string, Plan>> {
  const strategy = hookStrategy(images)
  const plans = new Map<string, Plan>()
  const entries = await deps.store.getMany(
    wanted.map((image) => objectKey(images, '', image.metadata.name ?? '')),
  )
  for (const [index, image] of wanted.entries()) {
    if (entries[index] !== undefined) continue
    const scoped = { ...request, namespace: '' }
    plans.set(image.metadata.name ?? '', await deps.writer.planCreate(strategy, withoutText(image), scoped))
  }
  return plans
}

/** For the record of what moved: images that come with the same commit. */
function withNewImages(request: WriteRequest, plans: ReadonlyMap<string, Plan>): WriteRequest {
  return { ...request, origin: { images: [...plans.values()].map(({ object }) => object as Image) } }
}

interface StreamImportPlan {
  /** undefined when the stream stays as it is. */
  plan: Plan | undefined
  held: ImportOutcome['held']
}

async function planStream(
  done: ImageStreamImport,
  current: FoundEntry | undefined,
  request: WriteRequest,
  deps: StoreImportDeps,
): Promise<StreamImportPlan> {
  const holds = await holdsOfWrite(request, done.metadata.name ?? '', deps)
  const { stream, changed, held } = applyImport(current?.stream, done, request.now, heldTags(holds))
  if (!changed) return { plan: undefined, held }
  const strategy = streamStrategy('internal', deps)
  if (current === undefined) return { plan: await deps.writer.planCreate(strategy, stream, request), held }
  try {
    return { plan: await deps.writer.planUpdate(strategy, stream, current.entry, request), held }
  } catch (error) {
    await recordRefusal(error, stream, current, request, deps)
    throw error
  }
}

/** A refusal by limits leaves conditions on the tags that would have been new. The caller hears of the refusal anyway. */
async function recordRefusal(
  error: unknown,
  refused: ImageStream,
  { stream, entry }: FoundEntry,
  request: WriteRequest,
  deps: StoreImportDeps,
): Promise<void> {
  if (request.dryRun || !isApiError(error) || !isLimitRefusal(error)) return
  const next = applyImportRefusal(stream, refused, error, request.now)
  const plan = await deps.writer.planUpdate(streamStrategy('status', deps), next, entry, request)
  await deps.writer.commit([plan], resource)
}

/** An import that works but moves nothing says why in the message of its success. */
function sayHeld(done: ImageStreamImport, held: ImportOutcome['held']): ImageStreamImport {
  if (held.length === 0) return done
  const images = new Map(held.map(({ tag, image }) => [tag, image]))
  return withResults(done, (result, tag = '') => {
    const image = images.get(tag)
    if (image === undefined || image !== result.image?.metadata.name) return result
    const name = `${done.metadata.name}:${tag}`
    const message = `${name} is held back from ${image}, which a rollback rejected; "weir resume ${name}" lets it follow`
    return { ...result, status: { ...result.status, message } }
  })
}

/** What the answer shows: the stored Image, or the imported one where another was there before (import.md §2.2). */
function toRendition(
  image: Image,
  stored: ReadonlyMap<string, Image>,
  request: WriteRequest,
  deps: StoreImportDeps,
): Image {
  const written = stored.get(image.metadata.name ?? '')
  if (written !== undefined) return asItem(written)
  const metadata = { ...image.metadata, uid: deps.randomUuid(), creationTimestamp: formatTime(request.now) }
  return { ...withoutText(image), metadata }
}

/** Storing an Image drops the text of manifest and config: registries have them. */
function withoutText(image: Image): Image {
  const { dockerImageManifest: _manifest, dockerImageConfig: _config, ...rest } = image
  return rest
}

function withImages(done: ImageStreamImport, show: (image: Image) => Image): ImageStreamImport {
  return withResults(done, (result) => ({
    ...result,
    ...(result.image === undefined ? {} : { image: show(result.image) }),
    ...(result.manifests === undefined ? {} : { manifests: result.manifests.map(show) }),
  }))
}

/** Changes the result of each tag, of single images and of the repository's alike. */
function withResults(
  done: ImageStreamImport,
  change: (result: ImageImportStatus, tag: string | undefined) => ImageImportStatus,
): ImageStreamImport {
  const { images: single, repository, ...rest } = done.status
  const ofRepository = repository?.images?.map((result) => change(result, result.tag))
  const ofSingle = single?.map((result, index) => change(result, done.spec.images?.[index]?.to?.name))
  return {
    ...done,
    status: {
      ...rest,
      ...(repository === undefined
        ? {}
        : { repository: { ...repository, ...(ofRepository === undefined ? {} : { images: ofRepository }) } }),
      ...(ofSingle === undefined ? {} : { images: ofSingle }),
    },
  }
}

function asItem<T extends KubeObject>({ kind: _kind, apiVersion: _version, ...item }: T): T {
  return item as T
}
