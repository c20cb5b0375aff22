import { once } from 'node:events'
import { pino } from 'pino'
import { loadConfig, type StartFlags } from './config.ts'
import { runServer } from './run-server.ts'
import { StartError } from './start-error.ts'

/** What the command is given of the command line; the same shape as the other commands' (cli/command.ts). */
interface StartContext {
  io: {
    env: Readonly<Record<string, string | undefined>>
    stdout: { write(text: string): void }
    stderr: { write(text: string): void }
    signal: AbortSignal
  }
  flags: {
    string(name: string): string
    list(name: string): string[]
    changed(name: string): boolean
  }
}

const usage = `  # On loopback, data in ~/.local/share/weir
  $0 start

  # With a data directory of its own, reachable from elsewhere
  $0 start --data-dir /var/lib/weir --listen 0.0.0.0:8443 --registry-listen 0.0.0.0:5000`

/** `weir start`: the server, until it is told to stop. */
export const startCommand = {
  usage: '',
  long: 'Serve image streams, their API and their registry on this machine.',
  examples: usage,
  flags: [
    { kind: 'string', name: 'data-dir', help: 'Where everything is kept.' },
    { kind: 'string', name: 'listen', help: 'Address of the API, HTTPS (default 127.0.0.1:8443).' },
    {
      kind: 'string',
      name: 'registry-listen',
      help: 'Address of the registry (default 127.0.0.1:5000): HTTP on loopback, TLS elsewhere.',
    },
    {
      kind: 'string',
      name: 'token-auth-file',
      help: 'Static tokens, a line each: token,user,uid,"group1,group2".',
    },
    { kind: 'array', name: 'import-ca', help: 'File of more CAs that imports trust, in PEM. Repeatable.' },
    {
      kind: 'string',
      name: 'import-interval',
      help: 'How often scheduled tags are looked at (default 15m).',
    },
    {
      kind: 'string',
      name: 'config',
      help: 'Configuration in YAML (docs/configuration.md); flags win over it.',
    },
  ],
  async run({ io, flags }: StartContext): Promise<number> {
    try {
      await serve(readFlags(flags), io)
      return 0
    } catch (error) {
      if (!(error instanceof StartError)) throw error
      io.stderr.write(`error: ${error.message}\n`)
      return 1
    }
  },
} as const

function readFlags(flags: StartContext['flags']): StartFlags {
  const text = (name: string) => (flags.changed(name) ? flags.string(name) : undefined)
  const given = {
    dataDir: text('data-dir'),
    listen: text('listen'),
    registryListen: text('registry-listen'),
    tokenAuthFile: text('token-auth-file'),
    importCa: flags.changed('import-ca') ? flags.list('import-ca') : undefined,
    importInterval: text('import-interval'),
    config: text('config'),
  }
  return Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined))
}

async function serve(flags: StartFlags, io: StartContext['io']): Promise<void> {
  const config = await loadConfig(flags, io.env)
  // What SQLite has no memory for (scratch/) goes where there is room. It asks once, when it is first used.
  process.env.SQLITE_TMPDIR ??= config.dataDir
  const log = pino({ level: config.logLevel, name: 'weir' }, pino.destination({ dest: 2, sync: true }))
  await using server = await runServer(config, { clock: () => new Date(), log })
  const { apiUrl, registryUrl, dataDir } = server
  io.stdout.write(
    [
      `API        ${apiUrl}`,
      `Registry   ${registryUrl}`,
      `Log in     as admin with the password in ${dataDir}/admin-password, or:`,
      `           export KUBECONFIG=${dataDir}/admin.kubeconfig`,
      'Try        weir new-project demo',
      'weir is ready',
      '',
    ].join('\n'),
  )
  await stopAsked(io.signal)
  log.info('stopping')
}

async function stopAsked(signal: AbortSignal): Promise<void> {
  const done = new AbortController()
  const options = { signal: AbortSignal.any([signal, done.signal]) }
  await Promise.race([once(process, 'SIGTERM', options), once(process, 'SIGINT', options)]).catch(() => {})
  done.abort()
}
