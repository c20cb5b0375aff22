import type { HttpConnection, RawRequest, RawResponse } from './http-connection.ts'
import type { SampleBlob, SampleImage } from './sample-blob.ts'

/** Sends, and throws unless the answer is one of the wanted. */
export async function expectStatus(
  connection: HttpConnection,
  request: RawRequest,
  ...wanted: readonly number[]
): Promise<RawResponse> {
  const response = await connection.send(request)
  if (wanted.includes(response.status)) return response
  throw new Error(
    `${request.method} ${request.path} answered ${response.status}: ${response.text.slice(0, 300)}`,
  )
}

function pathOf(location: string | undefined): string {
  if (location === undefined) throw new Error('an upload without a Location')
  const { pathname, search } = new URL(location, 'http://unused')
  return pathname + search
}

function withDigest(location: string | undefined, digest: string): string {
  const path = pathOf(location)
  return `${path}${path.includes('?') ? '&' : '?'}digest=${encodeURIComponent(digest)}`
}

const octets = { 'Content-Type': 'application/octet-stream' }

/** POST, then the whole blob in one PUT. */
export async function putBlob(
  connection: HttpConnection,
  repository: string,
  blob: SampleBlob,
): Promise<void> {
  const started = await expectStatus(
    connection,
    { method: 'POST', path: `/v2/${repository}/blobs/uploads/` },
    202,
  )
  const path = withDigest(started.location, blob.digest)
  await expectStatus(connection, { method: 'PUT', path, headers: octets, body: blob.pieces }, 201)
}

/** As skopeo and docker do: ask, POST, the bytes in one PATCH, PUT. */
async function patchBlob(connection: HttpConnection, repository: string, blob: SampleBlob): Promise<void> {
  await expectStatus(connection, { method: 'HEAD', path: `/v2/${repository}/blobs/${blob.digest}` }, 404)
  const started = await expectStatus(
    connection,
    { method: 'POST', path: `/v2/${repository}/blobs/uploads/` },
    202,
  )
  const patch = { method: 'PATCH', path: pathOf(started.location), headers: octets, body: blob.pieces }
  const sent = await expectStatus(connection, patch, 202)
  await expectStatus(connection, { method: 'PUT', path: withDigest(sent.location, blob.digest) }, 201)
}

/** Layers over all connections at once, then the configuration, then the manifest. */
export async function pushImage(
  connections: readonly HttpConnection[],
  repository: string,
  tag: string,
  { layers, config, manifest, mediaType }: SampleImage,
): Promise<void> {
  const waiting = [...layers]
  await Promise.all(
    connections.map(async (connection) => {
      for (let blob = waiting.shift(); blob !== undefined; blob = waiting.shift()) {
        await patchBlob(connection, repository, blob)
      }
    }),
  )
  const [first] = connections
  if (first === undefined) throw new RangeError('no connections')
  await patchBlob(first, repository, config)
  const headers = { 'Content-Type': mediaType }
  const path = `/v2/${repository}/manifests/${tag}`
  await expectStatus(first, { method: 'PUT', path, headers, body: [manifest] }, 201)
}
