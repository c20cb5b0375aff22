import { type Command, type CommandContext, type Entry, findEntry, type Group, isGroup } from '../command.ts'
import { globalFlags } from '../global-flags.ts'
import { type Flag, parseFlags } from '../parse/flags.ts'
import type { Session } from '../session.ts'
import { listNames, listTypes } from './live-names.ts'
import { argumentSources, flagSources, type Source } from './sources.ts'
import { splitLine } from './split-line.ts'

/** What may stand where the cursor is. Whatever fails gives no suggestions: a shell has no place for an error. */

interface Place {
  /** Names of the commands, without the program's. */
  path: string
  command: Command | Group
  /** Words after the command's name, complete ones only. */
  rest: string[]
}

const isTaken = (flags: readonly Flag[], word: string): Flag | undefined => {
  const found = word.startsWith('--')
    ? flags.find(({ name }) => `--${name}` === word)
    : flags.find(({ short }) => short !== undefined && `-${short}` === word)
  return found?.kind === 'bool' ? undefined : found
}

async function findPlace(entries: readonly Entry[], words: readonly string[]): Promise<Place> {
  let group: Group = { long: '', entries }
  const path: string[] = []
  const rest: string[] = []
  for (let i = 0; i < words.length; i++) {
    const word = words[i] as string
    const entry = word.startsWith('-') ? undefined : findEntry(group.entries, word)
    if (entry === undefined) {
      rest.push(word)
      if (isTaken(globalFlags, word) !== undefined && i + 1 < words.length) rest.push(words[++i] as string)
      continue
    }
    path.push(entry.name)
    const loaded = await entry.load()
    if (!isGroup(loaded))
      return { path: path.join(' '), command: loaded, rest: [...rest, ...words.slice(i + 1)] }
    group = loaded
  }
  return { path: path.join(' '), command: group, rest }
}

function flagsOf(command: Command | Group): Flag[] {
  const own = isGroup(command) ? (command.fallback?.flags ?? []) : (command.flags ?? [])
  return [...own, ...globalFlags].filter(({ hidden }) => hidden !== true)
}

async function fromSource(
  context: CommandContext,
  source: Source | undefined,
  place: Args,
): Promise<string[]> {
  const { session } = context
  switch (source?.kind) {
    case undefined:
      return []
    case 'words':
      return [...source.words]
    case 'config':
      return [...(await session.kubeconfig())[source.part].keys()]
    case 'types':
      return listTypes(session)
    case 'names':
      return listNames(session, source.type, place.namespace)
    case 'objects':
      return objects(session, place)
  }
}

interface Args {
  /** Arguments before the word being typed. */
  before: readonly string[]
  word: string
  /** '' for the current one. */
  namespace: string
}

async function objects(session: Session, { before, word, namespace }: Args): Promise<string[]> {
  const slash = word.indexOf('/')
  if (slash !== -1) {
    const type = word.slice(0, slash)
    return (await listNames(session, type, namespace)).map((name) => `${type}/${name}`)
  }
  const [type] = before
  if (type === undefined) return listTypes(session)
  return type.includes('/') ? [] : listNames(session, type, namespace)
}

/** Words that could stand in the place of the last one of the line, all that begin as it does. */
export async function completeLine(context: CommandContext, line: string): Promise<string[]> {
  const [, ...words] = splitLine(line)
  const word = words.pop() ?? ''
  const { path, command, rest } = await findPlace(context.entries, words)
  const found = await candidates(context, { path, command, rest }, word)
  return [...new Set(found)].filter((one) => one.startsWith(word)).sort()
}

async function candidates(
  context: CommandContext,
  { path, command, rest }: Place,
  word: string,
): Promise<string[]> {
  const flags = flagsOf(command)
  const equals = /^(--[\w-]+)=/.exec(word)
  const pending = equals === null ? rest.at(-1) : equals[1]
  const valued = pending === undefined ? undefined : isTaken(flags, pending)
  const parsed = parseFlags(flags, valued !== undefined && equals === null ? rest.slice(0, -1) : rest)
  const place = { before: parsed.args, word, namespace: parsed.string('namespace') }
  if (valued !== undefined) {
    const values = await fromSource(context, sourceOf(valued, path), { ...place, before: [] })
    return equals === null ? values : values.map((value) => `${equals[0]}${value}`)
  }
  if (word.startsWith('-')) return flags.map(({ name, kind }) => `--${name}${kind === 'bool' ? '' : '='}`)
  const entries = isGroup(command) && parsed.args.length === 0 ? command.entries : []
  const sources = argumentSources[path.replace(/^adm /, '')] ?? []
  const source = sources[parsed.args.length] ?? sources.at(-1)
  return [
    ...entries.filter(({ hidden }) => hidden !== true).map(({ name }) => name),
    ...(await fromSource(context, source, place)),
  ]
}

function sourceOf({ name }: Flag, path: string): Source | undefined {
  if (name === 'from-image' && path === 'set triggers') return { kind: 'names', type: 'imagestreamtags' }
  if (name === 'from' && path === 'create imagestreamtag') return { kind: 'names', type: 'imagestreamtags' }
  return flagSources[name]
}
