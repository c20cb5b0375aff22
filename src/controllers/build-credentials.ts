import { type Secret, type ServiceAccount, secrets as secretKind } from '../api/index.ts'
import type { Files, RegistryAuth } from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'

/** Secrets of a build's project, read once each. */
export interface BuildSecrets {
  find(name: string): Promise<Secret | undefined>
  /** Every value that was read, as text: none of them may stand in the log. */
  seen(): string[]
}

export function createBuildSecrets(client: Client, namespace: string): BuildSecrets {
  const read = new Map<string, Promise<Secret | undefined>>()
  const texts = new Set<string>()
  const load = async (name: string) => {
    try {
      const secret = await client.get(secretKind, namespace, name)
      for (const value of Object.values(secret.data ?? {})) addTexts(value, texts)
      return secret
    } catch (error) {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    }
  }
  return {
    find(name) {
      const known = read.get(name) ?? load(name)
      read.set(name, known)
      return known
    },
    seen: () => [...texts],
  }
}

/** The value, and the passwords and tokens in it where it is a file of registry credentials. */
function addTexts(encoded: string, texts: Set<string>): void {
  const text = Buffer.from(encoded, 'base64').toString('utf8')
  texts.add(text)
  texts.add(encoded)
  for (const { auth } of Object.values(parseAuths(text))) {
    texts.add(auth)
    texts.add(
      Buffer.from(auth, 'base64')
        .toString('utf8')
        .replace(/^[^:]*:/, ''),
    )
  }
}

export function filesOf(secret: Secret): Files {
  const entries = Object.entries(secret.data ?? {})
  return new Map(entries.map(([name, value]) => [name, Buffer.from(value, 'base64')]))
}

/** Credentials of registries in the secret, by registry as it is written there. */
export function registryAuth(secret: Secret | undefined): RegistryAuth {
  const encoded = secret?.data?.['.dockerconfigjson'] ?? secret?.data?.['.dockercfg']
  return encoded === undefined ? {} : parseAuths(Buffer.from(encoded, 'base64').toString('utf8'))
}

/** `{"auths": {…}}` or what is in it; {} for anything else. */
function parseAuths(text: string): Record<string, { auth: string }> {
  const file = parseObject(text)
  const entries = parseObject(file.auths) ?? file
  const found: Record<string, { auth: string }> = {}
  for (const [host, entry] of Object.entries(Object.keys(entries).length > 0 ? entries : file)) {
    const { auth, username, password } = parseObject(entry)
    const joined =
      typeof auth === 'string' && auth !== ''
        ? auth
        : typeof username === 'string' && typeof password === 'string'
          ? Buffer.from(`${username}:${password}`).toString('base64')
          : undefined
    if (joined !== undefined) found[toHost(host)] = { auth: joined }
  }
  return found
}

function parseObject(value: unknown): Record<string, unknown> {
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>
  if (typeof value !== 'string' || !value.trimStart().startsWith('{')) return {}
  try {
    return JSON.parse(value) as Record<string, unknown>
  } catch {
    return {}
  }
}

/** Old files have URLs (auth.md U-51); docker.io is what today's clients look for. */
function toHost(key: string): string {
  const host = key
    .replace(/^https?:\/\//, '')
    .replace(/\/v[12]\/?$/, '')
    .replace(/\/$/, '')
  return host === 'index.docker.io' || host === 'registry-1.docker.io' ? 'docker.io' : host
}

/** What the account may use: the secrets that are linked to it (auth.md U-56), the explicit one before them. */
export async function accountAuth(
  account: ServiceAccount,
  explicit: Secret | undefined,
  found: BuildSecrets,
): Promise<RegistryAuth> {
  const auths: RegistryAuth[] = []
  for (const { name } of account.secrets ?? []) {
    if (name) auths.push(registryAuth(await found.find(name)))
  }
  return Object.assign({}, ...auths.toReversed(), registryAuth(explicit))
}
