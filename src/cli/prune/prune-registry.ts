import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Transport } from '../../client/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'
import type { ImageObject } from '../resources/image-types.ts'
import type { PruneInputs } from './read-inputs.ts'

/** The registry's side of pruning (pruning.md §6). */
export interface PruneRegistry extends Disposable {
  /** Resolves when the content is gone, whether or not it was there; rejects with the status line. */
  remove(path: string): Promise<void>
}

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

function isManaged(image: ImageObject): boolean {
  return image.metadata.annotations?.['openshift.io/image.managed'] === 'true'
}

/** P-40: what the youngest pushed image, or else a stream, says. */
function findHost({ images, streams }: PruneInputs): string {
  const newest = images
    .filter(isManaged)
    .sort((a, b) => ((a.metadata.creationTimestamp ?? '') < (b.metadata.creationTimestamp ?? '') ? 1 : -1))[0]
  const spec =
    newest?.dockerImageReference ??
    streams.find((s) => s.status?.dockerImageRepository)?.status?.dockerImageRepository
  if (spec === undefined)
    throw new CliError('unable to find the remote registry host: no managed image found')
  return spec.split('/')[0] as string
}

const privateAddress =
  /^(?:localhost|127\.|10\.|192\.168\.|172\.(?:1[6-9]|2\d|3[01])\.|\[?::1|\[?f[cd]|\[?fe[89ab])/i

async function answers(transport: Transport): Promise<boolean> {
  for (const path of ['/', '/healthz']) {
    const response = await transport.send({ method: 'GET', path, headers: {}, timeout: 15_000 })
    response.body.resume()
    if (response.status === 200) return true
  }
  return false
}

export async function openRegistry(context: CommandContext, inputs: PruneInputs): Promise<PruneRegistry> {
  const { flags, io, session } = context
  const target = await session.target()
  const given = flags.string('registry-url')
  const { scheme, host } = given === '' ? { scheme: '', host: findHost(inputs) } : parseRegistryUrl(given)
  const caFile = flags.string('certificate-authority')
  const ca = caFile === '' ? {} : { ca: await readFile(resolve(io.cwd, caFile), 'utf8') }
  const insecure =
    flags.bool('force-insecure') ||
    (caFile === '' && (target.insecure || scheme === 'http' || privateAddress.test(host)))
  const schemes = scheme !== '' ? [scheme] : insecure ? ['https', 'http'] : ['https']
  let problem = 'it does not answer'
  for (const one of schemes) {
    const transport = io.connect({ server: `${one}://${host}`, insecure, ...ca, proxyEnv: io.env })
    try {
      if (await answers(transport)) return withToken(transport, target.token ?? '')
    } catch (error) {
      problem = messageOf(error)
    }
    transport[Symbol.dispose]()
  }
  throw new CliError(`failed to ping registry ${host}: ${problem}`)
}

function withToken(transport: Transport, token: string): PruneRegistry {
  const authorization = `Basic ${Buffer.from(`prune:${token}`).toString('base64')}`
  return {
    async remove(path) {
      const response = await transport.send({
        method: 'DELETE',
        path,
        headers: { Authorization: authorization },
      })
      response.body.resume()
      if (response.status < 400 || response.status === 404) return
      const { STATUS_CODES } = await import('node:http')
      throw new CliError(`${response.status} ${STATUS_CODES[response.status] ?? ''}`.trim())
    },
    [Symbol.dispose]: () => transport[Symbol.dispose](),
  }
}
