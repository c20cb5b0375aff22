import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'

/** Debian's registry as a test's upstream: the real thing, on a port of loopback, gone with the test. */

const binary = '/usr/bin/docker-registry'

/** What a test says when it skips; undefined where the registry is installed. */
export const registryMissing = existsSync(binary)
  ? undefined
  : `${binary} is missing: install Debian's package docker-registry to run this test`

// A skip would hide in CI, which installs the program.
if (registryMissing !== undefined && process.env.CI === 'true') throw new Error(registryMissing)

export interface TestRegistry extends AsyncDisposable {
  /** `127.0.0.1:port` */
  host: string
}

export interface TestRegistryOptions {
  /** Paths of PEM files; absent: plain http. */
  tls?: { certificate: string; key: string }
  /** Lines of an htpasswd file with bcrypt hashes; absent: open to all. */
  htpasswd?: string
  /** Tokens that it takes; absent: none. */
  token?: { realm: string; service: string; issuer: string; rootCertificates: string }
  /** Where content is kept, for registries that share it; absent: a folder of its own. */
  data?: string
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

async function configuration(folder: string, host: string, options: TestRegistryOptions): Promise<string> {
  const { tls, htpasswd, token, data = join(folder, 'data') } = options
  if (htpasswd !== undefined) await writeFile(join(folder, 'htpasswd'), htpasswd)
  return JSON.stringify({
    version: '0.1',
    log: { level: 'error', accesslog: { disabled: true } },
    storage: { filesystem: { rootdirectory: data }, delete: { enabled: true } },
    http: { addr: host, secret: 'for tests', ...(tls === undefined ? {} : { tls }) },
    ...authSection(htpasswd === undefined ? undefined : join(folder, 'htpasswd'), token),
  })
}

function authSection(htpasswd: string | undefined, token: TestRegistryOptions['token']): object {
  if (htpasswd !== undefined) return { auth: { htpasswd: { realm: 'test', path: htpasswd } } }
  if (token === undefined) return {}
  const { realm, service, issuer, rootCertificates } = token
  return { auth: { token: { realm, service, issuer, rootcertbundle: rootCertificates } } }
}

export async function startRegistry(options: TestRegistryOptions = {}): Promise<TestRegistry> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-registry-'))
  const host = `127.0.0.1:${await freePort()}`
  const file = join(folder, 'config.yml')
  await writeFile(file, await configuration(folder, host, options))
  const child = spawn(binary, ['serve', file], { stdio: ['ignore', 'ignore', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => {
    complaint += chunk.toString('utf8')
  })
  const ended = new Promise<void>((resolve) => child.once('exit', () => resolve()))
  await waitUntilOpen(host, () => (child.exitCode === null ? undefined : complaint))
  return {
    host,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL')
      await ended
      await rm(folder, { recursive: true, force: true })
    },
  }
}

/** The port answering is what counts, whatever it says. */
async function waitUntilOpen(host: string, failed: () => string | undefined): Promise<void> {
  const { connect } = await import('node:net')
  const [address = '', port = ''] = host.split(':')
  for (let tries = 0; tries < 200; tries++) {
    const complaint = failed()
    if (complaint !== undefined) throw new Error(`docker-registry ended: ${complaint}`)
    const isOpen = await new Promise<boolean>((resolve) => {
      const socket = connect(Number(port), address)
      socket.once('connect', () => {
        socket.destroy()
        resolve(true)
      })
      socket.once('error', () => resolve(false))
    })
    if (isOpen) return
    await sleep(50)
  }
  throw new Error(`docker-registry does not listen on ${host}`)
}
