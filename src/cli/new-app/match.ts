import type { ImageObject } from '../resources/image-types.ts'

/** Something that a word of the command line may mean (cli.md §18.1). */
export type Match = { score: number } & (StreamMatch | ContainerMatch)

export interface StreamMatch {
  kind: 'stream'
  namespace: string
  stream: string
  tag: string
  /** Annotations of the tag. */
  annotations: Readonly<Record<string, string>>
  /** Name of the image; '' where the tag has none. */
  imageName: string
  /** The stream has no tag with an image at all. */
  hasNoTags: boolean
  image?: ImageObject
}

export interface ContainerMatch {
  kind: 'container'
  /** As it is pulled. */
  reference: string
  image: ImageObject
}

/** What a group of searches found, and what its scores are worth against other groups; 0 leaves them as they are. */
export interface Found {
  weight: number
  matches: readonly Match[]
}

export type Choice =
  | { kind: 'match'; match: Match }
  | { kind: 'none' }
  | { kind: 'noTags'; match: Match }
  | { kind: 'partial'; match: Match }
  | { kind: 'several'; matches: readonly Match[] }

const isExact = (match: Match) => match.score === 0

/** Exactly one exact match of a group wins; else all groups' matches compete. */
export function chooseMatch(groups: readonly Found[]): Choice {
  for (const { matches } of groups) {
    const exact = matches.filter(isExact)
    if (exact.length === 1) return { kind: 'match', match: exact[0] as Match }
  }
  const pool = groups
    .flatMap(({ weight, matches }) =>
      matches.map((match): Match => (weight === 0 ? match : { ...match, score: match.score * weight })),
    )
    .toSorted((a, b) => a.score - b.score)
  const [best, next] = pool
  if (best === undefined) return { kind: 'none' }
  const isBest = next === undefined || best.score < next.score
  if (!isBest) return { kind: 'several', matches: pool }
  if (best.kind === 'stream' && best.hasNoTags) return { kind: 'noTags', match: best }
  return isExact(best) ? { kind: 'match', match: best } : { kind: 'partial', match: best }
}

/** What the project calls it: `openshift/ruby:2.0`, or a pull specification. */
export function matchName(match: Match): string {
  return match.kind === 'stream' ? `${match.namespace}/${match.stream}:${match.tag}` : match.reference
}

const builderVariables = ['STI_LOCATION', 'STI_SCRIPTS_URL', 'STI_BUILDER']

/** Can the image build sources (S2I)? */
export function isBuilder(match: Match): boolean {
  if (match.kind === 'stream' && wordsOf(match.annotations.tags).includes('builder')) return true
  const config = match.image?.dockerImageMetadata?.Config
  if (config?.Labels?.['io.openshift.s2i.scripts-url']) return true
  return (config?.Env ?? []).some((text) => builderVariables.includes(text.split('=')[0] as string))
}

/** A comma list. */
export function wordsOf(text: string | undefined): string[] {
  return (text ?? '').split(',').map((word) => word.trim())
}
