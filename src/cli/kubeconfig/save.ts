import { mkdir, readFile, rename, stat, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import type { Document, YAMLMap, YAMLSeq } from 'yaml'
import { CliError, messageOf } from '../errors.ts'
import { type Cluster, type Context, defaultFile, type Kubeconfig, type User } from './kubeconfig.ts'

/** Writing a kubeconfig: only what changes is touched, fields and comments of others stay. */

export interface KubeconfigChanges {
  clusters?: Readonly<Record<string, Cluster>>
  users?: Readonly<Record<string, User>>
  contexts?: Readonly<Record<string, Context>>
  currentContext?: string
  /** Entries that go, each from the file that it stands in. */
  removed?: readonly { list: EntryList; name: string }[]
}

export type EntryList = 'clusters' | 'users' | 'contexts'

const lists = [
  ['clusters', 'cluster'],
  ['users', 'user'],
  ['contexts', 'context'],
] as const

interface Edit {
  list: string
  field: string
  name: string
  /** undefined: the entry goes. */
  value: object | undefined
}

/** Each change by the file that it belongs to: where the entry stands, else where new ones go. */
function planEdits(
  config: Kubeconfig,
  changes: KubeconfigChanges,
): Map<string, { edits: Edit[]; current?: string }> {
  const fallback = defaultFile(config)
  const plan = new Map<string, { edits: Edit[]; current?: string }>()
  const at = (file: string) => {
    const found = plan.get(file) ?? { edits: [] }
    plan.set(file, found)
    return found
  }
  for (const [list, field] of lists) {
    for (const [name, value] of Object.entries(changes[list] ?? {})) {
      at(config.origins.get(`${list}/${name}`) ?? fallback).edits.push({ list, field, name, value })
    }
  }
  for (const { list, name } of changes.removed ?? []) {
    const field = lists.find(([one]) => one === list)?.[1] ?? list
    at(config.origins.get(`${list}/${name}`) ?? fallback).edits.push({ list, field, name, value: undefined })
  }
  if (changes.currentContext !== undefined) {
    at(config.origins.get('current-context') ?? fallback).current = changes.currentContext
  }
  return plan
}

function applyEdit(document: Document, { list, field, name, value }: Edit): void {
  let entries = document.get(list) as YAMLSeq | null | undefined
  if (!entries || !('items' in entries)) {
    document.set(list, document.createNode([]))
    entries = document.get(list) as YAMLSeq
  }
  const items = entries.items as YAMLMap[]
  const entry = items.find((item) => item.get('name') === name)
  if (value === undefined) {
    if (entry !== undefined) items.splice(items.indexOf(entry), 1)
    return
  }
  if (entry === undefined) {
    entries.flow = false
    entries.add(document.createNode({ name, [field]: value }))
    return
  }
  if (!entry.has(field)) entry.set(field, document.createNode({}))
  const map = entry.get(field) as YAMLMap
  for (const [key, one] of Object.entries(value)) {
    if (one === undefined) map.delete(key)
    else map.set(key, one)
  }
}

async function readDocument(file: string): Promise<Document> {
  const { parseDocument, Document: NewDocument } = await import('yaml')
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return ''
    throw new CliError(`error loading config file "${file}": ${messageOf(error)}`)
  })
  if (text.trim() === '') return new NewDocument({ apiVersion: 'v1', kind: 'Config', preferences: {} })
  return parseDocument(text) as Document
}

/** A reader sees the old file or the new one, never half of it; both are for the owner alone. */
async function replaceFile(file: string, text: string): Promise<void> {
  await mkdir(dirname(file), { recursive: true, mode: 0o750 })
  const mode = await stat(file).then(
    (found) => found.mode & 0o777,
    () => 0o600,
  )
  const temporary = `${file}.${process.pid}.tmp`
  await writeFile(temporary, text, { mode })
  await rename(temporary, file)
}

export async function saveKubeconfig(config: Kubeconfig, changes: KubeconfigChanges): Promise<void> {
  for (const [file, { edits, current }] of planEdits(config, changes)) {
    const document = await readDocument(file)
    for (const edit of edits) applyEdit(document, edit)
    if (current !== undefined) document.set('current-context', current)
    await replaceFile(file, document.toString({ lineWidth: 0, indentSeq: false }))
  }
}
