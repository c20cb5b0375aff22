import { matchesLabels } from './host-pattern.ts'

/**
 * Which credential goes to which registry (auth.md §6, import.md §4). Pure; errors and problems name secrets, never what
 * is in them.
 */

/** A Secret of the API, as far as it matters here; `data` is base64. */
export interface PullSecret {
  name: string
  type: string
  data: Readonly<Record<string, string>>
}

export interface Credential {
  username: string
  password: string
  /** For the token server's refresh grant. */
  identityToken: string
  /** A bearer token for the registry itself. */
  registryToken: string
  /** Name of the secret that it came from: for conditions and explanations. */
  secret: string
  /** The key within the secret, normalised: what it was given for. */
  key: string
}

export interface Problem {
  secret: string
  message: string
}

export interface Keyring {
  /** The credential for `host[:port]/path`, textually; the first of all that match (U-52). */
  find(target: string): Credential | undefined
  /** The credential of exactly this key. */
  get(key: string): Credential | undefined
  /** What was skipped, and why (U-50). */
  readonly problems: readonly Problem[]
}

const secretKeys: ReadonlyMap<string, string> = new Map([
  ['kubernetes.io/dockerconfigjson', '.dockerconfigjson'],
  ['kubernetes.io/dockercfg', '.dockercfg'],
])

/** Later secrets matter only where earlier ones have no entry of the same key, or of a longer one. */
export function createKeyring(secrets: readonly PullSecret[]): Keyring {
  const entries = new Map<string, Credential[]>()
  const problems: Problem[] = []
  for (const secret of secrets) {
    const { credentials, problem } = readSecret(secret)
    if (problem !== undefined) problems.push({ secret: secret.name, message: problem })
    for (const credential of credentials) {
      entries.set(credential.key, [...(entries.get(credential.key) ?? []), credential])
    }
  }
  const keys = [...entries.keys()].sort().reverse()
  return {
    problems,
    get: (key) => entries.get(key)?.[0],
    find: (target) => {
      const key = keys.find((candidate) => matchesTarget(candidate, target))
      return key === undefined ? undefined : entries.get(key)?.[0]
    },
  }
}

export const emptyKeyring: Keyring = createKeyring([])

/** Consulted one after the other: a namespace's secrets before the node's (import.md §4.1). */
export function joinKeyrings(...keyrings: readonly Keyring[]): Keyring {
  const first = (ask: (keyring: Keyring) => Credential | undefined): Credential | undefined => {
    for (const keyring of keyrings) {
      const found = ask(keyring)
      if (found !== undefined) return found
    }
    return undefined
  }
  return {
    problems: keyrings.flatMap(({ problems }) => problems),
    get: (key) => first((keyring) => keyring.get(key)),
    find: (target) => first((keyring) => keyring.find(target)),
  }
}

function readSecret(secret: PullSecret): { credentials: Credential[]; problem?: string } {
  const dataKey = secretKeys.get(secret.type)
  const encoded = dataKey === undefined ? undefined : secret.data[dataKey]
  if (encoded === undefined) return { credentials: [] }
  const parsed = parseJson(Buffer.from(encoded, 'base64').toString('utf8'))
  const map = dataKey === '.dockercfg' ? parsed : isObject(parsed) ? (parsed.auths ?? {}) : undefined
  if (!isObject(map)) return { credentials: [], problem: `${dataKey} is not a JSON object` }
  const credentials: Credential[] = []
  let problem: string | undefined
  for (const [key, value] of Object.entries(map)) {
    const credential = isObject(value)
      ? readEntry(secret.name, key, value)
      : `the entry for ${key} is not an object`
    if (typeof credential === 'string') problem ??= credential
    else credentials.push(credential)
  }
  return { credentials, ...(problem === undefined ? {} : { problem }) }
}

function readEntry(secret: string, key: string, entry: Record<string, unknown>): Credential | string {
  const text = (name: string): string => (typeof entry[name] === 'string' ? entry[name] : '')
  const auth = text('auth') === '' ? undefined : Buffer.from(text('auth'), 'base64').toString('utf8')
  const colon = auth?.indexOf(':')
  if (colon === -1) return 'unable to parse auth field, must be formatted as base64(username:password)'
  return {
    username: auth === undefined ? text('username') : auth.slice(0, colon),
    password: auth === undefined ? text('password') : auth.slice((colon ?? 0) + 1),
    identityToken: text('identitytoken'),
    registryToken: text('registrytoken'),
    secret,
    key: normaliseKey(key),
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** U-51: `https://index.docker.io/v1/` → `index.docker.io`; `quay.io/org` stays. */
export function normaliseKey(key: string): string {
  const bare = key.replace(/^https?:\/\//, '')
  const slash = bare.indexOf('/')
  if (slash === -1) return bare
  const path = bare.slice(slash + 1).replace(/^v[12](?:\/|$)/, '')
  return path === '' ? bare.slice(0, slash) : `${bare.slice(0, slash)}/${path}`
}

interface Place {
  host: string
  port: string
  path: string
}

function takeApart(text: string): Place {
  const slash = text.indexOf('/')
  const authority = slash === -1 ? text : text.slice(0, slash)
  const colon = authority.lastIndexOf(':')
  return {
    host: colon === -1 ? authority : authority.slice(0, colon),
    port: colon === -1 ? '' : authority.slice(colon + 1),
    path: slash === -1 ? '' : text.slice(slash + 1),
  }
}

/** U-52: labels one by one, the port as text, the path as prefix. */
export function matchesTarget(key: string, target: string): boolean {
  const wanted = takeApart(key)
  const given = takeApart(target)
  return (
    wanted.port === given.port && given.path.startsWith(wanted.path) && matchesLabels(wanted.host, given.host)
  )
}
