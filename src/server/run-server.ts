import { constants } from 'node:fs'
import { access, mkdir, stat } from 'node:fs/promises'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { openFileBlobs } from '../blobs/index.ts'
import { openSqliteStore, StoreLockedError, StoreOpenError } from '../store/index.ts'
import { assemble } from './assemble.ts'
import { type Address, type Config, isLoopback, reachable } from './config.ts'
import { sweepTemporaries, writeWhole } from './files.ts'
import { formatKubeconfig } from './kubeconfig.ts'
import { adminName } from './open-identity.ts'
import { openPki } from './pki.ts'
import { StartError } from './start-error.ts'

export interface RunningServer extends AsyncDisposable {
  /** `https://host:port`. */
  apiUrl: string
  registryUrl: string
  dataDir: string
}

/** How much of the log of changes is kept for watches to go on from and pages to continue. */
const retention = { keepRevisions: 100_000 }

/**
 * Opens the data directory, joins the parts and listens. StartError when it can't, in one line. Disposing drains: watches end,
 * requests finish, then everything is closed.
 */
export async function runServer(
  asked: Config,
  { clock, log }: { clock: () => Date; log: FastifyBaseLogger },
): Promise<RunningServer> {
  await using opened = new AsyncDisposableStack()
  await prepareDataDir(asked.dataDir)
  const store = opened.use(await openStore(join(asked.dataDir, 'weir.db')))
  // The store's lock says that no other start is writing these.
  for (const folder of [asked.dataDir, join(asked.dataDir, 'pki')]) await sweepTemporaries(folder)
  const config: Config = {
    ...asked,
    listen: await withPort(asked.listen, '--listen'),
    registryListen: await withPort(asked.registryListen, '--registry-listen'),
  }
  const blobs = opened.use(await openFileBlobs({ dir: join(config.dataDir, 'blobs'), clock }))
  await blobs.sweep()
  const hosts = [config.listen.host, config.registryListen.host].filter((host) => !isLoopback(host))
  const pki = await openPki(config.dataDir, hosts, clock())
  const tls = { cert: pki.cert, key: pki.key }
  const assembly = opened.use(
    await assemble(config, { store, blobs }, { clock, log, tls, caCert: pki.caCert }),
  )
  const apiUrl = `https://${reachable(config.listen)}`
  await writeWhole(
    join(config.dataDir, 'admin.kubeconfig'),
    formatKubeconfig({
      server: apiUrl,
      caCert: pki.caCert,
      user: adminName,
      token: assembly.identity.adminToken,
    }),
    0o600,
  )
  opened.defer(() => closeServers([assembly.api, assembly.registry]))
  opened.defer(() => assembly.drain())
  await listen(assembly.registry, config.registryListen, '--registry-listen')
  await listen(assembly.api, config.listen, '--listen')
  const scheme = isLoopback(config.registryListen.host) ? 'http' : 'https'
  const parts = opened.move()
  return {
    apiUrl,
    registryUrl: `${scheme}://${reachable(config.registryListen)}`,
    dataDir: config.dataDir,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

/** Level by level: Node's own recursive mkdir never ends where a level can't be made and says that it isn't there. */
async function makeFolder(dir: string): Promise<void> {
  if (await isFolder(dir)) return
  await makeFolder(dirname(dir))
  try {
    await mkdir(dir, { mode: 0o700 })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST' || !(await isFolder(dir))) throw error
  }
}

async function isFolder(path: string): Promise<boolean> {
  try {
    return (await stat(path)).isDirectory()
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false
    throw error
  }
}

async function prepareDataDir(dir: string): Promise<void> {
  try {
    await makeFolder(dir)
    await access(dir, constants.R_OK | constants.W_OK | constants.X_OK)
  } catch (error) {
    throw new StartError(
      `cannot use the data directory ${dir}: ${(error as Error).message}; give another with --data-dir`,
    )
  }
}

async function openStore(file: string) {
  try {
    return await openSqliteStore({ file, retention })
  } catch (error) {
    if (error instanceof StoreLockedError) {
      throw new StartError(
        `another weir is running on ${file}; stop it, or give another directory with --data-dir`,
      )
    }
    if (error instanceof StoreOpenError) throw new StartError(`cannot open the store: ${error.message}`)
    throw error
  }
}

/** The address with a real port where 0 was asked for: the port is part of what is handed out before anybody listens. */
async function withPort(address: Address, flag: string): Promise<Address> {
  if (address.port !== 0) return address
  const probe = createServer()
  await new Promise<void>((resolve, reject) => {
    probe.once('error', (error) => reject(cannotListen(address, flag, error)))
    probe.listen(0, address.host, resolve)
  })
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return { ...address, port }
}

async function listen(app: FastifyInstance, address: Address, flag: string): Promise<void> {
  try {
    await app.listen(address)
  } catch (error) {
    throw cannotListen(address, flag, error)
  }
}

function cannotListen({ host, port }: Address, flag: string, error: unknown): StartError {
  const { code, message } = error as NodeJS.ErrnoException
  const why = code === 'EADDRINUSE' ? 'the address is in use' : code === 'EACCES' ? 'not allowed' : message
  return new StartError(`cannot listen on ${host}:${port}: ${why}; give another address with ${flag}`)
}

async function closeServers(apps: readonly FastifyInstance[]): Promise<void> {
  await Promise.all(apps.map((app) => app.close()))
}
