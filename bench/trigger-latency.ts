import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import { openConnection, type Target } from './http-connection.ts'
import { expectStatus } from './push-blob.ts'
import { putTag } from './stream-requests.ts'

export interface TriggerJob {
  kind: 'trigger-latency'
  target: Target
  namespace: string
  /** What is moved, in turn to each of the images of stream `from`. */
  stream: string
  tag: string
  from: string
  digests: readonly string[]
  /** Deployments with this label follow the tag. */
  selector: string
  followers: number
  count: number
}

interface DeploymentEvent {
  type: string
  object: { metadata: { name: string }; spec: { template: { spec: { containers: { image: string }[] } } } }
}

/** A watch over the deployments that the selector takes; `seen` is told the name and image of each, whenever it is heard of. */
async function watchImages(
  { host, port, ca, headers }: Target,
  namespace: string,
  selector: string,
  seen: (name: string, image: string) => void,
): Promise<() => void> {
  const query = selector === '' ? '' : `&labelSelector=${encodeURIComponent(selector)}`
  const path = `/apis/apps/v1/namespaces/${namespace}/deployments?watch=1${query}`
  const watch = request({ host, port, ca, headers, path })
  watch.end()
  const [response] = (await once(watch, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`the watch answered ${response.statusCode}`)
  const lines = createInterface({ input: response })
  // The watch ends by our own hand.
  lines.on('error', () => undefined)
  lines.on('line', (line) => {
    const { object } = JSON.parse(line) as DeploymentEvent
    seen(object.metadata.name, object.spec.template.spec.containers[0]?.image ?? '')
  })
  return () => {
    watch.on('error', () => undefined)
    watch.destroy()
  }
}

/**
 * Milliseconds from sending the move of the tag to having the event of each follower with the new image; one move after another,
 * the first when the watch has told all followers as they are.
 */
export async function triggerLatency(job: TriggerJob): Promise<number[]> {
  const { target, namespace, stream, tag, from, digests, selector, followers, count } = job
  const known = new Set<string>()
  const all = Promise.withResolvers<void>()
  let hear = (name: string, _image: string) => {
    known.add(name)
    if (known.size === followers) all.resolve()
  }
  const stop = await watchImages(target, namespace, selector, (name, image) => hear(name, image))
  const connection = await openConnection(target)
  await all.promise
  const latencies: number[] = []
  for (let index = 0; index < count; index++) {
    const digest = digests[index % digests.length] as string
    const waiting = new Set<string>()
    const start = performance.now()
    const arrivals = new Promise<void>((resolve) => {
      hear = (name, image) => {
        if (!image.endsWith(digest) || waiting.has(name)) return
        waiting.add(name)
        latencies.push(performance.now() - start)
        if (waiting.size === followers) resolve()
      }
    })
    const { body, ...move } = putTag(stream, tag, from, digest, namespace)
    await expectStatus(connection, { ...move, body: body === undefined ? [] : [body] }, 200, 201)
    await arrivals
  }
  connection.close()
  stop()
  return latencies
}

/** Milliseconds until the images of so many deployments of the namespace are by digest. */
export async function untilResolved(target: Target, namespace: string, count: number): Promise<number> {
  const start = performance.now()
  const done = new Set<string>()
  const all = Promise.withResolvers<void>()
  const stop = await watchImages(target, namespace, '', (name, image) => {
    if (image.includes('@sha256:')) done.add(name)
    if (done.size === count) all.resolve()
  })
  await all.promise
  stop()
  return performance.now() - start
}
