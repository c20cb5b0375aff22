import type { ImageStream, TagEvent } from '../api/image/index.ts'
import { addTagEvent } from './history.ts'
import { mergeStatusTags, specTags } from './stream-tags.ts'
import { followedTag, type HeldTags, isHeld, nothingHeld } from './tag-holds.ts'

function isSameEvent(a: TagEvent | undefined, b: TagEvent): boolean {
  return (
    a !== undefined &&
    a.image === b.image &&
    a.dockerImageReference === b.dockerImageReference &&
    a.generation === b.generation &&
    a.created === b.created
  )
}

/** For each tag the tags of the same stream that follow it (image-api.md §7.4). */
export function followersByTag(stream: ImageStream): Map<string, string[]> {
  const followers = new Map<string, string[]>()
  for (const { name, from } of specTags(stream)) {
    const source = from === undefined ? undefined : followedTag(stream, from)
    if (source !== undefined) followers.set(source, [...(followers.get(source) ?? []), name])
  }
  return followers
}

/**
 * Hands what is new in a stream's tags on to the tags that follow them. One level: a follower's follower waits for the
 * next write, and so a circle of followers comes to rest. A follower that was rolled back is not led to what was rejected.
 */
export function updateFollowers(
  next: ImageStream,
  old: ImageStream | undefined,
  held: HeldTags = nothingHeld,
): ImageStream {
  const followers = followersByTag(next)
  if (followers.size === 0) return next
  let result = next
  mergeStatusTags(next, old, (after, before) => {
    const event = after?.items?.[0]
    if (after === undefined || event === undefined || isSameEvent(before?.items?.[0], event)) return
    for (const follower of followers.get(after.tag) ?? []) {
      if (!isHeld(held, follower, event.image)) result = addTagEvent(result, follower, event)
    }
  })
  return result
}
