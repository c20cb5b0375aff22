import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { type Transport, TransportError, type TransportOptions } from '../../client/index.ts'
import {
  dockerManifest,
  dockerManifestList,
  type Manifest,
  ociIndex,
  ociManifest,
  parseDigest,
  parseManifest,
} from '../../oci/index.ts'
import { CliError } from '../errors.ts'
import { once } from '../once.ts'
import type { RegistryCredentials } from './auth-file.ts'
import { createTokens } from './registry-tokens.ts'

/** One repository of a registry, spoken to as OCI Distribution 1.1 says. */

export interface FetchedManifest {
  digest: string
  mediaType: string
  text: string
  manifest: Manifest
}

export interface RegistryOptions {
  /** Host and port. */
  host: string
  /** Without the host. */
  repository: string
  /** HTTP, and certificates that nobody vouches for, are fine. */
  insecure: boolean
  ca?: string
  credentials: RegistryCredentials | undefined
  connect(options: TransportOptions): Transport
  userAgent: string
}

export interface RegistryResponse {
  status: number
  headers: Readonly<Record<string, string>>
  body: Readable
}

export class RegistryError extends CliError {
  override readonly name = 'RegistryError'
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

/** Nobody answers where the registry should be. */
export class UnreachableError extends CliError {
  override readonly name = 'UnreachableError'
}

function unreachable(error: unknown, origin: string): unknown {
  if (!(error instanceof TransportError) || error.kind === 'aborted') return error
  return new UnreachableError(`Get "${origin}/v2/": ${error.message}`)
}

const manifestTypes = [ociManifest, ociIndex, dockerManifest, dockerManifestList].join(', ')
const maxManifest = 8 * 1024 * 1024

/** The body as text, cut off where it grows beyond what it may be. */
export async function readBody(body: Readable, limit: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of body) {
    size += chunk.length
    if (size > limit) throw new CliError(`the registry's answer is larger than ${limit} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

interface Call {
  method: string
  /** Below `/v2/`. */
  path: string
  headers?: Record<string, string>
  body?: Uint8Array | string
}

export interface Registry {
  readonly kind: 'registry'
  readonly host: string
  readonly repository: string
  /** Scheme, host and port. */
  base(): Promise<string>
  /** Sends with credentials; every status resolves. `path` may be an absolute URL, as uploads answer. */
  send(call: Call, write?: boolean): Promise<RegistryResponse>
  manifest(reference: string): Promise<FetchedManifest>
  tags(): Promise<string[]>
  blob(digest: string): Promise<Readable>
  hasBlob(digest: string): Promise<boolean>
  [Symbol.dispose](): void
}

/** What a refusal says, in the registry's own words where it has some. */
export async function refusal(response: RegistryResponse, what: string): Promise<RegistryError> {
  const text = await readBody(response.body, 64 * 1024).catch(() => '')
  let message = ''
  try {
    const { errors } = JSON.parse(text) as { errors?: { code?: string; message?: string }[] }
    message = (errors ?? [])
      .map((error) => `${(error.code ?? '').toLowerCase().replaceAll('_', ' ')}: ${error.message ?? ''}`)
      .join(', ')
  } catch {
    // No error list: the status tells enough.
  }
  return new RegistryError(
    response.status,
    message === '' ? `${what}: unexpected status ${response.status}` : message,
  )
}

/** Below `/v2/`; a page without tags is the last, whatever it says. */
function nextPage(link: string | undefined, count: number): string | undefined {
  const [, target] = /<([^>]*)>\s*;\s*rel="?next"?/.exec(link ?? '') ?? []
  if (target === undefined || count === 0) return undefined
  const { pathname, search } = new URL(target, 'http://registry/v2/')
  return pathname.startsWith('/v2/') ? pathname.slice('/v2/'.length) + search : undefined
}

export function createRegistry(options: RegistryOptions): Registry {
  const { host, repository, credentials } = options
  const transports = new Map<string, Transport>()

  function transportFor(origin: string): Transport {
    let found = transports.get(origin)
    if (found === undefined) {
      found = options.connect({
        server: origin,
        insecure: options.insecure,
        ...(options.ca === undefined ? {} : { ca: options.ca }),
      })
      transports.set(origin, found)
    }
    return found
  }

  /** https, and where that is no way in and HTTP allowed, http. */
  const findScheme = once(async (): Promise<'https' | 'http'> => {
    if (!options.insecure) return 'https'
    try {
      const response = await transportFor(`https://${host}`).send({
        method: 'GET',
        path: '/v2/',
        headers: {},
        timeout: 15_000,
      })
      response.body.destroy()
      return 'https'
    } catch (error) {
      if (!(error instanceof TransportError)) throw error
      return 'http'
    }
  })

  const fetchUrl = async (url: URL, headers: Record<string, string>) => {
    const transport = transportFor(url.origin)
    return transport.send({
      method: 'GET',
      path: url.pathname + url.search,
      headers: { 'User-Agent': options.userAgent, ...headers },
    })
  }
  const tokens = createTokens({ repository, credentials, fetch: fetchUrl })

  async function send(call: Call, write = false): Promise<RegistryResponse> {
    const origin = `${await findScheme()}://${host}`
    const url = /^https?:\/\//.test(call.path) ? new URL(call.path) : new URL(`${origin}/v2/${call.path}`)
    const own = url.origin === origin
    let authorization = own ? await tokens.current(write) : undefined
    for (let attempt = 0; ; attempt++) {
      const request = {
        method: call.method,
        path: url.pathname + url.search,
        headers: {
          'User-Agent': options.userAgent,
          ...(authorization === undefined ? {} : { Authorization: authorization }),
          ...call.headers,
        },
        ...(call.body === undefined ? {} : { body: call.body }),
      }
      const response = await transportFor(url.origin)
        .send(request)
        .catch((error: unknown) => Promise.reject(unreachable(error, url.origin)))
      if (response.status !== 401 || attempt > 0 || !own) return response
      authorization = await tokens.answer(response.headers['www-authenticate'] ?? '', write)
      if (authorization === undefined) return response
      response.body.destroy()
    }
  }

  /** A GET that follows redirects; credentials stay with the registry. */
  async function get(path: string, headers: Record<string, string> = {}): Promise<RegistryResponse> {
    let response = await send({ method: 'GET', path, headers })
    for (let hops = 0; [301, 302, 303, 307, 308].includes(response.status) && hops < 5; hops++) {
      const url = new URL(response.headers.location ?? '', `${await findScheme()}://${host}/v2/${path}`)
      response.body.destroy()
      response = await fetchUrl(url, {})
    }
    return response
  }

  return {
    kind: 'registry',
    host,
    repository,
    base: async () => `${await findScheme()}://${host}`,
    send,
    async manifest(reference) {
      const response = await get(`${repository}/manifests/${reference}`, { Accept: manifestTypes })
      if (response.status !== 200) throw await refusal(response, `manifest ${reference}`)
      const text = await readBody(response.body, maxManifest)
      const digest = `sha256:${createHash('sha256').update(text).digest('hex')}`
      if (parseDigest(reference) !== undefined && reference.startsWith('sha256:') && reference !== digest) {
        throw new CliError(`the registry answered ${digest} when asked for ${reference}`)
      }
      const parsed = parseManifest(text, response.headers['content-type'])
      if (!parsed.ok) throw new CliError(`unable to read manifest ${reference}: ${parsed.problem}`)
      return { digest, mediaType: parsed.manifest.mediaType, text, manifest: parsed.manifest }
    },
    async tags() {
      const found: string[] = []
      let path: string | undefined = `${repository}/tags/list`
      while (path !== undefined) {
        const response = await get(path)
        if (response.status !== 200) throw await refusal(response, 'tags')
        const { tags } = JSON.parse(await readBody(response.body, maxManifest)) as { tags?: string[] | null }
        found.push(...(tags ?? []))
        path = nextPage(response.headers.link, tags?.length ?? 0)
      }
      return found
    },
    async blob(digest) {
      const response = await get(`${repository}/blobs/${digest}`)
      if (response.status !== 200) throw await refusal(response, `blob ${digest}`)
      return response.body
    },
    async hasBlob(digest) {
      const response = await send({ method: 'HEAD', path: `${repository}/blobs/${digest}` })
      response.body.destroy()
      return response.status === 200 || response.status === 307
    },
    [Symbol.dispose]() {
      for (const transport of transports.values()) transport[Symbol.dispose]()
    },
  }
}
