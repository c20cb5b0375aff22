import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  type ImageStream,
  imageStreamImports,
  imageStreams,
  type Namespace,
  namespaces,
} from '../../src/api/index.ts'
import type { Client } from '../../src/client/client.ts'
import { runController } from '../../src/controllers/run-controller.ts'
import { createScheduleController, type ScheduleDeps } from '../../src/controllers/schedule.ts'
import { defaultSweepSettings, type Probe } from '../../src/importer/index.ts'
import { markedStreams } from '../../src/resources/image/index.ts'
import { createResources } from '../../src/resources/resources.ts'
import { openSqliteStore } from '../../src/store/index.ts'

/** The schedule controller over the real store, with a clock that is turned by hand and an upstream that costs nothing. */

const minute = 60_000
const silent = { debug: () => undefined, warn: () => undefined, error: () => undefined }

async function openController(settings: Partial<ScheduleDeps>) {
  await using opened = new AsyncDisposableStack()
  const store = opened.use(await openSqliteStore({ file: ':memory:' }))
  const clock = () => new Date()
  const kinds = [namespaces, imageStreams, imageStreamImports]
  const resources = createResources({ kinds, store, clock, randomUuid: randomUUID, random: Math.random })
  await resources.system.create(namespaces, '', { metadata: { name: 'demo' } } as Namespace)
  const stopping = new AbortController()
  let now = 0
  const start = (deps: Pick<ScheduleDeps, 'probe'> & Partial<ScheduleDeps>, client = resources.system) => {
    const controller = createScheduleController({
      client,
      scheduled: () => markedStreams(store, 'scheduled'),
      intervals: { interval: 15 * minute, shortestInterval: 40 },
      sweep: defaultSweepSettings,
      now: () => now,
      ...settings,
      ...deps,
    })
    const running = runController(controller, stopping.signal, silent)
    parts.defer(async () => {
      stopping.abort()
      await running
    })
  }
  const parts = opened.move()
  return {
    client: resources.system,
    start,
    turn: (by: number) => {
      now += by
    },
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

function streamOf(name: string, froms: readonly string[]): ImageStream {
  const tags = froms.map((from, n) => ({
    name: `t${n}`,
    from: { kind: 'DockerImage', name: from },
    importPolicy: { scheduled: true },
    generation: 1,
  }))
  return { metadata: { name, namespace: 'demo' }, spec: { tags } } as unknown as ImageStream
}

/** The clock doesn't wake the controller, changes do: so many references that every part of the plan has some. */
function wakingAll(name: string): ImageStream {
  return streamOf(
    name,
    Array.from({ length: 1000 }, (_, n) => `alive.example/${name}/x:t${n}`),
  )
}

/** The client for reading; what a test does not put in its place is as it was. */
function reading(client: Client): Client {
  return {
    ...client,
    get: (kind, namespace, name) => client.get(kind, namespace, name),
    watch: (kind, namespace, options) => client.watch(kind, namespace, options),
  }
}

async function until(isTrue: () => boolean): Promise<void> {
  for (let tries = 0; tries < 6000 && !isTrue(); tries++) await sleep(10)
  assert.ok(isTrue(), 'it never happened')
}

describe('a sweep', () => {
  it('over 10,000 references asks each once, a few at a time, in batches', async (test) => {
    await using controller = await openController({})
    const { client } = controller
    for (let stream = 0; stream < 100; stream++) {
      const froms = Array.from({ length: 100 }, (_, n) => `host${n % 10}.example/a/b${stream}:t${n}`)
      await client.create(imageStreams, 'demo', streamOf(`s${stream}`, froms))
    }
    const asked: string[] = []
    let atOnce = 0
    let most = 0
    const probe = async ({ key }: Probe) => {
      most = Math.max(most, ++atOnce)
      await sleep(0)
      atOnce--
      asked.push(key)
      return { kind: 'failed', problem: '', isTemporary: false } as const
    }
    let seen = 0
    async function* counted() {
      for (const stream of (await client.list(imageStreams, '')).items) {
        yield stream
        seen++
      }
    }
    controller.start({ probe, scheduled: counted })
    await until(() => seen >= 100)
    await sleep(200)
    assert.equal(asked.length, 0, 'a newcomer has been imported just now')
    controller.turn(16 * minute)
    const delay = monitorEventLoopDelay({ resolution: 5 })
    delay.enable()
    // What changes wakes the controller: the clock doesn't.
    await client.create(imageStreams, 'demo', wakingAll('more'))
    await until(() => asked.length >= 10_000)
    delay.disable()
    test.diagnostic(`longest delay of the event loop: ${Math.round(delay.max / 1e6)} ms`)
    assert.equal(new Set(asked).size, 10_000)
    assert.equal(asked.length, 10_000)
    assert.ok(most <= 8, `${most} at once`)
  })

  it('does not ask a host again in the same sweep once it was found to be unreachable', async () => {
    await using controller = await openController({})
    const froms = Array.from({ length: 100 }, (_, n) => `dead.example/a/b:t${n}`)
    await controller.client.create(imageStreams, 'demo', streamOf('dead', froms))
    let dead = 0
    let alive = 0
    const probe = async ({ followers: [first] }: Probe) => {
      await sleep(1)
      if (first?.host !== 'dead.example') {
        alive++
        return { kind: 'failed', problem: '', isTemporary: false } as const
      }
      dead++
      return { kind: 'failed', problem: 'timeout', isTemporary: true } as const
    }
    controller.start({ probe })
    await sleep(100)
    controller.turn(16 * minute)
    await controller.client.create(imageStreams, 'demo', wakingAll('more'))
    await sleep(100)
    controller.turn(16 * minute)
    await controller.client.create(imageStreams, 'demo', wakingAll('most'))
    await until(() => alive > 0)
    assert.ok(dead >= 1 && dead <= 8, `${dead} questions to a dead host`)
  })

  it('an import that fails is tried again, though the digest is known by then; the pace is kept', async () => {
    await using controller = await openController({ importsPerMinute: 1 })
    for (const name of ['a', 'b', 'c']) {
      await controller.client.create(imageStreams, 'demo', streamOf(name, ['host.example/a/b']))
    }
    const tried: string[] = []
    const client: Client = {
      ...reading(controller.client),
      create: (async (_kind: unknown, _namespace: unknown, { metadata }: { metadata: { name: string } }) => {
        tried.push(metadata.name)
        if (tried.length === 1) throw new Error('the store is away')
      }) as unknown as Client['create'],
    }
    const digest = `sha256:${'a'.repeat(64)}`
    controller.start({ probe: async () => ({ kind: 'digest', digest, content: 'image' }) }, client)
    await sleep(100)
    controller.turn(16 * minute)
    await controller.client.create(imageStreams, 'demo', wakingAll('d'))
    await until(() => tried.length >= 2)
    await sleep(200)
    assert.equal(tried.length, 2, 'a burst of two in a minute, the failed one counted')
  })
})
