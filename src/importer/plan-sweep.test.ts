import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import type { ImageStream } from '../api/image/index.ts'
import { canonicalImageStream } from '../api/image/index.ts'
import type { ProbeOutcome, SweepMemory } from './plan-sweep.ts'
import { applyProbe, defaultSweepSettings, planSweep } from './plan-sweep.ts'
import type { ScheduledTag } from './scheduled-tags.ts'
import { scheduledTags } from './scheduled-tags.ts'
import { parseInterval } from './sweep-interval.ts'

const minute = 60_000
const intervals = { interval: 15 * minute, shortestInterval: minute }
const digestA = `sha256:${'a'.repeat(64)}`
const digestB = `sha256:${'b'.repeat(64)}`

function streamOf(
  name: string,
  tags: object[],
  more: { annotations?: object; status?: object } = {},
): ImageStream {
  const { annotations, status } = more
  return canonicalImageStream({
    metadata: { name, namespace: 'demo', annotations },
    spec: { tags },
    status,
  } as unknown as ImageStream)
}

const scheduled = (from: string, more: object = {}) => ({
  name: 'latest',
  from: { kind: 'DockerImage', name: from },
  importPolicy: { scheduled: true },
  generation: 1,
  ...more,
})

const imported = (image: string, generation = 1) => ({
  tags: [{ tag: 'latest', items: [{ created: null, dockerImageReference: 'x', image, generation }] }],
})

describe('scheduledTags()', () => {
  const namesOf = (tag: object, status?: object) =>
    scheduledTags(streamOf('app', [tag], { ...(status && { status }) }), intervals)
  it('takes what is scheduled and can be imported', () => {
    assert.equal(namesOf(scheduled('quay.io/a/b')).length, 1)
    assert.equal(namesOf(scheduled('quay.io/a/b', { reference: true })).length, 0)
    assert.equal(namesOf(scheduled('quay.io/a/b', { importPolicy: {} })).length, 0)
    assert.equal(namesOf(scheduled('Not a reference')).length, 0)
    assert.equal(namesOf(scheduled('x:y', { from: { kind: 'ImageStreamTag', name: 'x:y' } })).length, 0)
  })
  it('leaves a digest alone once it was imported, retries it until then', () => {
    const pinned = scheduled(`quay.io/a/b@${digestA}`)
    assert.equal(namesOf(pinned).length, 1)
    assert.equal(namesOf(pinned, imported(digestA)).length, 0)
    assert.equal(namesOf({ ...pinned, generation: 2 }, imported(digestA)).length, 1)
  })
  it('reads the interval of the tag, within bounds', () => {
    const own = (text: string) =>
      namesOf(scheduled('quay.io/a/b', { annotations: { 'weir.dev/import-interval': text } }))[0]?.interval
    assert.equal(own('1h30m'), 90 * minute)
    assert.equal(own('1s'), minute)
    assert.equal(own('soon'), 15 * minute)
  })
  it('parseInterval() refuses what it does not understand', () => {
    for (const text of ['', '5', 'm', '5m ', '-5m', '5 m', '0s', '1h5'])
      assert.equal(parseInterval(text), undefined, text)
  })
})

/** Runs sweeps and remembers, as a controller would. */
function sweeper(tags: ScheduledTag[], answer: (key: string) => ProbeOutcome) {
  let memory: SweepMemory = new Map()
  const looks: string[] = []
  return {
    looks,
    /** Sweeps at that time; resolves to the tags imported. */
    at(now: number): string[] {
      const plan = planSweep(tags, memory, now, defaultSweepSettings)
      const next = new Map(plan.memory)
      const imports = plan.probes.flatMap((probe) => {
        looks.push(probe.key)
        const result = applyProbe(probe, next.get(probe.key), answer(probe.key), now, defaultSweepSettings)
        next.set(probe.key, result.memory)
        return result.imports
      })
      memory = next
      return imports.map(({ stream }) => stream)
    },
  }
}

