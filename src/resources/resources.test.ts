import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import { allKinds, configMaps, deploymentConfigs, deployments, namespaces, pods } from '../api/index.ts'
import type { Client, WatchEvent } from '../client/client.ts'
import { ApiError } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import { openSqliteStore } from '../store/index.ts'
import { createResources } from './resources.ts'

async function open() {
  const store = await openSqliteStore({ file: ':memory:' })
  const resources = createResources({
    kinds: allKinds,
    store,
    clock: () => new Date('2026-05-06T12:00:00Z'),
    randomUuid: randomUUID,
    random: Math.random,
  })
  const client = resources.system
  await client.create(namespaces, '', { metadata: { name: 'demo' } } as never)
  return { store, client, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

const configMap = (name: string, data: Record<string, string> = {}, labels: Record<string, string> = {}) =>
  ({ metadata: { name, labels }, data }) as never

const reason = (code: number, text: RegExp) => (error: unknown) => {
  assert(error instanceof ApiError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, text)
  return true
}

async function take(events: AsyncIterable<WatchEvent>, count: number): Promise<WatchEvent[]> {
  const taken: WatchEvent[] = []
  for await (const event of events) if (taken.push(event) === count) break
  return taken
}

const told = (events: WatchEvent[]) =>
  events.map(({ type, object }) => `${type} ${(object as KubeObject).metadata.name ?? ''}`)

describe('the generic path', () => {
  it('creates with uid, time and revision, and reads it back', async () => {
    await using api = await open()
    const created = await api.client.create(configMaps, 'demo', configMap('a', { k: 'v' }))
    assert.equal(created.metadata.creationTimestamp, '2026-05-06T12:00:00Z')
    assert.match(created.metadata.uid ?? '', /^[0-9a-f-]{36}$/)
    assert.equal(created.metadata.resourceVersion, String(api.store.revision()))
    const read = await api.client.get(configMaps, 'demo', 'a')
    assert.deepEqual(read, created)
    assert.equal(read.kind, 'ConfigMap')
  })

  it('deletes in its turn: whoever is at work on the object ends with that one', async () => {
    await using api = await open()
    const { client } = api
    const { metadata } = await client.create(configMaps, 'demo', configMap('turn'))
    const patching = client.patch(configMaps, 'demo', 'turn', { type: 'merge', body: { data: { k: 'v' } } })
    const deleting = client.delete(configMaps, 'demo', 'turn')
    const making = client.create(configMaps, 'demo', configMap('turn')).catch(() => undefined)
    const [patched] = await Promise.all([patching, deleting, making])
    assert.equal(patched.metadata.uid, metadata.uid)
  })

  it('keeps a namespace until it is empty and nobody holds it, whatever is written meanwhile', async () => {
    await using api = await open()
    const { client } = api
    type Held = KubeObject & { spec: { finalizers: string[] } }
    const held = { metadata: { name: 'held', finalizers: ['example.test/wait'] } } as never
    await client.create(namespaces, '', held)
    await client.delete(namespaces, '', 'held')
    const body = { metadata: { finalizers: null, labels: { a: 'b' } } }
    const free = (await client.patch(namespaces, '', 'held', { type: 'merge', body })) as Held
    assert.deepEqual([free.metadata.labels?.a, free.spec.finalizers], ['b', ['kubernetes']])
    await client.get(namespaces, '', 'held')
    const emptied = { ...free, spec: { finalizers: [] } } as never
    await client.update(namespaces, '', emptied, { subresource: 'finalize' })
    await assert.rejects(client.get(namespaces, '', 'held'), reason(404, /^namespaces "held" not found$/))
  })

  it('leaves the store untouched by what it refuses', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap('a'))
    const before = api.store.revision()
    const refused: [Promise<unknown>, number, RegExp][] = [
      [api.client.create(configMaps, 'demo', configMap('a')), 409, /^configmaps "a" already exists$/],
      [
        api.client.create(configMaps, 'demo', configMap('B')),
        422,
        /^ConfigMap "B" is invalid: metadata.name: Invalid value/,
      ],
      [api.client.create(configMaps, 'none', configMap('a')), 404, /^namespaces "none" not found$/],
      [api.client.get(configMaps, 'demo', 'b'), 404, /^configmaps "b" not found$/],
      [api.client.delete(configMaps, 'demo', 'b'), 404, /^configmaps "b" not found$/],
      [
        api.client.update(configMaps, 'demo', { metadata: { name: 'a', resourceVersion: '1' } } as never),
        409,
        /the object has been modified/,
      ],
      [
        api.client.delete(configMaps, 'demo', 'a', { preconditions: { uid: 'x' } }),
        409,
        /the UID in the precondition \(x\) does not match/,
      ],
    ]
    for (const [promise, code, text] of refused) await assert.rejects(promise, reason(code, text))
    await api.client.create(configMaps, 'demo', configMap('dry'), { dryRun: true })
    assert.equal(api.store.revision(), before)
  })

  it('does not write an update that changes nothing', async () => {
    await using api = await open()
    const created = await api.client.create(configMaps, 'demo', configMap('a', { k: 'v' }))
    const same = await api.client.update(configMaps, 'demo', created)
    assert.equal(same.metadata.resourceVersion, created.metadata.resourceVersion)
    const patched = await api.client.patch(configMaps, 'demo', 'a', {
      type: 'merge',
      body: { data: { k: 'v' } },
    })
    assert.equal(patched.metadata.resourceVersion, created.metadata.resourceVersion)
  })

  it('merges 32 patches at once without losing one', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap('a'))
    const patch = (i: number) =>
      api.client.patch(configMaps, 'demo', 'a', { type: 'merge', body: { data: { [`k${i}`]: 'v' } } })
    await Promise.all(Array.from({ length: 32 }, (_, i) => patch(i)))
    const { data } = await api.client.get(configMaps, 'demo', 'a')
    assert.equal(Object.keys(data ?? {}).length, 32)
  })

  it('pages a list at one revision, whatever is written meanwhile', async () => {
    await using api = await open()
    for (const name of ['a', 'b', 'c', 'd', 'e']) await api.client.create(configMaps, 'demo', configMap(name))
    const first = await api.client.list(configMaps, 'demo', { limit: 2 })
    assert.deepEqual(
      first.items.map((item) => item.metadata.name),
      ['a', 'b'],
    )
    assert.equal(first.metadata.remainingItemCount, 3)
    await api.client.create(configMaps, 'demo', configMap('bb'))
    await api.client.delete(configMaps, 'demo', 'c')
    const second = await api.client.list(configMaps, 'demo', {
      limit: 9,
      continue: first.metadata.continue ?? '',
    })
    assert.deepEqual(
      second.items.map((item) => item.metadata.name),
      ['c', 'd', 'e'],
    )
    assert.equal(second.metadata.resourceVersion, first.metadata.resourceVersion)
    assert.equal(second.metadata.continue, undefined)
  })

  it('fills pages with matches of a selector', async () => {
    await using api = await open()
    for (let i = 0; i < 10; i++) {
      await api.client.create(configMaps, 'demo', configMap(`c${i}`, {}, { parity: i % 2 ? 'odd' : 'even' }))
    }
    const first = await api.client.list(configMaps, 'demo', { labelSelector: 'parity=odd', limit: 3 })
    const rest = await api.client.list(configMaps, 'demo', {
      labelSelector: 'parity=odd',
      limit: 3,
      continue: first.metadata.continue ?? '',
    })
    assert.deepEqual(
      [...first.items, ...rest.items].map((item) => item.metadata.name),
      ['c1', 'c3', 'c5', 'c7', 'c9'],
    )
    assert.equal(first.metadata.remainingItemCount, undefined)
    assert.equal(rest.metadata.continue, undefined)
  })

  it('watches: what is there, then each change once, in order', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap('a'))
    const events = take(api.client.watch(configMaps, 'demo'), 5)
    await api.client.create(configMaps, 'demo', configMap('b'))
    await api.client.patch(configMaps, 'demo', 'a', { type: 'merge', body: { data: { x: 'y' } } })
    await api.client.create(pods, 'demo', {
      metadata: { name: 'other' },
      spec: { containers: [{ name: 'c', image: 'i' }] },
    } as never)
    await api.client.delete(configMaps, 'demo', 'a')
    await api.client.create(configMaps, 'demo', configMap('c'))
    assert.deepEqual(told(await events), ['ADDED a', 'ADDED b', 'MODIFIED a', 'DELETED a', 'ADDED c'])
  })

  it('tells a watcher with a selector when an object comes to match and ceases to', async () => {
    await using api = await open()
    const { metadata } = await api.client.list(configMaps, 'demo')
    const options = { resourceVersion: metadata.resourceVersion ?? '', labelSelector: 'on=yes' }
    const events = take(api.client.watch(configMaps, 'demo', options), 3)
    const label = (value: string) =>
      api.client.patch(configMaps, 'demo', 'a', {
        type: 'merge',
        body: { metadata: { labels: { on: value } } },
      })
    await api.client.create(configMaps, 'demo', configMap('a'))
    await label('yes')
    await label('no')
    await api.client.create(configMaps, 'demo', configMap('b', {}, { on: 'yes' }))
    assert.deepEqual(told(await events), ['ADDED a', 'DELETED a', 'ADDED b'])
  })

  it('ends the initial events of a streaming list with the annotated bookmark', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap('a'))
    const events = await take(
      api.client.watch(configMaps, 'demo', {
        sendInitialEvents: true,
        allowWatchBookmarks: true,
        resourceVersionMatch: 'NotOlderThan',
      }),
      2,
    )
    assert.equal(events[1]?.type, 'BOOKMARK')
    const { metadata } = (events[1] as WatchEvent).object as KubeObject
    assert.deepEqual(metadata.annotations, { 'k8s.io/initial-events-end': 'true' })
  })

  it('keeps an object with finalizers until the last is gone', async () => {
    await using api = await open()
    const object = { metadata: { name: 'f', finalizers: ['weir.dev/hold'] } }
    await api.client.create(configMaps, 'demo', object as never)
    await api.client.delete(configMaps, 'demo', 'f')
    const marked = await api.client.get(configMaps, 'demo', 'f')
    assert.equal(marked.metadata.deletionTimestamp, '2026-05-06T12:00:00Z')
    await api.client.patch(configMaps, 'demo', 'f', {
      type: 'merge',
      body: { metadata: { finalizers: null } },
    })
    await assert.rejects(api.client.get(configMaps, 'demo', 'f'), reason(404, /not found/))
  })

  it('scales through the subresource', async () => {
    await using api = await open()
    await deploy(api.client)
    const scale = (await api.client.get(deployments, 'demo', 'web', { subresource: 'scale' })) as KubeObject
    assert.equal(scale.kind, 'Scale')
    await api.client.patch(
      deployments,
      'demo',
      'web',
      { type: 'merge', body: { spec: { replicas: 3 } } },
      { subresource: 'scale' },
    )
    const { spec } = await api.client.get(deployments, 'demo', 'web')
    assert.equal(spec.replicas, 3)
  })

  it('tells the scale of a DeploymentConfig in the version that discovery names', async () => {
    await using api = await open()
    const template = { metadata: { labels: { app: 'w' } }, spec: { containers: [{ name: 'c', image: 'i' }] } }
    const body = { metadata: { name: 'w' }, spec: { replicas: 1, selector: { app: 'w' }, template } } as never
    await api.client.create(deploymentConfigs, 'demo', body)
    const scale = await api.client.get(deploymentConfigs, 'demo', 'w', { subresource: 'scale' })
    assert.equal(scale.apiVersion, 'extensions/v1beta1')
    const status = { replicas: 0, selector: { app: 'w' }, targetSelector: 'app=w' }
    assert.deepEqual(scale.status as unknown, status)
    const wish = { ...scale, spec: { replicas: 3 } } as never
    await api.client.update(deploymentConfigs, 'demo', wish, { subresource: 'scale' })
    assert.equal((await api.client.get(deploymentConfigs, 'demo', 'w')).spec.replicas, 3)
  })

  it('changes only the status through status, and never through the object', async () => {
    await using api = await open()
    await deploy(api.client)
    const body = { spec: { replicas: 7 }, status: { replicas: 5 } }
    const bySpec = await api.client.patch(deployments, 'demo', 'web', { type: 'merge', body })
    assert.equal(bySpec.spec.replicas, 7)
    assert.equal(bySpec.status?.replicas, undefined)
    const byStatus = await api.client.patch(
      deployments,
      'demo',
      'web',
      { type: 'merge', body: { spec: { replicas: 1 }, status: { replicas: 5 } } },
      { subresource: 'status' },
    )
    assert.equal(byStatus.spec.replicas, 7)
    assert.equal(byStatus.status?.replicas, 5)
  })
})

function deploy(client: Client) {
  return client.create(deployments, 'demo', {
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
    },
  } as never)
}
