import { once } from 'node:events'
import { basename } from 'node:path'
import type { Writable } from 'node:stream'
import { type Io, runCli, visible } from './cli/index.ts'
import { createTransport } from './client/transport.ts'
import { serverCommands } from './server-commands.ts'

/** The program: the command line, and the server behind one of its commands. */

const program = process.env.WEIR_NAME ?? basename(process.argv[1] ?? 'weir')
const interrupted = new AbortController()

const isTty = process.stdout.isTTY === true

/** Who waits for the reader waits together: each listener of its own would be too many. */
function drainOf(stream: Writable): () => Promise<void> | undefined {
  let waiting: Promise<unknown> | undefined
  return () => {
    if (!stream.writableNeedDrain) return undefined
    waiting ??= once(stream, 'drain').finally(() => {
      waiting = undefined
    })
    return waiting.then(() => {})
  }
}

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  // Whatever a template or a description holds: a terminal is not driven by what came from a server.
  stdout: {
    write: (text) => void process.stdout.write(isTty ? visible(text) : text),
    taken: drainOf(process.stdout),
    isTty,
  },
  stderr: { write: (text) => void process.stderr.write(text), isTty: process.stderr.isTTY === true },
  now: () => new Date(),
  connect: createTransport,
  signal: interrupted.signal,
}

// A reader that has seen enough (`weir get is | head -1`) is no failure.
process.stdout.on('error', (error: NodeJS.ErrnoException) => process.exit(error.code === 'EPIPE' ? 0 : 1))

process.exitCode = await runCli(process.argv.slice(2), io, {
  program,
  extraCommands: program === 'oc' ? [] : serverCommands,
})
