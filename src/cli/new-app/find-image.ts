import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import {
  imageApiVersion,
  imageStreamImages,
  imageStreamImports,
  imageStreams,
} from '../resources/image-api.ts'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'
import { listPages } from '../resources/list.ts'
import { choiceProblem } from './choice-problem.ts'
import { chooseMatch, type Found, type Match } from './match.ts'
import { parseStreamTerm, searchStreams, searchSupporting } from './search-streams.ts'

/** The searches of cli.md §18.1, against the server. */

const sharedNamespace = 'openshift'

/** Streams of a namespace; none where they may not be listed or there is no such namespace. */
export async function listStreams({ session }: CommandContext, namespace: string): Promise<StreamObject[]> {
  const streams: StreamObject[] = []
  try {
    const pages = listPages<{ metadata?: ListMeta; items?: StreamObject[] }>(
      await session.rest(),
      imageStreams,
      namespace,
      { limit: 500 },
    )
    for await (const { items } of pages) streams.push(...(items ?? []))
  } catch (error) {
    if (!isApiError(error) || (error.code !== 403 && error.code !== 404)) throw error
  }
  return streams
}

/** The project's own and the shared ones, or those of the one that a name says. */
export async function searchedNamespaces({ session }: CommandContext, named: string): Promise<string[]> {
  if (named !== '') return [named]
  const own = await session.namespace()
  return own === sharedNamespace ? [own] : [own, sharedNamespace]
}

async function fromStreams(context: CommandContext, term: string): Promise<Match[]> {
  const asked = parseStreamTerm(term)
  if (asked === undefined) return []
  const options = { allowMissingTags: context.flags.bool('allow-missing-imagestream-tags') }
  const matches: Match[] = []
  for (const namespace of await searchedNamespaces(context, asked.namespace)) {
    matches.push(...searchStreams(await listStreams(context, namespace), asked, options))
    if (matches.some(({ score }) => score === 0)) break
  }
  return matches
}

async function fromLanguages(context: CommandContext, language: string): Promise<Match[]> {
  const namespaces = await searchedNamespaces(context, '')
  const lists = await Promise.all(namespaces.map((namespace) => listStreams(context, namespace)))
  return searchSupporting(lists.flat(), language)
}

interface ImportAnswer extends KubeObject {
  status?: { images?: { status?: { status?: string }; image?: ImageObject | null }[] | null }
}

/** Asks the server to look at the image in its registry, without keeping it. */
async function fromRegistry({ flags, session }: CommandContext, term: string): Promise<Match[]> {
  const rest = await session.rest()
  const importPolicy = flags.bool('insecure-registry') ? { insecure: true } : {}
  const answer = await rest.json<ImportAnswer>({
    method: 'POST',
    path: resourcePath(imageStreamImports, await session.namespace()),
    body: {
      kind: 'ImageStreamImport',
      apiVersion: imageApiVersion,
      metadata: { name: 'newapp' },
      spec: { import: false, images: [{ from: { kind: 'DockerImage', name: term }, importPolicy }] },
      status: {},
    },
  })
  const found = answer.status?.images?.[0]
  if (found?.status?.status === 'Failure' || !found?.image) return []
  return [{ kind: 'container', score: 0, reference: term, image: found.image }]
}

/** The match with what is known of its image; an image that is gone is no failure. */
async function withImage({ session }: CommandContext, match: Match): Promise<Match> {
  if (match.kind !== 'stream' || match.imageName === '') return match
  try {
    const path = resourcePath(imageStreamImages, match.namespace, `${match.stream}@${match.imageName}`)
    const rest = await session.rest()
    const { image } = await rest.json<{ image?: ImageObject }>({ method: 'GET', path })
    return image === undefined ? match : { ...match, image }
  } catch (error) {
    if (isApiError(error) && error.code === 404) return match
    throw error
  }
}

export type Where = 'anywhere' | 'streams' | 'registries'

/** Throws CliError, which lists what else it may have been, when not exactly one image is meant. */
export async function findImage(context: CommandContext, term: string, where: Where): Promise<Match> {
  const groups: Found[] = []
  if (where !== 'registries') groups.push({ weight: 0, matches: await fromStreams(context, term) })
  const isFound = () => groups.some(({ matches }) => matches.some(({ score }) => score === 0))
  if (where !== 'streams' && !isFound())
    groups.push({ weight: 2, matches: await fromRegistry(context, term) })
  return decide(context, term, groups)
}

/** An image that builds sources in the language. */
export async function findBuilder(context: CommandContext, language: string): Promise<Match> {
  const groups: Found[] = [
    { weight: 0, matches: await fromStreams(context, language) },
    { weight: 1, matches: await fromLanguages(context, language) },
  ]
  if (groups.every(({ matches }) => matches.length === 0))
    groups.push({ weight: 2, matches: await fromRegistry(context, language) })
  return decide(context, language, groups)
}

async function decide(context: CommandContext, term: string, groups: readonly Found[]): Promise<Match> {
  const choice = chooseMatch(groups)
  if (choice.kind !== 'match') throw choiceProblem(context, term, choice)
  return withImage(context, choice.match)
}