describe('planSweep()', () => {
  const followers = (count: number, from = 'quay.io/a/b', image = digestA) =>
    Array.from({ length: count }, (_, n) =>
      scheduledTags(streamOf(`app${n}`, [scheduled(from)], { status: imported(image) }), intervals),
    ).flat()

  it('asks once for a reference however many tags follow it, and under whatever name', () => {
    const tags = [...followers(500, 'docker.io/library/ruby:3'), ...followers(500, 'ruby:3')]
    const sweep = sweeper(tags, () => ({ kind: 'digest', digest: digestA }))
    sweep.at(0)
    assert.deepEqual(sweep.at(16 * minute), [])
    assert.equal(sweep.looks.length, 1)
  })

  it('imports all followers when the digest moves, and none when it does not', () => {
    let digest = digestA
    const sweep = sweeper(followers(3), () => ({ kind: 'digest', digest }))
    sweep.at(0)
    assert.deepEqual(sweep.at(20 * minute), [])
    digest = digestB
    assert.deepEqual(sweep.at(40 * minute), ['app0', 'app1', 'app2'])
  })

  it('a list is imported once, though no tag ever holds its digest', () => {
    const sweep = sweeper(followers(1), () => ({ kind: 'digest', digest: digestB }))
    sweep.at(0)
    assert.deepEqual(sweep.at(20 * minute), ['app0'])
    assert.deepEqual(sweep.at(40 * minute), [])
  })

  it('a lasting failure is imported once, a temporary one when it happens again, a throttled one never', () => {
    let outcome: ProbeOutcome = { kind: 'failed', problem: 'not-found', isTemporary: false }
    const sweep = sweeper(followers(1), () => outcome)
    sweep.at(0)
    const hours = (n: number) => n * 60 * minute
    assert.deepEqual([sweep.at(hours(1)), sweep.at(hours(10)), sweep.at(hours(20))], [['app0'], [], []])
    outcome = { kind: 'digest', digest: digestA }
    assert.deepEqual(sweep.at(hours(30)), ['app0'], 'the condition has to go')
    outcome = { kind: 'failed', problem: 'network', isTemporary: true }
    assert.deepEqual([sweep.at(hours(40)), sweep.at(hours(50)), sweep.at(hours(60))], [[], ['app0'], []])
    outcome = { kind: 'failed', problem: '', isTemporary: false }
    assert.deepEqual([sweep.at(hours(70)), sweep.at(hours(80))], [[], []])
  })

  it('failures back off, and Retry-After is waited for', () => {
    const [probe] = planSweep(followers(1), new Map(), 0, defaultSweepSettings).memory
    assert.ok(probe !== undefined)
    const planned = { key: probe[0], followers: followers(1), dueAt: 0 }
    let memory = probe[1]
    const waits: number[] = []
    for (let n = 0; n < 8; n++) {
      memory = applyProbe(
        planned,
        memory,
        { kind: 'failed', problem: 'network', isTemporary: true },
        0,
        defaultSweepSettings,
      ).memory
      waits.push(memory.nextAt)
    }
    assert.ok(waits.every((wait, index) => index === 0 || wait >= (waits[index - 1] as number)))
    assert.ok((waits.at(-1) as number) <= 6 * 60 * minute * 1.1)
    const throttled: ProbeOutcome = {
      kind: 'failed',
      problem: '',
      isTemporary: false,
      retryAfterSeconds: 86_400,
    }
    assert.ok(applyProbe(planned, memory, throttled, 0, defaultSweepSettings).memory.nextAt >= 86_400_000)
  })

  it('takes the most overdue when there are too many, and forgets what nobody follows', () => {
    const tags = Array.from({ length: 10 }, (_, n) => followers(1, `quay.io/a/b${n}`)).flat()
    const settings = { ...defaultSweepSettings, most: 3 }
    const { memory } = planSweep(tags, new Map(), 0, settings)
    assert.equal(memory.size, 10)
    const plan = planSweep(tags, memory, 60 * minute, settings)
    assert.equal(plan.probes.length, 3)
    const dues = [...plan.memory.values()].map(({ nextAt }) => nextAt).sort((a, b) => a - b)
    assert.deepEqual(
      plan.probes.map(({ dueAt }) => dueAt),
      dues.slice(0, 3),
    )
    assert.equal(planSweep(tags.slice(0, 2), memory, 0, settings).memory.size, 2)
    assert.equal(planSweep([], memory, 0, settings).wakeAt, undefined)
  })

  it('every follower is looked at within twice its interval, and not more often than it asked for', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({ interval: fc.integer({ min: 2, max: 60 }), reference: fc.integer({ min: 0, max: 5 }) }),
          { minLength: 1 },
        ),
        (entries) => {
          const tags = entries.flatMap(({ interval, reference }, n) =>
            scheduledTags(
              streamOf(
                `app${n}`,
                [
                  scheduled(`quay.io/a/b${reference}`, {
                    annotations: { 'weir.dev/import-interval': `${interval}m` },
                  }),
                ],
                {
                  status: imported(digestA),
                },
              ),
              intervals,
            ),
          )
          const sweep = sweeper(tags, () => ({ kind: 'digest', digest: digestA }))
          for (let now = 0; now <= 240 * minute; now += minute) sweep.at(now)
          for (const key of new Set(tags.map(({ probe }) => probe))) {
            const shortest = Math.min(
              ...tags.filter(({ probe }) => probe === key).map(({ interval }) => interval),
            )
            const looks = sweep.looks.filter((look) => look === key).length
            assert.ok(
              looks >= Math.floor((240 * minute) / (2 * shortest)),
              `${looks} looks at ${shortest / minute} m`,
            )
            assert.ok(looks <= (240 * minute) / (shortest * 0.9) + 1)
          }
        },
      ),
      { numRuns: 20 },
    )
  })
})
