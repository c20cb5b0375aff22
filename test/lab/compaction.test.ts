import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { configMaps } from '../../src/api/index.ts'
import type { KubeList } from '../../src/machinery/object.ts'
import { type Lab, openLab } from './open-lab.ts'

/** What clients are told that ask for history which the store has forgotten (image-api.md §2.1, §16). */

const path = '/api/v1/namespaces/demo/configmaps'

async function openTown(): Promise<Lab> {
  const lab = await openLab()
  await lab.project('demo')
  for (const name of ['a', 'b', 'c', 'd']) await write(lab, name)
  return lab
}

async function write(lab: Lab, name: string): Promise<void> {
  await lab.client.create(configMaps, 'demo', { metadata: { name } } as never)
}

/** Forgets all history but the newest state; the revision that was newest before the last write. */
async function forget(lab: Lab): Promise<number> {
  const before = lab.store.revision()
  await write(lab, 'z')
  await lab.store.compact(lab.store.revision())
  return before
}

const expired = (message: string) => ({
  kind: 'Status',
  apiVersion: 'v1',
  metadata: {},
  status: 'Failure',
  message,
  reason: 'Expired',
  code: 410,
})

const namesOf = ({ items }: KubeList) => items.map(({ metadata }) => metadata.name)

describe('after history was forgotten', () => {
  it('a watch from before ends with 410', async () => {
    await using lab = await openTown()
    const before = await forget(lab)
    const { status, text } = await lab.call('GET', `${path}?watch=true&resourceVersion=${before}`)
    assert.equal(status, 200)
    const oldest = lab.store.revision()
    assert.deepEqual(JSON.parse(text), {
      type: 'ERROR',
      object: expired(`too old resource version: ${before} (${oldest})`),
    })
  })

  it('a watch that keeps up goes on', async () => {
    await using lab = await openTown()
    const { metadata } = await lab.client.list(configMaps, 'demo')
    const from = { resourceVersion: metadata.resourceVersion ?? '' }
    const watch = lab.client.watch(configMaps, 'demo', from)[Symbol.asyncIterator]()
    const first = watch.next()
    await forget(lab)
    assert.equal((await first).value.object.metadata.name, 'z')
    const second = watch.next()
    await write(lab, 'zz')
    assert.equal((await second).value.object.metadata.name, 'zz')
    await watch.return?.()
  })

  it('a page from before answers 410, with a token to go on as things are now', async () => {
    await using lab = await openTown()
    const first = (await lab.call('GET', `${path}?limit=2`)).json<KubeList>()
    await forget(lab)
    const old = await lab.call('GET', `${path}?limit=2&continue=${first.metadata.continue}`)
    assert.equal(old.status, 410)
    const { metadata, reason, message } = old.json<{
      metadata: { continue: string }
      reason: string
      message: string
    }>()
    assert.equal(reason, 'Expired')
    assert.match(message, /^The provided continue parameter is too old to display a consistent list result\./)
    const next = await lab.call('GET', `${path}?limit=1&continue=${metadata.continue}`)
    assert.equal(next.status, 200)
    const rest = await lab.call('GET', `${path}?continue=${next.json<KubeList>().metadata.continue}`)
    const names = [first, next.json<KubeList>(), rest.json<KubeList>()].map(namesOf)
    assert.deepEqual(names, [['a', 'b'], ['c'], ['d', 'z']])
  })

  it('a list at a revision from before answers 410', async () => {
    await using lab = await openTown()
    const before = await forget(lab)
    const at = (match: string) =>
      lab.call('GET', `${path}?resourceVersion=${before}&resourceVersionMatch=${match}`)
    const exact = await at('Exact')
    assert.equal(exact.status, 410)
    assert.deepEqual(exact.json(), expired('The resourceVersion for the provided list is too old.'))
    const newer = await at('NotOlderThan')
    assert.deepEqual(namesOf(newer.json<KubeList>()), ['a', 'b', 'c', 'd', 'z'])
  })
})
