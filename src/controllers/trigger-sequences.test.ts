import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { type Deployment, deployments, imageStreams, imageStreamTags } from '../api/index.ts'
import { resolveTrigger, triggersAnnotation } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { eventually, openTriggerRig, type TriggerRig } from './trigger-rig.ts'

/** `alias` follows `v1` inside the stream. */
const tags = ['v1', 'v2', 'alias'] as const
type Tag = (typeof tags)[number]

type Step =
  | { kind: 'push'; tag: 'v1' | 'v2'; letter: string }
  | { kind: 'tag'; to: string }
  | { kind: 'delete'; tag: Tag }
  | { kind: 'pause' | 'resume'; tag: Tag }
  | { kind: 'restart' }

const anyTag = fc.constantFrom(...tags)
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({
      kind: fc.constant('push' as const),
      tag: fc.constantFrom('v1' as const, 'v2' as const),
      letter: fc.constantFrom('a', 'b', 'c', 'd'),
    }),
  },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('tag' as const), to: fc.constantFrom('v1', 'v2') }) },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('delete' as const), tag: anyTag }) },
  {
    weight: 3,
    arbitrary: fc.record({ kind: fc.constantFrom('pause' as const, 'resume' as const), tag: anyTag }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('restart' as const) }) },
)

function annotation(tag: Tag, paused: boolean): string {
  const fieldPath = 'spec.template.spec.containers[0].image'
  return JSON.stringify([{ from: { kind: 'ImageStreamTag', name: `app:${tag}` }, fieldPath, paused }])
}

async function addWorkload({ client }: TriggerRig, tag: Tag): Promise<void> {
  const spec = { containers: [{ name: 'web', image: 'placeholder' }] }
  await client.create(deployments, 'demo', {
    metadata: { name: tag, annotations: { [triggersAnnotation]: annotation(tag, false) } },
    spec: { selector: { matchLabels: { a: 'b' } }, template: { metadata: { labels: { a: 'b' } }, spec } },
  } as never)
}

async function take(rig: TriggerRig, step: Step): Promise<void> {
  const { client } = rig
  switch (step.kind) {
    case 'push':
      await rig.push('demo', 'app', step.tag, step.letter)
      break
    case 'tag': {
      const from = { kind: 'ImageStreamTag', name: `app:${step.to}` }
      const metadata = { name: 'app:alias', namespace: 'demo' }
      await client.update(imageStreamTags, 'demo', { metadata, tag: { name: 'alias', from } } as never)
      break
    }
    case 'delete':
      await client.delete(imageStreamTags, 'demo', `app:${step.tag}`)
      break
    case 'restart':
      await rig.stop()
      rig.start()
      break
    default: {
      const body = {
        metadata: { annotations: { [triggersAnnotation]: annotation(step.tag, step.kind === 'pause') } },
      }
      await client.patch(deployments, 'demo', step.tag, { type: 'merge', body })
    }
  }
}

async function imageOf({ client }: TriggerRig, tag: Tag): Promise<string | undefined> {
  const resolution = resolveTrigger(await client.get(imageStreams, 'demo', 'app'), tag)
  return resolution.kind === 'image' ? resolution.image : undefined
}

/** Runs the steps; answers with how often a workload had a reason to be written, and which are paused at the end. */
async function run(rig: TriggerRig, steps: readonly Step[]): Promise<{ moves: number; paused: Set<Tag> }> {
  const paused = new Set<Tag>()
  const seen = new Map<Tag, string | undefined>()
  let moves = 0
  for (const step of steps) {
    // A tag that is not there cannot be deleted or pointed to: the sequence goes on.
    await take(rig, step).catch((error: unknown) => {
      if (!isApiError(error)) throw error
    })
    if (step.kind === 'pause') paused.add(step.tag)
    if (step.kind === 'resume' && paused.delete(step.tag)) moves++
    for (const tag of tags) {
      const image = await imageOf(rig, tag)
      if (image !== undefined && image !== seen.get(tag)) moves++
      seen.set(tag, image)
    }
  }
  return { moves, paused }
}

/** How often the image of a workload changed after it was made, by the log. */
async function countWrites({ client, store }: TriggerRig): Promise<number> {
  const stopping = new AbortController()
  const { revision } = await client
    .create(deployments, 'demo', {
      ...(await client.get(deployments, 'demo', 'v1')),
      metadata: { name: 'last' },
    })
    .then(({ metadata }) => ({ revision: Number(metadata.resourceVersion) }))
  const images = new Map<string, unknown>()
  let writes = -tags.length
  for await (const event of store.watch('apps/deployments/demo/', 0, { signal: stopping.signal })) {
    if (event.revision >= revision) break
    const { spec } = JSON.parse(new TextDecoder().decode(event.value)) as Deployment
    const image = spec.template.spec.containers[0]?.image
    if (image !== images.get(event.key)) writes++
    images.set(event.key, image)
  }
  stopping.abort()
  return writes
}

describe('any sequence of moves, pauses and restarts', () => {
  it('ends with every workload on what its tag is, written no oftener than there was reason', async () => {
    const property = fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 25 }), async (steps) => {
      await using rig = await openTriggerRig()
      await rig.client.create(imageStreams, 'demo', { metadata: { name: 'app' } } as never)
      for (const tag of tags) await addWorkload(rig, tag)
      rig.start()
      const { moves, paused } = await run(rig, steps)
      for (const tag of tags) {
        const wanted = await imageOf(rig, tag)
        await eventually(async () => {
          const { spec } = await rig.client.get(deployments, 'demo', tag)
          if (wanted === undefined || paused.has(tag)) return
          assert.equal(spec.template.spec.containers[0]?.image, wanted)
        })
      }
      await rig.stop()
      const writes = await countWrites(rig)
      assert(writes <= moves, `${writes} writes for ${moves} moves`)
      assert.deepEqual(rig.failures, [])
    })
    await fc.assert(property, { numRuns: 40 })
  })
})
