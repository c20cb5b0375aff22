import { randomUUID } from 'node:crypto'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Authorize } from '../access/access.ts'
import { allKinds, imageStreamMappings, namespaces } from '../api/index.ts'
import { createNoBuilder, openBuildFiles } from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import { type ImagePolicy, unrestricted } from '../image/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { createAdmittedEndpoints, createTriggerWriters } from '../resources/admission/index.ts'
import { createImageEndpoints } from '../resources/image/index.ts'
import { createResources } from '../resources/resources.ts'
import { openSqliteStore, type Store } from '../store/index.ts'
import { createBuildControllers } from './build.ts'
import { createBuildInstantiateEndpoint } from './build-config-instantiate.ts'
import { createDeploymentInstantiateEndpoint } from './deployment-config-instantiate.ts'
import { createDeploymentRollbackEndpoint } from './deployment-config-rollback.ts'
import { runController } from './run-controller.ts'
import { createTriggerControllers } from './trigger-controllers.ts'

/** Streams, workloads and what follows tags, for tests: resources over a store in memory, controllers that can be stopped and started. */
export interface TriggerRig extends AsyncDisposable {
  client: Client
  store: Store
  /** Acts as that user; what they may is what the rig's `may` says. */
  as(name: string): Client
  /** Moves a tag, as a push does; answers with the reference that followers get. */
  push(namespace: string, stream: string, tag: string, letter: string): Promise<string>
  start(): void
  stop(): Promise<void>
  /** Everything that the controllers failed at. */
  failures: string[]
}

export interface RigOptions {
  policy?: ImagePolicy
  /** What the controllers act through, instead of the client itself. */
  between?(client: Client): Client
  /** Kinds that follow tags beside those that always do. */
  triggerKinds?: readonly Kind[]
  /** May the user read that stream of another namespace? Absent: everybody may everything. */
  may?(user: string, namespace: string, stream: string): boolean
}

export async function openTriggerRig({
  may = () => true,
  triggerKinds = [],
  policy,
  between = (client) => client,
}: RigOptions = {}): Promise<TriggerRig> {
  const store = await openSqliteStore({ file: ':memory:' })
  const clock = () => new Date('2026-05-06T12:00:00Z')
  const resources = createResources({
    kinds: allKinds,
    store,
    clock,
    randomUuid: randomUUID,
    random: Math.random,
  })
  const client = resources.system
  const authorize: Authorize = async ({ name }, action) => {
    const isForeign = action.kind === 'resource' && action.subresource === 'layers'
    return { allowed: !isForeign || may(name, action.namespace, action.name), reason: '' }
  }
  const settings = {
    internalRegistry: 'reg:5000',
    externalRegistries: [],
    whitelist: unrestricted,
    defaultImportMode: 'Legacy' as const,
  }
  const deps = {
    ...resources.deps,
    client,
    hosts: settings,
    writers: createTriggerWriters({ store }),
    authorize,
    triggerKinds,
    ...(policy === undefined ? {} : { policy }),
  }
  resources.add([
    ...createImageEndpoints({ ...resources.deps, authorize, settings }),
    ...createAdmittedEndpoints(deps),
    createDeploymentInstantiateEndpoint(deps),
    createDeploymentRollbackEndpoint(client),
    createBuildInstantiateEndpoint(deps),
  ])
  for (const name of ['demo', 'other']) await client.create(namespaces, '', { metadata: { name } } as never)

  const dir = await mkdtemp(join(tmpdir(), 'weir-rig-'))
  const files = await openBuildFiles({ dir, logLimit: 1e6, uploadLimit: 1e6 })
  const failures: string[] = []
  const note = (fields: object, message: string) =>
    void failures.push(`${message} ${String((fields as { err?: unknown }).err ?? '')}`)
  const log = { debug: () => {}, warn: note, error: note }
  let running: { stopping: AbortController; done: Promise<unknown> } | undefined
  const stop = async () => {
    running?.stopping.abort()
    await running?.done
    running = undefined
  }
  return {
    client,
    store,
    failures,
    as: (name) => resources.clientFor({ name, groups: [] }, authorize),
    async push(namespace, stream, tag, letter) {
      const digest = `sha256:${letter.repeat(64).slice(0, 64)}`
      const dockerImageReference = `reg:5000/${namespace}/${stream}@${digest}`
      const image = { metadata: { name: digest }, dockerImageReference }
      await client.create(imageStreamMappings, namespace, { metadata: { name: stream }, image, tag } as never)
      return dockerImageReference
    },
    start() {
      const stopping = new AbortController()
      const controllers = [
        ...createTriggerControllers({ ...deps, client: between(client), now: clock }),
        ...createBuildControllers({
          ...deps,
          files,
          builder: createNoBuilder('it is turned off'),
          now: clock,
          maxConcurrent: 1,
          timeout: 60_000,
        }),
      ]
      const done = Promise.all(
        controllers.map((controller) => runController(controller, stopping.signal, log)),
      )
      running = { stopping, done }
    },
    stop,
    async [Symbol.asyncDispose]() {
      await stop()
      await store[Symbol.asyncDispose]()
      await rm(dir, { recursive: true, force: true })
    },
  }
}

const patience = 10_000

/** Resolves once the condition holds; rejects with what `check` last threw. */
export async function eventually<T>(check: () => Promise<T>): Promise<T> {
  for (let waited = 0; ; waited += 5) {
    try {
      return await check()
    } catch (error) {
      if (waited > patience) throw error
      await sleep(5)
    }
  }
}
