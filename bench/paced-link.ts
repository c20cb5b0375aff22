/**
 * A network of a real one's speed on loopback, as a process: passes connections on to a port, and what comes back only as fast
 * as all of them together may. Arguments: the port, bytes a second. Tells its own port to its parent.
 */
import { type AddressInfo, connect, createServer } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'

const [port, rate] = process.argv.slice(2).map(Number) as [number, number]
/** Milliseconds that the link may run ahead, and that it makes up for when a timer was late. */
const slack = 2
const burst = 5

/** When everything that has been let through would have arrived. */
let busyUntil = 0

const server = createServer((client) => {
  const upstream = connect({ port, host: '127.0.0.1' })
  for (const socket of [client, upstream]) socket.setNoDelay(true).on('error', () => undefined)
  client.pipe(upstream)
  client.on('close', () => upstream.destroy())
  upstream.on('end', () => client.end())
  upstream.on('close', () => client.destroySoon())
  upstream.on('data', async (piece: Buffer) => {
    busyUntil = Math.max(performance.now() - burst, busyUntil) + (piece.length / rate) * 1000
    const isTaken = client.write(piece)
    const ahead = busyUntil - performance.now()
    if (isTaken && ahead <= slack) return
    upstream.pause()
    const drained = isTaken
      ? undefined
      : new Promise((resolve) => client.once('drain', resolve).once('close', resolve))
    await Promise.all([drained, ahead > slack ? pause(ahead) : undefined])
    upstream.resume()
  })
})
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port))
process.on('disconnect', () => process.exit(0))
