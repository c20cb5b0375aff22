import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { CliError, messageOf } from '../errors.ts'

/** Credentials of registries in docker's and podman's files (cli.md §15). */

export interface RegistryCredentials {
  username: string
  password: string
}

interface AuthFile {
  auths?: Record<string, { auth?: string; username?: string; password?: string; identitytoken?: string }>
}

type Env = Readonly<Record<string, string | undefined>>

function runtimeFile(env: Env): string {
  if (env.XDG_RUNTIME_DIR) return join(env.XDG_RUNTIME_DIR, 'containers', 'auth.json')
  return `/run/containers/${process.getuid?.() ?? 0}/auth.json`
}

/** The file that a login writes. */
export function loginFile(flag: string, env: Env, cwd: string): string {
  if (flag !== '') return resolve(cwd, flag)
  if (env.REGISTRY_AUTH_FILE) return resolve(cwd, env.REGISTRY_AUTH_FILE)
  if (env.REGISTRY_AUTH_PREFERENCE === 'docker') return join(env.HOME ?? '/', '.docker', 'config.json')
  return runtimeFile(env)
}

async function readAuthFile(file: string): Promise<AuthFile | undefined> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if (['ENOENT', 'EACCES', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? ''))
      return undefined
    throw new CliError(`unable to read ${file}: ${messageOf(error)}`)
  }
  try {
    return JSON.parse(text) as AuthFile
  } catch (error) {
    throw new CliError(`unable to read ${file}: ${messageOf(error)}`)
  }
}

function decode({
  auth,
  username,
  password,
}: NonNullable<AuthFile['auths']>[string]): RegistryCredentials | undefined {
  if (auth) {
    const text = Buffer.from(auth, 'base64').toString('utf8')
    const colon = text.indexOf(':')
    if (colon > 0) return { username: text.slice(0, colon), password: text.slice(colon + 1) }
  }
  return username ? { username, password: password ?? '' } : undefined
}

function hostOf(key: string): string {
  return key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/+$/, '')
}

/** Finds credentials for `registry/repository`: the longest entry that leads to it wins. */
export function createCredentialLookup(
  flag: string,
  env: Env,
  cwd: string,
): (registry: string, repository: string) => Promise<RegistryCredentials | undefined> {
  const files =
    flag !== ''
      ? [resolve(cwd, flag)]
      : env.REGISTRY_AUTH_FILE
        ? [resolve(cwd, env.REGISTRY_AUTH_FILE)]
        : [runtimeFile(env), join(env.HOME ?? '/', '.docker', 'config.json')]
  let loading: Promise<Map<string, RegistryCredentials>> | undefined
  async function load(): Promise<Map<string, RegistryCredentials>> {
    const found = new Map<string, RegistryCredentials>()
    for (const file of files) {
      for (const [key, entry] of Object.entries((await readAuthFile(file))?.auths ?? {})) {
        const credentials = decode(entry)
        if (credentials !== undefined && !found.has(hostOf(key))) found.set(hostOf(key), credentials)
      }
    }
    return found
  }
  return async (registry, repository) => {
    loading ??= load()
    const all = await loading
    const parts = [registry, ...repository.split('/')]
    for (let length = parts.length; length > 0; length--) {
      const found = all.get(parts.slice(0, length).join('/'))
      if (found !== undefined) return found
    }
    const hub = ['docker.io', 'registry-1.docker.io', 'index.docker.io']
    return hub.includes(registry)
      ? hub.map((host) => all.get(host)).find((one) => one !== undefined)
      : undefined
  }
}

/** Adds or replaces the entry of a host; the others stay. */
export async function saveCredentials(
  file: string,
  host: string,
  { username, password }: RegistryCredentials,
): Promise<void> {
  const current = (await readAuthFile(file)) ?? {}
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  const next = { ...current, auths: { ...current.auths, [host]: { auth } } }
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  const temporary = `${file}.${process.pid}.tmp`
  await writeFile(temporary, JSON.stringify(next, undefined, '\t'), { mode: 0o600 })
  await rename(temporary, file)
}
