import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { events, type ImagePruner, imagePruners, type Pod, pods } from '../../src/api/index.ts'
import { conditionOf, lastScheduleAnnotation } from '../../src/image/index.ts'
import { fourImages, minute, old, openPruneRig, type PruneRig } from './prune-rig.ts'

/** The pruner that runs by itself (pruning.md §10), on the lab's clock. */

async function change({ lab }: PruneRig, body: object): Promise<void> {
  await lab.client.patch(imagePruners, '', 'cluster', { type: 'merge', body })
}

/** The object, once it is as asked for. */
async function until({ lab }: PruneRig, isReached: (pruner: ImagePruner) => boolean): Promise<ImagePruner> {
  for await (const event of lab.client.watch(imagePruners, '', { signal: AbortSignal.timeout(20_000) })) {
    if (event.type !== 'ERROR' && isReached(event.object)) return event.object
  }
  throw new Error('it never came')
}

const hasRun = (pruner: ImagePruner) => pruner.metadata.annotations?.[lastScheduleAnnotation] !== undefined

async function example() {
  const rig = await openPruneRig()
  const four = fourImages()
  await rig.stream('s', { latest: old(four.a, four.b, four.c, four.d) })
  return { rig, ...four }
}

async function switchOn(rig: PruneRig, spec: object = {}): Promise<void> {
  await change(rig, { spec: { suspend: false, ...spec } })
  await until(rig, (pruner) => conditionOf(pruner, 'Scheduled')?.status === 'True')
}

/** Turns the clock, and makes the controller look at it. */
async function turn(rig: PruneRig, minutes: number): Promise<void> {
  rig.lab.clock.advance(minutes * minute)
  await change(rig, { metadata: { labels: { looked: String(rig.lab.clock.now().getTime()) } } })
}

describe('the pruner that runs by itself', () => {
  it('is there, and off', async () => {
    await using rig = await openPruneRig()
    const pruner = await until(rig, (one) => conditionOf(one, 'Scheduled') !== undefined)
    assert.equal(pruner.spec.suspend, true)
    assert.equal(conditionOf(pruner, 'Scheduled')?.reason, 'Suspended')
  })

  it('prunes at its time, tells of it, and waits for the next', async () => {
    const { a, b, c, d, ...made } = await example()
    await using rig = made.rig
    await switchOn(rig)
    await turn(rig, 60)
    assert.equal((await rig.items('s', 'latest')).length, 4)
    await turn(rig, 11 * 60)
    const pruner = await until(rig, hasRun)
    assert.equal(pruner.metadata.annotations?.[lastScheduleAnnotation], '2026-01-02T00:00:00Z')
    assert.deepEqual(await rig.items('s', 'latest'), [a.digest, b.digest, c.digest])
    assert.deepEqual(
      [await rig.hasImage(d), await rig.hasBlob(d), await rig.hasBlob(c)],
      [false, false, true],
    )
    const failed = conditionOf(pruner, 'Failed')
    assert.deepEqual([failed?.status, failed?.reason], ['False', 'Complete'])
    assert.match(failed?.message ?? '', /^removed 1 tag items, 1 images and 3 blobs in /)
    const event = await rig.lab.client.get(events, 'default', 'cluster.pruned')
    assert.deepEqual([event.reason, event.type, event.count], ['Pruned', 'Normal', 1])
    const next = await until(rig, (one) => /01-03/.test(conditionOf(one, 'Scheduled')?.message ?? ''))
    assert.equal(conditionOf(next, 'Scheduled')?.message, 'the next run is at 2026-01-03T00:00:00Z')
  })

  it('makes up for missed times once', async () => {
    const { d, ...made } = await example()
    await using rig = made.rig
    await switchOn(rig)
    await turn(rig, 5 * 24 * 60)
    const pruner = await until(rig, hasRun)
    assert.equal(pruner.metadata.annotations?.[lastScheduleAnnotation], '2026-01-06T00:00:00Z')
    assert.equal(await rig.hasImage(d), false)
    assert.equal((await rig.lab.client.get(events, 'default', 'cluster.pruned')).count, 1)
  })

  it('keeps as many revisions and as young ones as it is told', async () => {
    const { a, b, c, d, ...made } = await example()
    await using rig = made.rig
    await switchOn(rig, { keepTagRevisions: 1, keepYoungerThanDuration: '100h' })
    await turn(rig, 12 * 60)
    await until(rig, hasRun)
    assert.equal((await rig.items('s', 'latest')).length, 4)
    await change(rig, { spec: { keepYoungerThanDuration: '1h' } })
    await turn(rig, 24 * 60)
    await until(rig, (one) => one.metadata.annotations?.[lastScheduleAnnotation] === '2026-01-03T00:00:00Z')
    assert.deepEqual(await rig.items('s', 'latest'), [a.digest])
    assert.deepEqual(await Promise.all([a, b, c, d].map(rig.hasImage)), [true, false, false, false])
  })

  it('does nothing when a reference cannot be read, and says so', async () => {
    const { ...made } = await example()
    await using rig = made.rig
    const spec = { containers: [{ name: 'c', image: 'Not An Image' }] }
    await rig.lab.client.create(pods, 'demo', { metadata: { name: 'bad' }, spec } as Pod)
    await switchOn(rig)
    await turn(rig, 12 * 60)
    const pruner = await until(rig, hasRun)
    const failed = conditionOf(pruner, 'Failed')
    assert.equal(failed?.status, 'True')
    assert.match(failed?.message ?? '', /^invalid references: pod\/bad namespace=demo: container c: /)
    assert.equal((await rig.items('s', 'latest')).length, 4)
    assert.equal((await rig.lab.client.get(events, 'default', 'cluster.prunefailed')).type, 'Warning')
  })

  it('refuses a schedule that is none', async () => {
    await using rig = await openPruneRig()
    await assert.rejects(
      change(rig, { spec: { schedule: 'every day' } }),
      /spec\.schedule: Invalid value: "every day": a schedule has five fields, not 2/,
    )
  })
})
