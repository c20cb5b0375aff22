import { quote } from '../machinery/index.ts'
import { asRepository, formatExact, hostPort, type ImageReference } from '../oci/index.ts'

/** One entry of the configuration (image-api.md §2.4, §8). */
export interface AllowedRegistry {
  /** `host[:port]`, both possibly with `*` and `?`. */
  domainName: string
  insecure?: boolean
}

interface Pattern {
  host: string
  port: string
}

/** From which registries images may come. */
export interface Whitelist {
  /** No list was configured. */
  readonly allowsAll: boolean
  readonly patterns: readonly Pattern[]
  /** Repositories that are let through whatever the patterns say. */
  readonly repositories: ReadonlySet<string>
}

/** `any`: the port need only be one that the entry could mean. */
export type WhitelistTransport = 'secure' | 'insecure' | 'any'

export const unrestricted: Whitelist = { allowsAll: true, patterns: [], repositories: new Set() }

function parsePattern({ domainName, insecure }: AllowedRegistry): Pattern {
  const [host = '', port, ...rest] = domainName.split(':')
  if (rest.length > 0)
    throw new Error(`failed to parse allowed registry ${quote(domainName)}: too many colons`)
  return { host, port: port || (insecure === true ? '80' : '443') }
}

/** Reads the configured list; the integrated registry is always allowed. Throws for an entry with two colons. */
export function createWhitelist(allowed: readonly AllowedRegistry[], internalRegistry: string): Whitelist {
  if (allowed.length === 0) return unrestricted
  const own = internalRegistry === '' ? [] : [{ domainName: internalRegistry }]
  return { allowsAll: false, patterns: [...allowed, ...own].map(parsePattern), repositories: new Set() }
}

/** Lets these repositories through as well: what a stream refers to already never blocks its updates (§5.3). */
export function withRepositories(whitelist: Whitelist, references: readonly ImageReference[]): Whitelist {
  if (whitelist.allowsAll || references.length === 0) return whitelist
  const names = references.map((reference) => formatExact(asRepository(reference)))
  return { ...whitelist, repositories: new Set([...whitelist.repositories, ...names]) }
}

function matchesGlob(pattern: string, text: string): boolean {
  const source = [...pattern].map((character) => {
    if (character === '*') return '.*'
    return character === '?' ? '.' : character.replace(/[\\^$.|+()[\]{}]/, '\\$&')
  })
  return new RegExp(`^${source.join('')}$`).test(text)
}

const portsOfAny: ReadonlySet<string> = new Set(['80', '443', '*'])

function matchesPattern(pattern: Pattern, host: string, port: string): boolean {
  if (!matchesGlob(pattern.host, host)) return false
  return port === '' ? portsOfAny.has(pattern.port) : matchesGlob(pattern.port, port)
}

function describe(whitelist: Whitelist): string {
  const shown = whitelist.patterns.map(({ host, port }) => quote(`${host}:${port}`))
  if (shown.length <= 5) return shown.join(', ')
  return `${shown.slice(0, 4).join(', ')}, and ${shown.length - 4} more ...`
}

const hubHosts: ReadonlySet<string> = new Set(['index.docker.io', 'registry-1.docker.io'])

/** Why images may not come from there; undefined when they may. */
export function whitelistProblem(
  whitelist: Whitelist,
  reference: ImageReference,
  transport: WhitelistTransport,
): string | undefined {
  if (whitelist.allowsAll || whitelist.repositories.has(formatExact(asRepository(reference))))
    return undefined
  const { host, port } = hostPort(reference, transport === 'insecure')
  const usedPort = transport === 'any' && !reference.registry.includes(':') ? '' : port
  const hosts = hubHosts.has(host) ? ['docker.io', host] : [host]
  const isAllowed = hosts.some((name) =>
    whitelist.patterns.some((pattern) => matchesPattern(pattern, name, usedPort)),
  )
  if (isAllowed) return undefined
  const name = quote(reference.registry === '' ? `${host}:${port}` : reference.registry)
  if (whitelist.patterns.length === 0) return `registry ${name} not allowed by empty whitelist`
  return `registry ${name} not allowed by whitelist: ${describe(whitelist)}`
}
