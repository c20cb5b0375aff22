/**
 * A server whose clock its parent turns, and which the parent may kill: `node server-child.ts DATADIR LISTEN REGISTRY CONFIG`.
 * Messages from the parent: how many milliseconds the clock is ahead of the real one. It answers each, and says so when it is ready.
 */
import { pino } from 'pino'
import { loadConfig } from '../../src/server/config.ts'
import { runServer } from '../../src/server/run-server.ts'

const [dataDir = '', listen = '', registryListen = '', config = '', ahead = '0'] = process.argv.slice(2)
let offset = Number(ahead)

process.on('message', (milliseconds: number) => {
  offset = milliseconds
  process.send?.({ offset })
})
process.on('disconnect', () => process.exit(1))

const log = pino({ level: 'warn' }, pino.destination({ dest: 2, sync: true }))
const clock = (): Date => new Date(Date.now() + offset)
await runServer(await loadConfig({ dataDir, listen, registryListen, config }, {}), { clock, log })
process.send?.('ready')
