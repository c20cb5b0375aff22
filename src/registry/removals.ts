import type { IncomingMessage } from 'node:http'
import { parseDigest } from '../oci/index.ts'
import { type Answer, jsonAnswer } from './answer.ts'
import { contentLength } from './call.ts'
import { onlyLinkHeader } from './delete-manifest.ts'
import type { Dispatch, Presence } from './dispatch.ts'
import { registryError } from './errors.ts'
import { parseRepository } from './repository.ts'

/**
 * `POST /admin/removals`, Weir's own: what a pruner would ask for one by one, in one request. Each removal is answered as its own
 * request is, with the same rights, leases, audit and status; that many wait for the disk together is what is gained.
 *
 *     { "removals": [
 *       { "kind": "layer-link", "repository": "ns/name", "digest": "sha256:…" },       DELETE /v2/<repository>/blobs/<digest>
 *       { "kind": "manifest-link", "repository": "ns/name", "digest": "sha256:…" },    DELETE /v2/<repository>/manifests/<digest>
 *       { "kind": "blob", "digest": "sha256:…" } ] }                                   DELETE /admin/blobs/<digest>
 *
 * The answer is `{"statuses": [202, …]}`, one for each; which is done first is open. A manifest link goes as with the header `Weir-Only-Link`.
 */
const mostRemovals = 1000
const mostBytes = 1 << 20
/** Removals under way at a time. */
const atOnce = 32

export interface RemovalOptions {
  dispatch: Dispatch
  presence: Presence
  /** Requests that may be under way at once; 0: no bound. */
  maxRunning: number
}

/** UNSUPPORTED (400) for a body that is no list of removals, or too long a one. */
export async function answerRemovals(
  request: IncomingMessage,
  { dispatch, presence, maxRunning }: RemovalOptions,
): Promise<Answer> {
  const targets = readTargets(await readBody(request))
  const statuses: number[] = []
  const next = targets.entries()
  const worker = async (): Promise<void> => {
    for (const [at, target] of next) {
      const { status } = await dispatch(toRequest(target, request), presence)
      statuses[at] = status
    }
  }
  const workers = maxRunning === 0 ? atOnce : Math.min(atOnce, maxRunning)
  await Promise.all(Array.from({ length: workers }, worker))
  return jsonAnswer(200, { statuses })
}

interface Target {
  url: string
  onlyLink: boolean
}

/** A message without a body, from the same place and by the same caller. */
function toRequest({ url, onlyLink }: Target, { headers, socket }: IncomingMessage): IncomingMessage {
  const { authorization } = headers
  const own = {
    ...(authorization === undefined ? {} : { authorization }),
    ...(onlyLink ? { [onlyLinkHeader]: 'true' } : {}),
  }
  const message = { method: 'DELETE', url, headers: own, socket, complete: true, destroyed: false }
  return message as unknown as IncomingMessage
}

const refused = (detail: string) => registryError('UNSUPPORTED', { status: 400, detail })

async function readBody(request: IncomingMessage): Promise<string> {
  const tooLong = () => refused(`more than ${mostBytes} bytes`)
  if ((contentLength(request) ?? 0) > mostBytes) throw tooLong()
  const chunks: Uint8Array[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    size += chunk.length
    if (size > mostBytes) throw tooLong()
    chunks.push(chunk)
  }
  return Buffer.concat(chunks, size).toString('utf8')
}

function readTargets(text: string): Target[] {
  const removals = parseRemovals(text)
  if (!Array.isArray(removals)) throw refused('a list of removals is expected')
  if (removals.length > mostRemovals) throw refused(`more than ${mostRemovals} removals`)
  return removals.map((removal) => toTarget(removal as Partial<Record<string, unknown>> | null))
}

function parseRemovals(text: string): unknown {
  try {
    return (JSON.parse(text) as { removals?: unknown } | null)?.removals
  } catch {
    throw refused('the body is no JSON')
  }
}

/** Names and digests are of their shape before they become part of a path. */
function toTarget(removal: Partial<Record<string, unknown>> | null): Target {
  const { kind, repository, digest: text } = removal ?? {}
  const digest = typeof text === 'string' ? parseDigest(text) : undefined
  if (digest === undefined) throw refused('a removal without a digest')
  if (kind === 'blob') return { url: `/admin/blobs/${digest}`, onlyLink: false }
  const name = typeof repository === 'string' ? parseRepository(repository)?.name : undefined
  if (name === undefined) throw refused('a removal of a link without a repository')
  if (kind === 'layer-link') return { url: `/v2/${name}/blobs/${digest}`, onlyLink: false }
  if (kind === 'manifest-link') return { url: `/v2/${name}/manifests/${digest}`, onlyLink: true }
  throw refused('a removal of no known kind')
}
