import { constants } from 'node:fs'
import { access, mkdir, readFile, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { FastifyBaseLogger, FastifyInstance } from 'fastify'
import { type BeginAudit, createAudit } from '../apiserver/audit.ts'
import { openFileBlobs } from '../blobs/index.ts'
import { openSqliteStore, StoreLockedError, StoreOpenError } from '../store/index.ts'
import { assemble } from './assemble.ts'
import { openAuditFile } from './audit-file.ts'
import { apiClosed, registryClosed } from './closed-answers.ts'
import { type Config, isLoopback, reachable } from './config.ts'
import { sweepTemporaries, writeWhole } from './files.ts'
import { createApiDoorServer, createRegistryDoorServer, type FrontDoor, openFrontDoor } from './front-door.ts'
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
  const hosts = [asked.listen.host, asked.registryListen.host].filter((host) => !isLoopback(host))
  const pki = await openPki(asked.dataDir, hosts, clock())
  const doors = opened.use(await openDoors(asked, { cert: pki.cert, key: pki.key }))
  const { api, registry } = doors
  const config: Config = { ...asked, listen: api.address, registryListen: registry.address }
  const blobs = opened.use(await openFileBlobs({ dir: join(config.dataDir, 'blobs'), clock }))
  await blobs.sweep()
  const servers = { api: api.serverFactory, registry: registry.serverFactory }
  const audit = await openAudit(config, { clock, log }, opened)
  const assembly = opened.use(
    await assemble(config, { store, blobs }, { clock, log, servers, ...audit, caCert: pki.caCert }),
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
  opened.defer(() => doors[Symbol.asyncDispose]())
  opened.defer(() => assembly.drain())
  await Promise.all([assembly.api.ready(), assembly.registry.ready()])
  registry.open()
  api.open()
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

interface Doors extends AsyncDisposable {
  api: FrontDoor
  registry: FrontDoor
}

/** The registry speaks plain HTTP on loopback, where clients allow it, and TLS elsewhere. Closing them twice is fine. */
async function openDoors(config: Config, tls: { cert: string; key: string }): Promise<Doors> {
  await using opened = new AsyncDisposableStack()
  const ca = await readClientCa(config.identity.clientCA)
  const api = opened.use(
    await openFrontDoor({
      address: config.listen,
      flag: '--listen',
      server: createApiDoorServer({ ...tls, ...ca }),
      closed: apiClosed,
    }),
  )
  const registry = opened.use(
    await openFrontDoor({
      address: config.registryListen,
      flag: '--registry-listen',
      server: createRegistryDoorServer(isLoopback(config.registryListen.host) ? undefined : tls),
      closed: registryClosed,
    }),
  )
  opened.move()
  return {
    api,
    registry,
    async [Symbol.asyncDispose]() {
      await Promise.all([api[Symbol.asyncDispose](), registry[Symbol.asyncDispose]()])
    },
  }
}

async function openAudit(
  { audit }: Config,
  { clock, log }: { clock: () => Date; log: FastifyBaseLogger },
  opened: AsyncDisposableStack,
): Promise<{ audit?: BeginAudit }> {
  if (audit === undefined) return {}
  const onError = (error: unknown, lost: number) =>
    log.error({ err: error, lost }, 'the audit file lost lines')
  const sink = opened.use(await openAuditFile({ ...audit, clock, onError }))
  return { audit: createAudit({ sink, reads: audit.reads, clock }) }
}

async function closeServers(apps: readonly FastifyInstance[]): Promise<void> {
  await Promise.all(apps.map((app) => app.close()))
}

async function readClientCa(path: string | undefined): Promise<{ ca?: string }> {
  if (path === undefined) return {}
  try {
    return { ca: await readFile(path, 'utf8') }
  } catch (error) {
    throw new StartError(`cannot read identity.clientCA: ${(error as Error).message}`)
  }
}
