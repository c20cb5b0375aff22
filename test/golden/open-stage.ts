import { cp, glob, mkdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import { join } from 'node:path'
import { openSandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'
import { freePort } from './free-port.ts'

/** What a replay runs against: the upstream registries that the recordings import from, and a fresh server. */

export interface Stage extends AsyncDisposable {
  /** Where the results are. */
  out: string
  /** Runs one piece (`g1` … `g8`); each needs the state of those before. */
  replay(piece: string): Promise<void>
  /** What compare.mjs prints about everything that has been replayed. */
  compare(): Promise<string>
}

/** Milliseconds. The longest piece takes two minutes on a quiet machine. */
const piecePatience = 900_000

/** `keep`: where what came out stays; absent, it goes with the stage. */
export async function openStage(golden: string, keep?: string): Promise<Stage> {
  await using stack = new AsyncDisposableStack()
  const sandbox = stack.use(await openSandbox())
  const [x, own, api, registry] = await Promise.all([freePort(), freePort(), freePort(), freePort()])
  const host = (port: number) => `127.0.0.1:${port}`

  // Scripts leave files beside themselves (Python's bytecode): a copy, for the recordings may be read-only.
  for (const part of ['run', 'upstream', 'tokens.csv'])
    await cp(join(golden, part), sandbox.path('golden', part), { recursive: true })
  await sandbox.must('chmod', ['-R', 'u+w', sandbox.path('golden')])
  const upstream = {
    ...sandbox.env,
    X: host(x),
    PRIVATE: host(own),
    DATA: sandbox.path('upstream'),
    PATH: process.env.PATH ?? '',
  }
  const script = (...parts: string[]) => sandbox.path('golden', ...parts)
  // docker-registry takes REGISTRY_… for settings of its own.
  const runUpstream = (name: string) =>
    sandbox.must('env', ['-u', 'REGISTRY_AUTH_FILE', 'bash', script('upstream', name)], {
      env: upstream,
      timeout: 300_000,
    })
  stack.defer(async () => void (await runUpstream('down.sh')))
  await runUpstream('up.sh')
  await endWithThisProcess(sandbox.path('upstream'))

  const args = [
    ...['--config', join(import.meta.dirname, 'openshift.yaml')],
    ...['--listen', host(api), '--registry-listen', host(registry)],
    ...['--token-auth-file', script('tokens.csv'), '--import-interval', '30s'],
    ...['--import-ca', sandbox.path('upstream', 'ca.crt')],
  ]
  const startServer = () => startWeir({ dataDir: sandbox.path('data'), env: sandbox.env, args })
  let weir: StartedWeir = await startServer()
  stack.defer(() => weir[Symbol.asyncDispose]())
  const restart = await listenForRestart(sandbox.path('restart.sock'), async () => {
    await weir[Symbol.asyncDispose]()
    weir = await startServer()
  })
  stack.use(restart)

  const out = keep ?? sandbox.path('out')
  await mkdir(out, { recursive: true })
  const env = {
    ...upstream,
    CLI: weirProgram,
    API: `https://${host(api)}`,
    CA: sandbox.path('data', 'pki', 'ca.crt'),
    R: host(registry),
    RUN: sandbox.path('scratch'),
    RESTART: `curl -sS --fail --unix-socket ${sandbox.path('restart.sock')} http://stage/`,
  }
  const kept = stack.move()
  return {
    out,
    async replay(piece) {
      const options = { env: { ...env, ONLY: piece }, timeout: piecePatience }
      await sandbox.must('bash', [script('run', 'replay.sh'), out], options)
    },
    async compare() {
      await renameKeys(out, host(registry))
      const args = [join(golden, 'compare.mjs'), join(golden, 'transcripts'), out]
      const { stdout, stderr } = await sandbox.run(process.execPath, args)
      if (stderr !== '') throw new Error(stderr)
      return stdout
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}

/** What up.sh started is in a session of its own, and would outlive a test that is killed. */
async function endWithThisProcess(dir: string): Promise<void> {
  for await (const file of glob('*.pid', { cwd: dir })) {
    const pid = Number(await readFile(join(dir, file), 'utf8'))
    process.on('exit', () => {
      try {
        if (pid > 1) process.kill(pid)
      } catch {
        // It has ended meanwhile.
      }
    })
  }
}

/** The comparison finds our addresses in texts, not in the keys of a pull secret: there they become the recorded one. */
async function renameKeys(out: string, host: string): Promise<void> {
  for await (const file of glob('*-dockercfg-secret*/stdout', { cwd: out })) {
    const text = await readFile(join(out, file), 'utf8')
    await writeFile(join(out, file), text.replaceAll(`"${host}":`, '"127.0.0.1:15000":'))
  }
}

/** A socket that answers once the server has been started anew; 500 with the reason when it was not. */
async function listenForRestart(path: string, restart: () => Promise<void>): Promise<AsyncDisposable> {
  const server = createServer((_request, response) => {
    restart().then(
      () => response.end(),
      (error: Error) => response.writeHead(500).end(error.message),
    )
  })
  await new Promise<void>((resolve) => server.listen(path, resolve))
  return { [Symbol.asyncDispose]: () => new Promise((resolve) => server.close(() => resolve())) }
}
