import { randomBytes } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { STATUS_CODES } from 'node:http'
import { isIP } from 'node:net'
import { resolve } from 'node:path'
import type { ImageStream } from '../../api/index.ts'
import { type Transport, TransportError } from '../../client/index.ts'
import type { PruneContent } from '../../client/prune/index.ts'
import { parseReference, referenceProblem } from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'
import type { PruneInputs } from './read-inputs.ts'
import { createRemovals } from './removals.ts'

/** The registry's side of pruning (pruning.md §6); each call rejects with the status line. */
export interface PruneRegistry extends PruneContent, Disposable {}

/** P-3: `[scheme://]host[:port]` and nothing after it. */
export function parseRegistryUrl(text: string): { scheme: string; host: string } {
  const fail = (why: string) => new CliError(`invalid --registry-url flag: ${why}`)
  const match = /^(?:([a-z][a-z0-9+.-]*):\/\/)?([^/?]*)([^?]*)(\?.*)?$/i.exec(text)
  const [, scheme = '', host = '', path = '', query] = match ?? []
  if (!['', 'http', 'https'].includes(scheme.toLowerCase())) throw fail(`unsupported scheme: ${scheme}`)
  if (host === '') throw fail('no host name specified')
  if (path !== '' && path !== '/') throw fail('no path after <host>[:<port>] is allowed')
  if (query !== undefined) throw fail('no query arguments are allowed after <host>[:<port>]')
  return { scheme: scheme.toLowerCase(), host }
}

/** What says where the registry is, if nobody does. */
interface Whereabouts extends Pick<PruneInputs, 'managedReference'> {
  streams: Iterable<ImageStream>
}

/** P-40: what the youngest pushed image, or else the oldest stream, says. */
export function findHost({ managedReference, streams }: Whereabouts): string {
  const fail = (why: string) => new CliError(`unable to find the remote registry host: ${why}`)
  const spec = managedReference || oldestRepository(streams)
  if (spec === undefined) throw fail('no managed image found')
  const reference = parseReference(spec)
  if (reference === undefined)
    throw fail(`unable to parse ${JSON.stringify(spec)}: ${referenceProblem(spec)}`)
  if (reference.registry === '') throw fail(`${spec} does not include a registry`)
  return reference.registry
}

function oldestRepository(streams: Iterable<ImageStream>): string | undefined {
  let oldest: { created: string; repository: string } | undefined
  for (const { metadata, status } of streams) {
    const [created, repository] = [metadata.creationTimestamp ?? '', status?.dockerImageRepository]
    if (!repository || (oldest !== undefined && oldest.created <= created)) continue
    oldest = { created, repository }
  }
  return oldest?.repository
}

const privateNetworks = /^(?:127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.)|^(?:::1$|f[cd]|fe[89ab])/i

/** P-41: names of this machine, and addresses that are nobody else's. */
export function isNearby(host: string): boolean {
  const name = host.startsWith('[') ? host.slice(1, host.indexOf(']')) : host.replace(/:\d+$/, '')
  return name === 'localhost' || (isIP(name) !== 0 && privateNetworks.test(name))
}

/** P-42; rejects with why not. */
async function ping(transport: Transport): Promise<void> {
  let status = 0
  for (const path of ['/', '/healthz']) {
    const response = await transport.send({ method: 'GET', path, headers: {}, timeout: 15_000 })
    response.body.resume()
    status = response.status
    if (status === 200) return
  }
  throw new CliError(statusLine(status))
}

function statusLine(status: number): string {
  return `${status} ${STATUS_CODES[status] ?? ''}`.trim()
}

/** What may help with the failure. */
function hints(error: unknown, isGuessed: boolean, insecure: boolean): string {
  const isTls = error instanceof TransportError && error.kind === 'unknown-authority'
  const isMismatch = /wrong version number|EPROTO|packet length too long|HTTP response to HTTPS/i.test(
    messageOf(error),
  )
  return [
    ...(isTls && !insecure
      ? ['* Append --force-insecure if you really want to prune the registry using insecure connection.']
      : []),
    ...(isMismatch ? ['* Are you trying to connect to a TLS-enabled registry without TLS?'] : []),
    ...(isGuessed && !isTls && !isMismatch
      ? ['* Please provide a reachable route to the integrated registry using --registry-url.']
      : []),
  ]
    .map((line) => `\n${line}`)
    .join('')
}

export async function openRegistry(context: CommandContext, inputs: Whereabouts): Promise<PruneRegistry> {
  const { flags, io, session } = context
  const target = await session.target()
  const given = flags.string('registry-url')
  const { scheme, host } = given === '' ? { scheme: '', host: findHost(inputs) } : parseRegistryUrl(given)
  const caFile = flags.string('certificate-authority')
  const ca = caFile === '' ? {} : { ca: await readFile(resolve(io.cwd, caFile), 'utf8') }
  const insecure =
    flags.bool('force-insecure') ||
    (caFile === '' && (target.insecure || scheme === 'http' || isNearby(host)))
  const schemes = scheme !== '' ? [scheme] : insecure ? ['https', 'http'] : ['https']
  let problem: unknown
  for (const one of schemes) {
    const transport = io.connect({ server: `${one}://${host}`, insecure, ...ca, proxyEnv: io.env })
    try {
      await ping(transport)
      return withToken(transport, await tokenOf(context), context.program !== 'oc')
    } catch (error) {
      problem = error
    }
    transport[Symbol.dispose]()
  }
  throw new CliError(
    `failed to ping registry ${host}: ${messageOf(problem)}${hints(problem, given === '', insecure)}`,
  )
}

/** The kubeconfig's own token, or what its plugin gives. */
async function tokenOf({ io, session }: CommandContext): Promise<string> {
  const target = await session.target()
  const { token, exec } = target
  if (token !== undefined || exec === undefined) return token ?? ''
  const { runExecPlugin } = await import('../kubeconfig/exec-plugin.ts')
  const isTty = io.stdin.isTTY === true
  return (await runExecPlugin(exec, { env: io.env, cluster: target, isTty })).token ?? ''
}

/** P-43, P-44; `gathers`: what is asked for at a time may go in one request, where the registry knows how. */
function withToken(transport: Transport, token: string, gathers: boolean): PruneRegistry {
  const user = randomBytes(4).toString('hex').slice(0, 5)
  const authorization = `Basic ${Buffer.from(`${user}:${token}`).toString('base64')}`
  const { remove } = createRemovals(transport, authorization, gathers)
  const check = (status: number) => {
    if (status >= 300 && status !== 404) throw new CliError(statusLine(status))
  }
  return {
    unlinkLayer: async (repository, digest) =>
      check(await remove({ kind: 'layer-link', repository, digest })),
    async unlinkManifest(repository, digest) {
      const status = await remove({ kind: 'manifest-link', repository, digest })
      // A tag names the image again.
      if (status !== 405) check(status)
    },
    deleteBlob: async (digest) => check(await remove({ kind: 'blob', digest })),
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  }
}
