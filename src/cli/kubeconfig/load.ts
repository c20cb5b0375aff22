import { readFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CliError, messageOf } from '../errors.ts'
import { parseYaml } from '../parse/yaml.ts'
import type { Cluster, Context, Kubeconfig, User } from './kubeconfig.ts'

interface RawFile {
  'current-context'?: string
  clusters?: ({ name: string; cluster?: Cluster } | null)[] | null
  users?: ({ name: string; user?: User } | null)[] | null
  contexts?: ({ name: string; context?: Context } | null)[] | null
}

const pathKeys = ['certificate-authority', 'client-certificate', 'client-key', 'tokenFile'] as const

/** Paths in a kubeconfig are relative to its folder. */
function absolute<T extends object>(value: T | undefined, folder: string): T {
  const copy = { ...value } as Record<string, unknown>
  for (const key of pathKeys) {
    const path = copy[key]
    if (typeof path === 'string' && path !== '') copy[key] = resolve(folder, path)
  }
  return copy as T
}

async function readRaw(file: string): Promise<RawFile | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw new CliError(`error loading config file "${file}": ${messageOf(error)}`)
  }
  try {
    const value = await parseYaml(text, true)
    if (value === null || value === undefined) return {}
    if (typeof value !== 'object' || Array.isArray(value)) throw new Error('it is no map')
    return value as RawFile
  } catch (error) {
    throw new CliError(`error loading config file "${file}": ${messageOf(error)}`)
  }
}

/** --kubeconfig, else $KUBECONFIG, else ~/.kube/config. */
export function kubeconfigFiles(
  flag: string,
  env: Readonly<Record<string, string | undefined>>,
  cwd: string,
): { files: string[]; explicit: boolean } {
  if (flag !== '') return { files: [resolve(cwd, flag)], explicit: true }
  const listed = (env.KUBECONFIG ?? '').split(':').filter((path) => path !== '')
  if (listed.length > 0) return { files: listed.map((path) => resolve(cwd, path)), explicit: false }
  return { files: [join(env.HOME ?? '/', '.kube', 'config')], explicit: false }
}

/** Merged as kubectl does: of two entries with one name the first file's counts. A named file must exist. */
export async function loadKubeconfig(files: readonly string[], explicit: boolean): Promise<Kubeconfig> {
  const clusters = new Map<string, Cluster>()
  const users = new Map<string, User>()
  const contexts = new Map<string, Context>()
  const origins = new Map<string, string>()
  const existing: string[] = []
  let currentContext = ''
  for (const file of files) {
    const raw = await readRaw(file)
    if (raw === undefined) continue
    existing.push(file)
    const folder = dirname(file)
    const add = <T>(map: Map<string, T>, what: string, name: string, value: T) => {
      if (map.has(name)) return
      map.set(name, value)
      origins.set(`${what}/${name}`, file)
    }
    for (const c of raw.clusters ?? []) if (c) add(clusters, 'clusters', c.name, absolute(c.cluster, folder))
    for (const u of raw.users ?? []) if (u) add(users, 'users', u.name, absolute(u.user, folder))
    for (const c of raw.contexts ?? []) if (c) add(contexts, 'contexts', c.name, c.context ?? {})
    const current = raw['current-context']
    if (currentContext === '' && current !== undefined && current !== null && current !== '') {
      currentContext = current
      origins.set('current-context', file)
    }
  }
  return { currentContext, clusters, users, contexts, origins, files, existing, explicit }
}
