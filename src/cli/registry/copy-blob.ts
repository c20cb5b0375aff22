import { createHash } from 'node:crypto'
import type { Readable } from 'node:stream'
import { CliError } from '../errors.ts'
import { type Registry, refusal } from './registry-client.ts'
import type { Repository } from './repository.ts'

/** Putting content into a repository (OCI Distribution 1.1, end-4a to end-6). */

const chunkSize = 16 * 1024 * 1024

/** Starts an upload, or mounts the blob where the registry can: then undefined. */
async function start(
  registry: Registry,
  digest: string,
  from: string | undefined,
): Promise<string | undefined> {
  const mount =
    from === undefined ? '' : `?mount=${encodeURIComponent(digest)}&from=${encodeURIComponent(from)}`
  const response = await registry.send(
    {
      method: 'POST',
      path: `${registry.repository}/blobs/uploads/${mount}`,
      headers: { 'Content-Length': '0' },
    },
    true,
  )
  response.body.resume()
  if (response.status === 201) return undefined
  if (response.status !== 202) throw await refusal(response, 'upload')
  return response.headers.location ?? ''
}

function withDigest(location: string, digest: string): string {
  return `${location}${location.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`
}

export type Copied = 'present' | 'mounted' | 'uploaded'

export interface CopySource {
  digest: string
  open(): Promise<Readable>
  /** Repository of the same registry that has the blob already. */
  mountFrom?: string
}

/** Streams a blob in, checking its digest on the way. */
export async function copyBlob(to: Repository, source: CopySource): Promise<Copied> {
  return to.kind === 'folder' ? to.write(source) : upload(to, source)
}

/** Chunk by chunk. */
async function upload(to: Registry, source: CopySource): Promise<Copied> {
  if (await to.hasBlob(source.digest)) return 'present'
  let location = await start(to, source.digest, source.mountFrom)
  if (location === undefined) return 'mounted'
  const hash = createHash(source.digest.startsWith('sha512:') ? 'sha512' : 'sha256')
  let pending: Buffer[] = []
  let pendingSize = 0
  let offset = 0
  const flush = async () => {
    const body = Buffer.concat(pending)
    const headers = {
      'Content-Type': 'application/octet-stream',
      'Content-Range': `${offset}-${offset + body.length - 1}`,
    }
    const response = await to.send(
      { method: 'PATCH', path: new URL(location as string, await to.base()).toString(), headers, body },
      true,
    )
    response.body.resume()
    if (response.status !== 202) throw await refusal(response, 'upload')
    location = response.headers.location ?? (location as string)
    offset += body.length
    pending = []
    pendingSize = 0
  }
  for await (const chunk of await source.open()) {
    hash.update(chunk)
    pending.push(chunk)
    pendingSize += chunk.length
    if (pendingSize >= chunkSize) await flush()
  }
  const found = `${source.digest.slice(0, source.digest.indexOf(':'))}:${hash.digest('hex')}`
  if (found !== source.digest) throw new CliError(`the blob ${source.digest} has the content of ${found}`)
  if (pendingSize > 0) await flush()
  const path = withDigest(new URL(location, await to.base()).toString(), source.digest)
  const response = await to.send({ method: 'PUT', path, headers: { 'Content-Length': '0' } }, true)
  response.body.resume()
  if (response.status !== 201) throw await refusal(response, 'upload')
  return 'uploaded'
}

export async function putManifest(
  to: Repository,
  reference: string,
  mediaType: string,
  text: string,
): Promise<void> {
  if (to.kind === 'folder') return to.writeManifest(reference, text)
  const response = await to.send(
    {
      method: 'PUT',
      path: `${to.repository}/manifests/${reference}`,
      headers: { 'Content-Type': mediaType },
      body: text,
    },
    true,
  )
  if (response.status !== 201) throw await refusal(response, `manifest ${reference}`)
  response.body.resume()
}
