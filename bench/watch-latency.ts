import { once } from 'node:events'
import type { ClientRequest, IncomingMessage } from 'node:http'
import { request } from 'node:https'
import { openConnection, type Target } from './http-connection.ts'
import { expectStatus } from './push-blob.ts'

const annotation = 'bench.weir.example/sequence'

export interface WatchedStream {
  namespace: string
  stream: string
}

const streamsOf = (namespace: string): string =>
  `/apis/image.openshift.io/v1/namespaces/${namespace}/imagestreams`

/** A watch over the namespace from now on; `onData` gets what comes. */
async function openWatch(
  { host, port, ca, headers }: Target,
  namespace: string,
  onData: (piece: Buffer) => void,
): Promise<ClientRequest> {
  const from = 'sendInitialEvents=false&resourceVersionMatch=NotOlderThan'
  const path = `${streamsOf(namespace)}?watch=1&${from}`
  const watch = request({ host, port, ca, headers, path, agent: false })
  watch.end()
  const [response] = (await once(watch, 'response')) as [IncomingMessage]
  if (response.statusCode !== 200) throw new Error(`the watch answered ${response.statusCode}`)
  // The watch ends by our own hand.
  response.on('error', () => undefined)
  watch.on('error', () => undefined)
  response.on('data', onData)
  return watch
}

/**
 * Milliseconds from sending a merge patch of the stream to having its event, on each of the watches, and to having the patch's own
 * answer; one patch after another.
 */
export async function watchLatency(
  target: Target,
  { namespace, stream }: WatchedStream,
  count: number,
  watchers: number,
): Promise<{ events: number[]; answers: number[] }> {
  let name = ''
  let sent = 0
  let missing = 0
  let arrived = (): void => undefined
  const events: number[] = []
  const answers: number[] = []
  const watches: ClientRequest[] = []
  for (let n = 0; n < watchers; n++) {
    let seen = ''
    const watch = await openWatch(target, namespace, (piece) => {
      if (seen === name || !piece.includes(name)) return
      seen = name
      events.push(performance.now() - sent)
      if (--missing === 0) arrived()
    })
    watches.push(watch)
  }
  const connection = await openConnection(target)
  const path = `${streamsOf(namespace)}/${stream}`
  const headers = { 'Content-Type': 'application/merge-patch+json' }
  for (let index = 0; index < count; index++) {
    const all = new Promise<void>((resolve) => {
      arrived = resolve
    })
    name = `p${process.pid}-${index}-end`
    missing = watchers
    sent = performance.now()
    const body = [JSON.stringify({ metadata: { annotations: { [annotation]: name } } })]
    await expectStatus(connection, { method: 'PATCH', path, headers, body }, 200)
    answers.push(performance.now() - sent)
    await all
  }
  connection.close()
  for (const watch of watches) watch.destroy()
  return { events, answers }
}
