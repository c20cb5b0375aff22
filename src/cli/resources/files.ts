import { readdir, readFile, stat } from 'node:fs/promises'
import { extname, join, resolve } from 'node:path'
import { matchesLabels, parseLabelSelector } from '../../machinery/label-selector.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'
import { readAll } from '../io.ts'
import { parseYamlDocuments } from '../parse/yaml.ts'

/** Objects from -f: files, folders, URLs and standard input (cli.md §7.1). */

export interface SourcedObject {
  object: KubeObject
  /** As messages name it; `STDIN` for -. */
  source: string
}

interface Text {
  source: string
  text: string
}

const extensions = new Set(['.json', '.yaml', '.yml'])

async function readPath(path: string, cwd: string, recursive: boolean): Promise<Text[]> {
  const full = resolve(cwd, path)
  const found = await stat(full).catch(() => undefined)
  if (found === undefined) throw new CliError(`the path ${JSON.stringify(path)} does not exist`)
  if (!found.isDirectory()) return [{ source: path, text: await readFile(full, 'utf8') }]
  const entries = await readdir(full, { withFileTypes: true })
  const sorted = entries.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const texts: Text[] = []
  for (const entry of sorted) {
    const child = join(path, entry.name)
    if (entry.isDirectory()) {
      if (recursive) texts.push(...(await readPath(child, cwd, true)))
    } else if (extensions.has(extname(entry.name))) texts.push(...(await readPath(child, cwd, recursive)))
  }
  return texts
}

async function readUrl(url: string): Promise<Text> {
  let response: Response
  try {
    response = await fetch(url, { signal: AbortSignal.timeout(60_000) })
  } catch (error) {
    throw new CliError(`Get ${JSON.stringify(url)}: ${messageOf(error)}`)
  }
  if (!response.ok) {
    throw new CliError(
      `unable to read URL ${JSON.stringify(url)}, server reported ${response.status} ${response.statusText}, status code=${response.status}`,
    )
  }
  return { source: url, text: await response.text() }
}

async function readText(context: CommandContext, path: string): Promise<Text[]> {
  if (path === '-') return [{ source: 'STDIN', text: await readAll(context.io.stdin) }]
  if (/^https?:\/\//.test(path)) return [await readUrl(path)]
  const texts = await readPath(path, context.io.cwd, context.flags.bool('recursive'))
  if (texts.length === 0)
    throw new CliError(`error reading [${path}]: recognized file extensions are [.json .yaml .yml]`)
  return texts
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** Lists of any group are taken apart. */
function flatten(value: unknown, source: string): SourcedObject[] {
  if (!isObject(value)) throw new CliError(`error parsing ${source}: it holds something else than an object`)
  const { kind, items } = value
  if (typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)) {
    return items.flatMap((item) => flatten(item, source))
  }
  if (typeof kind !== 'string' || kind === '') throw missing('kind', value, source)
  if (typeof value.apiVersion !== 'string' || value.apiVersion === '')
    throw missing('apiVersion', value, source)
  return [
    { object: { ...value, metadata: isObject(value.metadata) ? value.metadata : {} } as KubeObject, source },
  ]
}

function missing(field: 'kind' | 'apiVersion', value: unknown, source: string): CliError {
  const what =
    field === 'kind'
      ? `Object 'Kind' is missing in '${JSON.stringify(value)}'`
      : `Object 'apiVersion' is missing in '${JSON.stringify(value)}'`
  return new CliError(`unable to decode ${JSON.stringify(source)}: ${what}`)
}

async function parse({ source, text }: Text): Promise<SourcedObject[]> {
  let documents: unknown[]
  try {
    documents = await parseYamlDocuments(text)
  } catch (error) {
    throw new CliError(`error parsing ${source}: ${messageOf(error)}`)
  }
  return documents.flatMap((document) => flatten(document, source))
}

/** All objects of the -f flags, in order, or of the kustomization of -k; with -l those whose labels match. */
export async function readObjects(context: CommandContext): Promise<SourcedObject[]> {
  const objects = await readAllObjects(context)
  if (!context.flags.changed('selector')) return objects
  const wanted = parseLabelSelector(context.flags.string('selector'))
  return objects.filter(({ object }) => matchesLabels(wanted, object.metadata.labels ?? {}))
}

async function readAllObjects(context: CommandContext): Promise<SourcedObject[]> {
  const paths = context.flags.list('filename')
  const kustomization = context.flags.string('kustomize')
  if (kustomization !== '') {
    if (paths.length > 0) throw new CliError('only one of -f or -k can be specified')
    const { buildKustomization } = await import('./kustomize.ts')
    return parse({ source: kustomization, text: await buildKustomization(kustomization, context.io) })
  }
  if (paths.filter((path) => path === '-').length > 1)
    throw new CliError('standard input can only be read once')
  const objects: SourcedObject[] = []
  for (const path of paths) {
    for (const text of await readText(context, path)) objects.push(...(await parse(text)))
  }
  return objects
}
