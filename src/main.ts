import { basename } from 'node:path'
import { type Io, runCli, takenBy, visible } from './cli/index.ts'
import { createTransport } from './client/transport.ts'
import { serverCommands } from './server-commands.ts'

/** The program: the command line, and the server behind one of its commands. */

const program = process.env.WEIR_NAME ?? basename(process.argv[1] ?? 'weir')
const interrupted = new AbortController()

const isTty = process.stdout.isTTY === true

const io: Io = {
  env: process.env,
  cwd: process.cwd(),
  stdin: process.stdin,
  // Whatever a template or a description holds: a terminal is not driven by what came from a server.
  stdout: {
    write: (text) => void process.stdout.write(isTty ? visible(text) : text),
    taken: takenBy(process.stdout),
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
