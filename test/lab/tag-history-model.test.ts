import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  imageStreams,
  imageStreamTags,
  type TagEventRecord,
  tagEvents,
  tagRollbacks,
} from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { type Lab, openLab } from './open-lab.ts'
import { randomImage, type TestImage } from './random-image.ts'
import { tag } from './stream-steps.ts'

/** Random histories against a model: what each tag was after each commit, told by the log of the store itself. */

const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 2 ** 31))

/** mulberry32. */
function createRandom(start: number): () => number {
  let state = start
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

const tags = ['a', 'b', 'c', '1']
const users = ['alice', 'root']

interface Step {
  cause: string
  subject: string
  run(): Promise<unknown>
}

function chooseStep(lab: Lab, images: readonly TestImage[], random: () => number): Step {
  const pick = <T>(list: readonly T[]) => list[Math.floor(random() * list.length)] as T
  const subject = pick(users)
  const name = pick(tags)
  const image = pick(images)
  const as = lab.as(subject)
  const steps: Step[] = [
    { cause: 'push', subject, run: () => lab.push(`demo/app:${name}`, image, subject) },
    { cause: 'push', subject, run: () => lab.push(`demo/app:${name}`, image, subject) },
    {
      cause: 'tag',
      subject,
      run: () => tag(lab, `app:${name}`, { kind: 'ImageStreamTag', name: `app:${pick(tags)}` }, subject),
    },
    {
      cause: 'tag',
      subject,
      run: () => tag(lab, `app:${name}`, { kind: 'ImageStreamImage', name: `app@${image.digest}` }, subject),
    },
    { cause: 'tag', subject, run: () => as.delete(imageStreamTags, 'demo', `app:${name}`) },
    {
      cause: 'rollback',
      subject,
      run: () => as.create(tagRollbacks, 'demo', { metadata: { name: `app:${name}` }, spec: {} }),
    },
    {
      cause: 'api',
      subject: 'root',
      async run() {
        const stream = await lab.client.get(imageStreams, 'demo', 'app')
        const cut = (stream.status.tags ?? []).map((each) => ({
          ...each,
          items: (each.items ?? []).slice(1),
        }))
        const status = { ...stream.status, tags: cut.filter(({ items }) => items.length > 0) }
        await lab.as('root').update(imageStreams, 'demo', { ...stream, status }, { subresource: 'status' })
      },
    },
    ...(random() < 0.2
      ? [{ cause: 'api', subject, run: () => as.delete(imageStreams, 'demo', 'app') } satisfies Step]
      : []),
  ]
  return pick(steps)
}

/** The client's mistakes are part of the game. */
function mistakes(error: unknown): void {
  if (!isApiError(error) || error.code >= 500) throw error
}

interface Move {
  tag: string
  before: string
  after: string
}

/** What every commit of the stream moved, by revision, read from the log. */
async function movesInLog(lab: Lab): Promise<Map<string, Move[]>> {
  const moves = new Map<string, Move[]>()
  let known = new Map<string, string>()
  const stop = new AbortController()
  const last = lab.store.revision()
  const current = (value: Uint8Array) => {
    const { status } = JSON.parse(Buffer.from(value).toString()) as {
      status: { tags?: { tag: string; items: { image: string }[] | null }[] }
    }
    return new Map(
      (status.tags ?? []).flatMap(({ tag: name, items }) =>
        items?.[0] ? [[name, items[0].image] as const] : [],
      ),
    )
  }
  const options = {
    signal: stop.signal,
    onProgress: (revision: number) => {
      if (revision >= last) stop.abort()
    },
  }
  const key = 'image.openshift.io/imagestreams/demo/app'
  for await (const event of lab.store.watch(key, lab.store.compacted(), options)) {
    const next = event.type === 'delete' ? new Map<string, string>() : current(event.value)
    const names = new Set([...known.keys(), ...next.keys()])
    const moved = [...names]
      .filter((name) => known.get(name) !== next.get(name))
      .map((name) => ({ tag: name, before: known.get(name) ?? '', after: next.get(name) ?? '' }))
    const told = event.type === 'delete' && moved.length > 0 ? [{ tag: '', before: '', after: '' }] : moved
    if (told.length > 0) moves.set(String(event.revision), told)
    known = next
    if (event.revision >= last) break
  }
  return moves
}

function recordedMoves(records: readonly TagEventRecord[]): Map<string, Move[]> {
  const byRevision = Map.groupBy(records, ({ metadata }) => metadata.resourceVersion ?? '')
  return new Map(
    [...byRevision].map(([revision, all]) => [
      revision,
      all.map(({ tag: name, before, after }) => ({
        tag: name,
        before: before?.image ?? '',
        after: after?.image ?? '',
      })),
    ]),
  )
}

const sorted = (moves: ReadonlyMap<string, Move[]>) =>
  [...moves]
    .map(
      ([revision, all]) =>
        [Number(revision), all.map(({ tag: t, before, after }) => `${t} ${before}>${after}`).sort()] as const,
    )
    .sort(([a], [b]) => a - b)

describe('random histories', () => {
  it('are recorded move by move, with the right cause and subject, and read back as of any time', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const random = createRandom(seed)
    const images = ['one', 'two', 'three', 'four'].map((name) => randomImage(name))
    await lab.push('demo/app:a', images[0] as TestImage)
    const seen = new Map<string, Map<string, string>>()
    const causes = new Map<string, string>([[String(lab.store.revision()), 'push alice']])
    for (let n = 0; n < 60; n++) {
      lab.clock.advance(1000)
      const { cause, subject, run } = chooseStep(lab, images, random)
      const before = lab.store.revision()
      await run().catch(mistakes)
      for (let revision = before + 1; revision <= lab.store.revision(); revision++) {
        causes.set(String(revision), `${cause} ${subject}`)
      }
      const stream = await lab.client.get(imageStreams, 'demo', 'app').catch(() => undefined)
      const now = new Map((stream?.status.tags ?? []).map((each) => [each.tag, each.items?.[0]?.image ?? '']))
      // Moves of one millisecond are microseconds apart.
      lab.clock.advance(1)
      seen.set(lab.clock.now().toISOString(), now)
    }
    const { items } = await lab.client.list(tagEvents, 'demo')
    assert.deepEqual(sorted(recordedMoves(items)), sorted(await movesInLog(lab)), `SEED=${seed}`)
    for (const { metadata, cause, subject } of items) {
      const expected = causes.get(metadata.resourceVersion ?? '')
      assert.equal(`${cause} ${subject}`, expected, `SEED=${seed} ${metadata.name}`)
    }
    for (const [time, now] of seen) {
      for (const name of tags) {
        const asOf = await lab.client.get(imageStreamTags, 'demo', `app:${name}`, { at: time }).then(
          ({ image }) => image.metadata.name,
          () => undefined,
        )
        assert.equal(asOf, now.get(name), `SEED=${seed} ${name} at ${time}`)
      }
    }
  })

  it('are recorded move by move under many writers', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const random = createRandom(seed + 1)
    const images = ['one', 'two', 'three'].map((name) => randomImage(name))
    await lab.push('demo/app:a', images[0] as TestImage)
    await Promise.all(
      Array.from({ length: 8 }, async () => {
        for (let n = 0; n < 12; n++) await chooseStep(lab, images, random).run().catch(mistakes)
      }),
    )
    const { items } = await lab.client.list(tagEvents, 'demo')
    assert.deepEqual(sorted(recordedMoves(items)), sorted(await movesInLog(lab)), `SEED=${seed}`)
    // Names, and so the order within a tag, are the order of the commits.
    for (const own of Map.groupBy(items, ({ tag: name }) => name).values()) {
      const revisions = own.map(({ metadata }) => Number(metadata.resourceVersion))
      assert.deepEqual(
        revisions,
        revisions.toSorted((a, b) => b - a),
        `SEED=${seed}`,
      )
    }
  })
})
