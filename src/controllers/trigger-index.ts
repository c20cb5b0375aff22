import type { ImageStream } from '../api/image/index.ts'
import { type Following, formatSource, resolveTrigger, type TriggerSource } from '../image/index.ts'
import type { ObjectKey } from './reconcile.ts'
import { keyOf } from './watch-source.ts'

/**
 * From tags to the objects that follow them. It is a memory of what watches said and may be lost at any time: all that depends
 * on it is which keys are looked at, and one key too many does no harm.
 */
export interface TriggerIndex {
  /** The object follows these tags. `mark` stands for all that matters about it: answers whether that is new. */
  put(key: ObjectKey, followings: readonly Following[], mark: string): 'first' | 'changed' | 'same'
  /** The object is gone, or follows nothing. */
  drop(key: ObjectKey): boolean
  /** Tags of the object of which nothing is known yet. */
  unknownSources(key: ObjectKey): TriggerSource[]
  /** Takes in what the stream gives its followers, where nothing is known yet; undefined for a stream that is not there. */
  learn(source: TriggerSource, stream: ImageStream | undefined): void
  /** What is known of the tags that the object follows: another text when one of them has moved. */
  view(key: ObjectKey): string
  /** Whether the object is known to have the image of every tag that it follows, of which there are some. */
  isCurrent(key: ObjectKey): boolean
  /** The followers of those tags of the stream that give another image than before, without those that have it. */
  moved(stream: ImageStream): ObjectKey[]
  /** The followers of a stream that is gone. */
  gone(stream: ImageStream): ObjectKey[]
  /** All that follow something. */
  keys(): ObjectKey[]
  readonly size: number
}

interface FollowedTag {
  followers: Set<ObjectKey>
  /** undefined before anything was seen of it, '' for no image. */
  image: string | undefined
}

interface Follower {
  followings: ReadonlyMap<string, Following>
  mark: string
}

export function createTriggerIndex(): TriggerIndex {
  const objects = new Map<ObjectKey, Follower>()
  const streams = new Map<string, Map<string, FollowedTag>>()

  const tagOf = ({ namespace, stream, tag }: TriggerSource) => streams.get(`${namespace}/${stream}`)?.get(tag)

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
    const { namespace = '', name = '' } = stream.metadata
    for (const [tag, followed] of streams.get(keyOf(stream)) ?? []) {
      const image = imageOf(tag)
      if (image === followed.image) continue
      followed.image = image
      const source = formatSource({ namespace, stream: name, tag })
      for (const key of followed.followers) {
        if (objects.get(key)?.followings.get(source)?.image !== image) keys.add(key)
      }
    }
    return [...keys]
  }

  return {
    put(key, followings, mark) {
      const wanted = merge(followings)
      const known = objects.get(key)
      for (const [name, { source }] of known?.followings ?? []) if (!wanted.has(name)) unfollow(key, source)
      for (const [name, { source }] of wanted) if (known?.followings.has(name) !== true) follow(key, source)
      objects.set(key, { followings: wanted, mark })
      return known === undefined ? 'first' : known.mark === mark ? 'same' : 'changed'
    },
    drop(key) {
      const known = objects.get(key)
      for (const { source } of known?.followings.values() ?? []) unfollow(key, source)
      return objects.delete(key)
    },
    unknownSources: (key) =>
      [...(objects.get(key)?.followings.values() ?? [])].flatMap(({ source }) =>
        tagOf(source)?.image === undefined ? [source] : [],
      ),
    learn({ namespace, stream: name }, stream) {
      for (const [tag, followed] of streams.get(`${namespace}/${name}`) ?? []) {
        followed.image ??= stream === undefined ? '' : imageIn(stream, tag)
      }
    },
    view: (key) =>
      [...(objects.get(key)?.followings.values() ?? [])]
        .map(({ source }) => tagOf(source)?.image ?? '?')
        .join(' '),
    isCurrent(key) {
      const followings = [...(objects.get(key)?.followings.values() ?? [])]
      return (
        followings.length > 0 &&
        followings.every(({ source, image }) => image !== undefined && image === tagOf(source)?.image)
      )
    },
    moved: (stream) => change(stream, (tag) => imageIn(stream, tag)),
    gone: (stream) => change(stream, () => ''),
    keys: () => [...objects.keys()],
    get size() {
      return objects.size
    },
  }
}

function imageIn(stream: ImageStream, tag: string): string {
  const resolution = resolveTrigger(stream, tag)
  return resolution.kind === 'image' ? resolution.image : ''
}

/** One for each tag: places that follow the same have an image only together. */
function merge(followings: readonly Following[]): ReadonlyMap<string, Following> {
  const merged = new Map<string, Following>()
  for (const following of followings) {
    const name = formatSource(following.source)
    const known = merged.get(name)
    const isSplit = known !== undefined && known.image !== following.image
    merged.set(name, isSplit ? { source: following.source } : following)
  }
  return merged
}
