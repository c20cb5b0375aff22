import { type ApiResource, findCategory, findResource } from '../../client/index.ts'
import { BareError, CliError } from '../errors.ts'
import type { Session } from '../session.ts'

/** `TYPE[,TYPE] [NAME…]` and `TYPE/NAME…` (cli.md §0.9). */

export interface Wanted {
  resource: ApiResource
  /** undefined: all of the type. */
  name?: string
}

export interface Selection {
  wanted: Wanted[]
  /** One type and one name, as two words or as `TYPE/NAME`. */
  single: boolean
  /** More types than one were named. */
  severalTypes: boolean
}

const mixed = (program: string) =>
  `there is no need to specify a resource type as a separate argument when passing arguments in resource/name form (e.g. '${program} get resource/<resource_name>' instead of '${program} get resource resource/<resource_name>'`

/** A type may be a category; only a single word `all` and the like can be one. */
async function typesOf(session: Session, list: string): Promise<ApiResource[]> {
  const words = list.split(',')
  const found: ApiResource[] = []
  for (const word of words) {
    const category = await categoryOf(session, word)
    found.push(...(category ?? [await session.resource(word)]))
  }
  return found
}

async function categoryOf(session: Session, word: string): Promise<ApiResource[] | undefined> {
  const discovered = await session.discovery.get()
  if (findResource(discovered, word) !== undefined) return undefined
  // Kinds come and go: a category is always read afresh.
  const members = findCategory(await session.discovery.refresh(), word)
  return members.length > 0 ? members.filter((resource) => resource.verbs.includes('list')) : undefined
}

export function nothingGiven(): BareError {
  return new BareError(`error: You must provide one or more resources by argument or filename.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'
   '<resource> <name>'
   '<resource>'`)
}

function splitPair(text: string): { type: string; name: string } {
  const parts = text.split('/')
  if (parts.length !== 2) {
    throw new CliError(`arguments in resource/name form may not have more than one slash`)
  }
  const [type, name] = parts as [string, string]
  if (type === '' || name === '' || type.includes(',')) {
    throw new CliError(`arguments in resource/name form must have a single resource and name`)
  }
  return { type, name }
}

/** Rejects with NoResourceTypeError for an unknown type. */
export async function selectArguments(
  session: Session,
  args: readonly string[],
  program: string,
): Promise<Selection> {
  const paired = args.filter((arg) => arg.includes('/'))
  if (paired.length > 0) {
    if (paired.length < args.length) throw new CliError(mixed(program))
    const wanted: Wanted[] = []
    for (const arg of args) {
      const { type, name } = splitPair(arg)
      wanted.push({ resource: await session.resource(type), name })
    }
    const types = new Set(wanted.map(({ resource }) => `${resource.group}/${resource.plural}`))
    return { wanted, single: wanted.length === 1, severalTypes: types.size > 1 }
  }
  const [types = '', ...names] = args
  if (names.includes('')) throw new CliError('resource name may not be empty')
  const resources = await typesOf(session, types)
  if (names.length === 0)
    return {
      wanted: resources.map((resource) => ({ resource })),
      single: false,
      severalTypes: resources.length > 1,
    }
  const wanted = resources.flatMap((resource) => names.map((name) => ({ resource, name })))
  return { wanted, single: wanted.length === 1, severalTypes: resources.length > 1 }
}

export function requireNames(selection: Selection): void {
  if (selection.wanted.some((one) => one.name === undefined)) {
    throw new CliError('resource(s) were provided, but no name was specified')
  }
}
