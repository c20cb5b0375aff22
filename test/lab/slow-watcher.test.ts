import assert from 'node:assert/strict'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { describe, it } from 'node:test'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { type ConfigMap, configMaps } from '../../src/api/index.ts'
import { type Lab, openLab } from './open-lab.ts'

const path = '/api/v1/namespaces/demo/configmaps'

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** A watch on a connection of its own of which nothing is read until it is resumed. */
async function openSleepingWatch(lab: Lab): Promise<Socket> {
  const address = lab.api.server.address()
  assert(address !== null && typeof address === 'object')
  const socket = connect(address.port, '127.0.0.1')
  await once(socket, 'connect')
  socket.pause()
  const { resourceVersion } = (await lab.client.list(configMaps, 'demo')).metadata
  socket.write(
    `GET ${path}?watch=1&resourceVersion=${resourceVersion} HTTP/1.1\r\nHost: lab\r\nAuthorization: Bearer alice-token\r\n\r\n`,
  )
  return socket
}

interface Ending {
  /** MODIFIED that came. */
  events: number
  error: { object?: { code: number; reason: string } }
}

/** Reads on until the watch says that it is over, or the connection is. */
function readToError(socket: Socket): Promise<Ending> {
  let events = 0
  let rest = ''
  return new Promise((resolve) => {
    socket.on('close', () => resolve({ events, error: {} }))
    socket.on('data', (piece) => {
      const lines = `${rest}${piece.toString('latin1')}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) {
        if (line.startsWith('{"type":"MODIFIED"')) events++
        if (line.startsWith('{"type":"ERROR"')) resolve({ events, error: JSON.parse(line) })
      }
    })
    socket.resume()
  })
}

describe('a watcher that does not read', () => {
  it('takes no memory with each event, and hears that it fell behind', async () => {
    await using lab = await openLab({ watch: { events: 20, bytes: 1 << 20, lag: 100 } })
    await lab.project('demo')
    await lab.api.listen({ host: '127.0.0.1', port: 0 })
    const socket = await openSleepingWatch(lab)
    const made = { metadata: { name: 'large', namespace: 'demo' }, data: {} } as unknown as ConfigMap
    await lab.client.create(configMaps, 'demo', made)
    await new Promise((resolve) => setTimeout(resolve, 50))
    const data = (n: number) => ({ text: String(n).padEnd(100_000, '.') })
    const memory: number[] = []
    for (let n = 0; n < 400; n++) {
      await lab.client.patch(configMaps, 'demo', 'large', { type: 'merge', body: { data: data(n) } })
      if (n % 100 !== 99) continue
      collectGarbage()
      memory.push(process.memoryUsage().arrayBuffers)
    }
    const [first = 0] = memory
    assert((memory.at(-1) ?? 0) - first < 20_000_000, `${memory} bytes while 30 MB more of events came`)

    const { events, error } = await readToError(socket)
    assert.equal(error.object?.code, 410)
    assert.equal(error.object?.reason, 'Expired')
    assert(events < 400, 'it missed some')
    socket.destroy()
  })
})
