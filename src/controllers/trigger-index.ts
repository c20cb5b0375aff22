import type { ImageStream } from '../api/image/index.ts'
import { formatSource, resolveTrigger, type TriggerSource } from '../image/index.ts'
import type { ObjectKey } from './reconcile.ts'
import { keyOf } from './watch-source.ts'

/**
 * From tags to the objects that follow them. It is a memory of what watches said and may be lost at any time: all that depends
 * on it is which keys are looked at, and one key too many does no harm.
 */
export interface TriggerIndex {
  /**
   * The object follows these tags. `mark` stands for all that matters about it: answers whether that is new, so that the object has
   * to be looked at.
   */
  put(key: ObjectKey, sources: readonly TriggerSource[], mark: string): boolean
  /** The object is gone, or follows nothing. */
  drop(key: ObjectKey): boolean
  /** The followers of those tags of the stream that give another image than when last asked. */
  moved(stream: ImageStream): ObjectKey[]
  /** The followers of a stream that is gone. */
  gone(stream: ImageStream): ObjectKey[]
  readonly size: number
}

interface FollowedTag {
  followers: Set<ObjectKey>
  /** undefined before anything was seen of it, '' for no image. */
  image: string | undefined
}

export function createTriggerIndex(): TriggerIndex {
  const objects = new Map<ObjectKey, { sources: Map<string, TriggerSource>; mark: string }>()
  const streams = new Map<string, Map<string, FollowedTag>>()

  const follow = (key: ObjectKey, { namespace, stream, tag }: TriggerSource) => {
    const name = `${namespace}/${stream}`
    const tags = streams.get(name) ?? new Map<string, FollowedTag>()
    streams.set(name, tags)
    const followed = tags.get(tag) ?? { followers: new Set(), image: undefined }
    tags.set(tag, followed)
    followed.followers.add(key)
  }

  const unfollow = (key: ObjectKey, { namespace, stream, tag }: TriggerSource) => {
    const name = `${namespace}/${stream}`
    const tags = streams.get(name)
    const followed = tags?.get(tag)
    if (tags === undefined || followed === undefined) return
    followed.followers.delete(key)
    if (followed.followers.size === 0) tags.delete(tag)
    if (tags.size === 0) streams.delete(name)
  }

  const change = (stream: ImageStream, imageOf: (tag: string) => string): ObjectKey[] => {
    const keys = new Set<ObjectKey>()
    for (const [tag, followed] of streams.get(keyOf(stream)) ?? []) {
      const image = imageOf(tag)
      if (image === followed.image) continue
      followed.image = image
      for (const key of followed.followers) keys.add(key)
    }
    return [...keys]
  }

  return {
    put(key, sources, mark) {
      const wanted = new Map(sources.map((source) => [formatSource(source), source]))
      const known = objects.get(key)
      for (const [name, source] of known?.sources ?? []) if (!wanted.has(name)) unfollow(key, source)
      for (const [name, source] of wanted) if (known?.sources.has(name) !== true) follow(key, source)
      objects.set(key, { sources: wanted, mark })
      return known?.mark !== mark
    },
    drop(key) {
      const known = objects.get(key)
      for (const source of known?.sources.values() ?? []) unfollow(key, source)
      return objects.delete(key)
    },
    moved: (stream) =>
      change(stream, (tag) => {
        const resolution = resolveTrigger(stream, tag)
        return resolution.kind === 'image' ? resolution.image : ''
      }),
    gone: (stream) => change(stream, () => ''),
    get size() {
      return objects.size
    },
  }
}
