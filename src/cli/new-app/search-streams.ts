import { type ImageReference, parseReference } from '../../oci/index.ts'
import type { StreamObject, TagEvent } from '../resources/image-types.ts'
import { type Match, wordsOf } from './match.ts'

/** Which tags of these streams a word may mean (cli.md §18.1). Pure. */

export interface SearchOptions {
  /** A tag without an image counts. */
  allowMissingTags: boolean
}

/** How far a stream's name is from what was asked for; undefined when it is something else. */
export function scoreName(asked: string, name: string): number | undefined {
  if (asked === '*' || asked === name) return 0
  const [lowAsked, lowName] = [asked.toLowerCase(), name.toLowerCase()]
  if (lowAsked === lowName) return 0.02
  if (name.startsWith(asked)) return 0.1
  if (lowName.startsWith(lowAsked)) return 0.12
  if (name.includes(asked)) return 0.2
  return lowName.includes(lowAsked) ? 0.22 : undefined
}

const annotationsOf = (stream: StreamObject, tag: string) =>
  stream.spec?.tags?.find(({ name }) => name === tag)?.annotations ?? {}
const isHidden = (stream: StreamObject, tag: string) =>
  wordsOf(annotationsOf(stream, tag).tags).includes('hidden')
const latestOf = (stream: StreamObject, tag: string): TagEvent | undefined =>
  stream.status?.tags?.find((one) => one.tag === tag)?.items?.[0]

/** Tags with an image that may be offered. */
export function visibleTags(stream: StreamObject): string[] {
  return (stream.status?.tags ?? [])
    .filter(({ tag, items }) => (items ?? []).length > 0 && !isHidden(stream, tag))
    .map(({ tag }) => tag)
}

function toMatch(stream: StreamObject, tag: string, score: number, hasNoTags = false): Match {
  return {
    kind: 'stream',
    score,
    namespace: stream.metadata.namespace ?? '',
    stream: stream.metadata.name ?? '',
    tag,
    annotations: annotationsOf(stream, tag),
    imageName: latestOf(stream, tag)?.image ?? '',
    hasNoTags,
  }
}

/** Where `latest` stands for another tag of its stream, that one; '' when nobody is to be offered it. */
function defaultTag(stream: StreamObject): string {
  if (isHidden(stream, 'latest')) return ''
  const from = stream.spec?.tags?.find(({ name }) => name === 'latest')?.from
  const target = from?.kind === 'ImageStreamTag' && !from.namespace ? (from.name ?? '') : ''
  const isBare = target !== '' && !target.includes(':')
  return isBare && !isHidden(stream, target) && latestOf(stream, target) !== undefined ? target : 'latest'
}

function matchesOf(stream: StreamObject, asked: ImageReference, options: SearchOptions): Match[] {
  const score = scoreName(asked.name, stream.metadata.name ?? '')
  if (score === undefined) return []
  const tag = asked.tag || defaultTag(stream)
  if (tag !== '' && latestOf(stream, tag) !== undefined) return [toMatch(stream, tag, score)]
  if (options.allowMissingTags) return [toMatch(stream, tag || 'latest', score)]
  const others = visibleTags(stream)
  if (others.length === 0) return [toMatch(stream, tag || 'latest', score + 0.5, true)]
  return others.map((other) => toMatch(stream, other, score + 0.5))
}

/** `term` is `[namespace/]name[:tag]`; a registry in it means that no stream is meant. */
export function parseStreamTerm(term: string): ImageReference | undefined {
  if (term === '*') return { registry: '', namespace: '', name: '*', tag: '', id: '' }
  const parsed = parseReference(term)
  return parsed === undefined || parsed.registry !== '' || parsed.id !== '' ? undefined : parsed
}

export function searchStreams(
  streams: readonly StreamObject[],
  asked: ImageReference,
  options: SearchOptions,
): Match[] {
  return streams.flatMap((stream) => matchesOf(stream, asked, options))
}

/** Tags that say they support a language, or a version of it. */
export function searchSupporting(streams: readonly StreamObject[], language: string): Match[] {
  const name = (text: string) => text.split(':')[0]
  return streams.flatMap((stream) =>
    (stream.spec?.tags ?? []).flatMap(({ name: tag, annotations }): Match[] => {
      if (latestOf(stream, tag) === undefined || isHidden(stream, tag)) return []
      const supported = wordsOf(annotations?.supports).filter((word) => word !== '')
      if (supported.includes(language)) return [toMatch(stream, tag, 0)]
      return supported.some((word) => name(word) === name(language)) ? [toMatch(stream, tag, 0.5)] : []
    }),
  )
}
