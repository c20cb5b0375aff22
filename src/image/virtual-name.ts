import { isImageDigest } from '../oci/index.ts'

/** Names of objects that are parts of a stream (image-api.md §3.2). */

export interface StreamTagName {
  stream: string
  tag: string
}

export interface StreamImageName {
  stream: string
  /** A digest or the beginning of one. */
  id: string
}

function splitOnce(name: string, separator: string): [string, string] | undefined {
  const [left, right, ...rest] = name.split(separator)
  return left && right && rest.length === 0 ? [left, right] : undefined
}

/** `<stream>:<tag>`, as reads, updates and deletions demand it; undefined for any other form. */
export function parseStreamTagName(name: string): StreamTagName | undefined {
  const parts = name.includes('@') ? undefined : splitOnce(name, ':')
  return parts === undefined ? undefined : { stream: parts[0], tag: parts[1] }
}

/** Loose form, as creation and triggers take it: the tag may be left out. `hasTag` is false without a colon. */
export function splitStreamTagName(name: string): StreamTagName & { hasTag: boolean } {
  const colon = name.indexOf(':')
  if (colon === -1) return { stream: name, tag: 'latest', hasTag: false }
  return { stream: name.slice(0, colon), tag: name.slice(colon + 1) || 'latest', hasTag: true }
}

/** `<stream>@<id>`; undefined for any other form. */
export function parseStreamImageName(name: string): StreamImageName | undefined {
  const parts = splitOnce(name, '@')
  return parts === undefined ? undefined : { stream: parts[0], id: parts[1] }
}

export function formatStreamTagName(stream: string, tag: string): string {
  return `${stream}:${tag}`
}

/** Whether `wanted`, in full or shortened, with or without algorithm, means this image. */
export function matchesImage(image: string, wanted: string): boolean {
  if (image.startsWith(wanted)) return true
  return image.startsWith(wanted, image.indexOf(':') + 1) && isImageDigest(image)
}
