import assert from 'node:assert/strict'
import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as sleep } from 'node:timers/promises'

const program = join(import.meta.dirname, '..', '..', 'bin', 'weir')

/** A running `weir start`, and alice, who has the project demo-project and uses the command line. */
export interface Site extends AsyncDisposable {
  /** `127.0.0.1:port` of the registry. */
  readonly registry: string
  /** The program under the name oc, as alice; fails the test unless it ends well. */
  oc(...args: string[]): Promise<string>
  /** The same, whatever the end. */
  tryOc(args: string[], as?: User, name?: 'oc' | 'weir'): Promise<Ended>
  /** The program under its own name, as an administrator. */
  weir(...args: string[]): Promise<string>
  /** An object as JSON. */
  get<T = StreamView>(...args: string[]): Promise<T>
  /** Creates or replaces from YAML or JSON. */
  apply(text: string, as?: User): Promise<void>
  /** Ends the server without a word (kill -9) and starts it again on the same data. */
  restart(): Promise<void>
  /** All that the server wrote, at level debug. */
  log(): string
  /** All that the commands wrote. */
  said(): string
}

export type User = 'alice' | 'admin'

export interface Ended {
  code: number
  stdout: string
  stderr: string
}

/** The parts of a stream that stories look at. */
export interface StreamView {
  metadata: {
    name: string
    generation: number
    resourceVersion: string
    annotations?: Record<string, string>
  }
  spec: {
    tags?: {
      name: string
      generation: number
      from: { kind: string; name: string }
      importPolicy: Record<string, unknown>
      referencePolicy: { type: string }
    }[]
  }
  status: {
    dockerImageRepository: string
    tags?: {
      tag: string
      items: { image: string; dockerImageReference: string; generation: number; created: string }[] | null
      conditions?: { type: string; status: string; reason: string; message: string; generation: number }[]
    }[]
  }
}

export interface SiteOptions {
  /** Text of the config file. */
  config?: string
  flags?: readonly string[]
}

const tokens: Record<User, string> = { alice: 'alice-token', admin: 'admin-token' }

export async function openSite({ config = '', flags = [] }: SiteOptions = {}): Promise<Site> {
  await using opened = new AsyncDisposableStack()
  const dir = await mkdtemp(join(tmpdir(), 'weir-import-'))
  opened.defer(() => rm(dir, { recursive: true, force: true }))
  const path = (name: string) => join(dir, name)
  const groups = { alice: 'system:authenticated:oauth', admin: 'system:cluster-admins' }
  const lines = (Object.keys(tokens) as User[]).map((user) => `${tokens[user]},${user},,"${groups[user]}"`)
  await writeFile(path('tokens.csv'), `${lines.join('\n')}\n`)
  await writeFile(path('weir.yaml'), `log: {level: debug}\n${config}`)
  const listening = ['--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0']
  const files = ['--token-auth-file', path('tokens.csv'), '--config', path('weir.yaml')]
  let log = ''
  let said = ''
  const start = () => spawnServer(['--data-dir', path('data'), ...listening, ...files, ...flags])
  const spawnServer = async (args: readonly string[]) => {
    const child = spawn(program, ['start', ...args], { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stderr.on('data', (chunk: Buffer) => {
      log += chunk.toString('utf8')
    })
    const addresses = new Map<string, string>()
    for await (const line of createInterface({ input: child.stdout })) {
      const [word = '', address = ''] = line.split(/ +/)
      addresses.set(word, address)
      if (line === 'weir is ready') break
    }
    child.stdout.resume()
    const api = addresses.get('API')
    assert.ok(api !== undefined, `weir did not start: ${log}`)
    for (const user of Object.keys(tokens) as User[]) {
      await writeFile(path(`${user}.kubeconfig`), kubeconfig(api, path('data/pki/ca.crt'), tokens[user]))
    }
    return {
      registry: new URL(addresses.get('Registry') ?? '').host,
      stop: (signal: NodeJS.Signals) => end(child, signal),
    }
  }
  let server = await start()
  opened.defer(() => server.stop('SIGTERM'))
  await symlink(program, path('oc'))
  const run = async (name: string, args: readonly string[], user: User): Promise<Ended> => {
    const ended = await runFile(name === 'oc' ? path('oc') : program, args, path(`${user}.kubeconfig`))
    said += ended.stdout + ended.stderr
    return ended
  }
  const wellEnded = ({ code, stdout, stderr }: Ended, args: readonly string[]): string => {
    assert.equal(code, 0, `${args.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const oc: Site['oc'] = async (...args) => wellEnded(await run('oc', args, 'alice'), args)
  let applied = 0
  await oc('new-project', 'demo-project')
  const parts = opened.move()
  return {
    get registry() {
      return server.registry
    },
    async restart() {
      await server.stop('SIGKILL')
      server = await start()
    },
    oc,
    tryOc: (args, as = 'alice', name = 'oc') => run(name, args, as),
    weir: async (...args) => wellEnded(await run('weir', args, 'admin'), args),
    get: async <T>(...args: string[]) => JSON.parse(await oc('get', ...args, '-o', 'json')) as T,
    async apply(text, as = 'alice') {
      const file = path(`applied-${++applied}.yaml`)
      await writeFile(file, text)
      wellEnded(await run('oc', ['apply', '-f', file], as), ['apply', text])
    },
    log: () => log,
    said: () => said,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

async function end(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill(signal)
  await once(child, 'exit')
}

function kubeconfig(server: string, caFile: string, token: string): string {
  return JSON.stringify({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'site',
    contexts: [{ name: 'site', context: { cluster: 'site', user: 'me', namespace: 'demo-project' } }],
    clusters: [{ name: 'site', cluster: { server, 'certificate-authority': caFile } }],
    users: [{ name: 'me', user: { token } }],
  })
}

function runFile(file: string, args: readonly string[], config: string): Promise<Ended> {
  const { _: _own, WEIR_NAME: _name, ...env } = process.env
  return new Promise((resolve) => {
    execFile(
      file,
      args,
      { env: { ...env, KUBECONFIG: config }, maxBuffer: 2 ** 26 },
      (error, stdout, stderr) => {
        const code = error === null ? 0 : typeof error.code === 'number' ? error.code : -1
        resolve({ code, stdout, stderr })
      },
    )
  })
}

/** Asks again until the answer is there; a minute is for machines that are very busy. */
export async function eventually<T>(what: string, ask: () => Promise<T | undefined>): Promise<T> {
  for (let tries = 0; tries < 300; tries++) {
    const answer = await ask()
    if (answer !== undefined) return answer
    await sleep(200)
  }
  throw new assert.AssertionError({ message: `it never happened: ${what}` })
}

export function tagOf(stream: StreamView, tag: string) {
  const status = stream.status.tags?.find((entry) => entry.tag === tag)
  return {
    spec: stream.spec.tags?.find(({ name }) => name === tag),
    items: status?.items ?? [],
    condition: status?.conditions?.[0],
  }
}
