import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { connect, createServer } from 'node:net'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { Target } from './http-connection.ts'

/** A running server of which we know the registry. */
export interface RegistryPeer extends AsyncDisposable {
  name: 'weir' | 'docker-registry'
  registry: Target
}

export interface WeirPeer extends RegistryPeer {
  api: Target
  /** The same for somebody who may read everything, and is nobody special otherwise. */
  reader: Target
  /** Milliseconds from spawning to its `weir is ready`. */
  startMs: number
  pid: number
}

const token = 'bench-0123456789abcdef'
const readerToken = 'reader-0123456789abcdef'
const identities = `${token},bench,bench,"system:cluster-admins"
${readerToken},reader,reader,"system:cluster-readers"
`
const weirProgram = join(import.meta.dirname, '..', 'bin', 'weir')
const peerProgram = '/usr/bin/docker-registry'

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  const timer = setTimeout(() => child.kill('SIGKILL'), 5000)
  await ended
  clearTimeout(timer)
}

function toTarget(url: string, headers: Target['headers'], ca?: string): Target {
  const { hostname, port } = new URL(url)
  return { host: hostname, port: Number(port), headers, ...(ca === undefined ? {} : { ca }) }
}

/** Weir on free ports of loopback, its data, compiled code and log under `dir`; the caller is a cluster administrator. */
export async function startWeir(dir: string, config?: object): Promise<WeirPeer> {
  await mkdir(dir, { recursive: true })
  const configFile = join(dir, 'weir.yaml')
  // JSON is YAML.
  if (config !== undefined) await writeFile(configFile, JSON.stringify(config))
  const tokenFile = join(dir, 'tokens.csv')
  await writeFile(tokenFile, identities)
  const data = join(dir, 'data')
  const args = ['start', '--data-dir', data, '--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0']
  const start = performance.now()
  const settings = config === undefined ? [] : ['--config', configFile]
  const child = spawn(weirProgram, [...args, '--token-auth-file', tokenFile, ...settings], {
    env: { ...process.env, NODE_COMPILE_CACHE: join(dir, 'compiled') },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (piece) => {
    log = `${log}${piece}`.slice(-4000)
  })
  const urls = new Map<string, string>()
  let isReady = false
  for await (const line of createInterface({ input: child.stdout })) {
    const [word = '', url = ''] = line.split(/ +/)
    urls.set(word, url)
    isReady = line === 'weir is ready'
    if (isReady) break
  }
  const startMs = performance.now() - start
  if (!isReady) throw new Error(`weir did not start: ${log}`)
  child.stdout.resume()
  const headers = { Authorization: `Bearer ${token}` }
  const ca = await readFile(join(data, 'pki', 'ca.crt'), 'utf8')
  return {
    name: 'weir',
    registry: toTarget(urls.get('Registry') ?? '', headers),
    api: toTarget(urls.get('API') ?? '', headers, ca),
    reader: toTarget(urls.get('API') ?? '', { Authorization: `Bearer ${readerToken}` }, ca),
    startMs,
    pid: child.pid ?? 0,
    [Symbol.asyncDispose]: () => stop(child),
  }
}

export async function findPort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  probe.close()
  await once(probe, 'close')
  return port
}

export async function untilListening(port: number, child: ChildProcess): Promise<void> {
  for (let attempt = 0; attempt < 200; attempt++) {
    if (child.exitCode !== null) break
    const socket = connect(port, '127.0.0.1')
    const isOpen = await new Promise<boolean>((resolve) => {
      socket.once('connect', () => resolve(true)).once('error', () => resolve(false))
    })
    socket.destroy()
    if (isOpen) return
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
  throw new Error(`${peerProgram} did not start`)
}

/** Debian's docker-registry as its package configures it, but open, quiet and under `dir`. */
export async function startDockerRegistry(dir: string): Promise<RegistryPeer> {
  await mkdir(dir, { recursive: true })
  const port = await findPort()
  const config = {
    version: 0.1,
    log: { level: 'error', accesslog: { disabled: true } },
    storage: {
      cache: { blobdescriptor: 'inmemory' },
      filesystem: { rootdirectory: join(dir, 'data') },
      delete: { enabled: true },
    },
    http: { addr: `127.0.0.1:${port}`, headers: { 'X-Content-Type-Options': ['nosniff'] } },
  }
  const file = join(dir, 'config.yml')
  // JSON is YAML.
  await writeFile(file, JSON.stringify(config))
  const child = spawn(peerProgram, ['serve', file], { stdio: 'ignore' })
  await untilListening(port, child)
  return {
    name: 'docker-registry',
    registry: { host: '127.0.0.1', port, headers: {} },
    [Symbol.asyncDispose]: () => stop(child),
  }
}
