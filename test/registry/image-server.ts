import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Lab } from '../lab/open-lab.ts'
import type { TestBlob, TestImage } from '../lab/random-image.ts'

/** What an upstream is like at the moment: `silent` takes requests and never answers, `busy` answers 429. */
export type Mood = 'well' | 'silent' | 'busy'

/** An upstream with one image, as `team/app:v1`, that counts its requests and can fall ill. */
export interface ImageServer extends AsyncDisposable {
  /** `127.0.0.1:port` */
  host: string
  /** `GET /v2/…`, in the order of arrival. */
  requests: string[]
  mood: Mood
  /** As if killed: takes no more connections. */
  die(): Promise<void>
}

export async function openImageServer(image: TestImage): Promise<ImageServer> {
  const contents = new Map<string, TestBlob>()
  for (const reference of ['v1', image.digest]) contents.set(`/v2/team/app/manifests/${reference}`, image)
  for (const blob of [image.config, ...image.layers]) contents.set(`/v2/team/app/blobs/${blob.digest}`, blob)
  const requests: string[] = []

  function answer({ method, url = '' }: IncomingMessage, response: ServerResponse): void {
    requests.push(`${method} ${url}`)
    if (made.mood === 'silent') return
    if (made.mood === 'busy') {
      const body = '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}'
      response.writeHead(429, { 'content-type': 'application/json' }).end(body)
      return
    }
    const found = contents.get(url)
    if (url === '/v2/') response.end('{}')
    else if (found === undefined) response.writeHead(404).end('{"errors":[{"code":"BLOB_UNKNOWN"}]}')
    else {
      const { mediaType, digest, bytes } = found
      response.writeHead(200, {
        'content-type': mediaType,
        'docker-content-digest': digest,
        'content-length': String(bytes.length),
      })
      response.end(method === 'HEAD' ? undefined : bytes)
    }
  }

  const server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const made: ImageServer = {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests,
    mood: 'well',
    async die() {
      server.closeAllConnections()
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
    [Symbol.asyncDispose]: () => made.die(),
  }
  return made
}

/** Imports the server's image into `demo/app:v1`, whose contents are then pulled through. */
export async function importFrom(lab: Lab, { host }: ImageServer): Promise<void> {
  const answer = await lab.call('POST', '/apis/image.openshift.io/v1/namespaces/demo/imagestreamimports', {
    body: {
      apiVersion: 'image.openshift.io/v1',
      kind: 'ImageStreamImport',
      metadata: { name: 'app' },
      spec: {
        import: true,
        images: [
          {
            from: { kind: 'DockerImage', name: `${host}/team/app:v1` },
            to: { name: 'v1' },
            importPolicy: { insecure: true },
            referencePolicy: { type: 'Local' },
          },
        ],
      },
    },
  })
  const { status } = answer.json<{ status: { images: { status: { status: string; message: string } }[] } }>()
  const [outcome] = status.images
  if (outcome?.status.status !== 'Success') throw new Error(`import: ${outcome?.status.message}`)
}
