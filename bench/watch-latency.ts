import { once } from 'node:events'
import type { IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { createInterface } from 'node:readline'
import { openConnection, type Target } from './http-connection.ts'
import { expectStatus } from './push-blob.ts'

const annotation = 'bench.weir.example/sequence'

interface StreamEvent {
  object: { metadata: { annotations?: Record<string, string> } }
}

/** Milliseconds from sending a merge patch of the stream to having its event, on a watch over the namespace; one after another. */
export async function watchLatency(
  target: Target,
  namespace: string,
  stream: string,
  count: number,
): Promise<number[]> {
  const base = `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreams`
  const { host, port, ca, headers } = target
  const watch = request({ host, port, ca, headers, path: `${base}?watch=1` })
  watch.end()
  const [response] = (await once(watch, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`the watch answered ${response.statusCode}`)
  const received = new Map<string, (at: number) => void>()
  const lines = createInterface({ input: response })
  // The watch ends by our own hand.
  lines.on('error', () => undefined)
  lines.on('line', (line) => {
    const at = performance.now()
    const { object } = JSON.parse(line) as StreamEvent
    received.get(object.metadata.annotations?.[annotation] ?? '')?.(at)
  })
  const connection = await openConnection(target)
  const latencies: number[] = []
  for (let index = 0; index < count; index++) {
    const name = `${process.pid}-${index}`
    const arrival = new Promise<number>((resolve) => received.set(name, resolve))
    const body = [JSON.stringify({ metadata: { annotations: { [annotation]: name } } })]
    const start = performance.now()
    const patch = { 'Content-Type': 'application/merge-patch+json' }
    await expectStatus(connection, { method: 'PATCH', path: `${base}/${stream}`, headers: patch, body }, 200)
    latencies.push((await arrival) - start)
    received.delete(name)
  }
  connection.close()
  watch.on('error', () => undefined)
  watch.destroy()
  return latencies
}
