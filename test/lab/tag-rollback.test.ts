import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  deployments,
  imageStreams,
  imageStreamTags,
  images,
  type TagRollback,
  tagEvents,
  tagHolds,
  tagRollbacks,
} from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { type Lab, openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { digestsOf, eventsOf, tag } from './stream-steps.ts'

const rollback = (lab: Lab, name: string, spec: TagRollback['spec'] = {}, as = 'alice') =>
  lab.as(as).create(tagRollbacks, 'demo', { metadata: { name }, spec })

async function pushes(lab: Lab, reference: string, ...seeds: string[]): Promise<string[]> {
  const digests: string[] = []
  for (const seed of seeds) {
    digests.push((await lab.push(reference, randomImage(seed))).digest)
    lab.clock.advance(60_000)
  }
  return digests
}

const current = async (lab: Lab, name: string) => (await digestsOf(lab, 'app', name))[0]

/** Rejects with an ApiError whose message has the text. */
const refused = (work: Promise<unknown>, code: number, text: RegExp) =>
  assert.rejects(work, (error: unknown) => {
    assert.ok(isApiError(error), String(error))
    assert.match(error.message, text)
    assert.equal(error.code, code)
    return true
  })

describe('a rollback', () => {
  it('moves the tag back in one commit, with its record, and a second one goes further back', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const [one, two, three] = (await pushes(lab, 'demo/app:v1', 'one', 'two', 'three')) as [
      string,
      string,
      string,
    ]
    const before = await lab.client.get(imageStreams, 'demo', 'app')
    const done = await rollback(lab, 'app:v1', { message: 'it crashes' })
    assert.deepEqual(
      [done.status?.before.image, done.status?.after.image, done.status?.held],
      [three, two, false],
    )
    const after = await lab.client.get(imageStreams, 'demo', 'app')
    assert.equal(after.metadata.generation, before.metadata.generation)
    assert.deepEqual(after.spec, before.spec)
    assert.deepEqual(await digestsOf(lab, 'app', 'v1'), [two, three, two, one])
    const [record] = (await lab.client.list(tagEvents, 'demo', { fieldSelector: 'stream=app,tag=v1' })).items
    assert.deepEqual(
      [record?.cause, record?.subject, record?.message, record?.before?.image, record?.after?.image],
      ['rollback', 'alice', 'it crashes', three, two],
    )
    assert.equal(record?.metadata.resourceVersion, after.metadata.resourceVersion)
    assert.equal((await rollback(lab, 'app:v1')).status?.after.image, one)
    await refused(rollback(lab, 'app:v1'), 422, /no earlier image of the tag that was not rejected/)
    assert.equal((await rollback(lab, 'app:v1', { to: three })).status?.after.image, three)
  })

  it('goes to a number of images back, a digest or a time', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const [one, two, three] = (await pushes(lab, 'demo/app:v1', 'one', 'two', 'three')) as [
      string,
      string,
      string,
    ]
    assert.equal((await rollback(lab, 'app:v1', { to: '2' })).status?.after.image, one)
    assert.equal((await rollback(lab, 'app:v1', { to: three })).status?.after.image, three)
    assert.equal((await rollback(lab, 'app:v1', { to: two.slice(7, 20) })).status?.after.image, two)
    assert.equal((await rollback(lab, 'app:v1', { to: '2026-01-01T12:00Z' })).status?.after.image, one)
    assert.equal((await rollback(lab, 'app:v1', { to: '-30s' })).status?.after.image, three)
  })

  it('says precisely what is wrong', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const [one, two] = (await pushes(lab, 'demo/app:v1', 'one', 'two')) as [string, string]
    await tag(lab, 'app:ref', { kind: 'DockerImage', name: 'quay.io/o/app:1' })
    await refused(rollback(lab, 'none:v1'), 404, /imagestreamtags.image.openshift.io "none" not found/)
    await refused(rollback(lab, 'app:v9'), 404, /imagestreamtags.image.openshift.io "app:v9" not found/)
    await refused(rollback(lab, 'app'), 422, /must be <stream>:<tag>/)
    await refused(rollback(lab, 'app:v1', { to: '0' }), 422, /spec.to: Invalid value: "0": must be a number/)
    await refused(
      rollback(lab, 'app:v1', { to: 'yesterday' }),
      422,
      /must be a number of images back, a digest/,
    )
    await refused(rollback(lab, 'app:v1', { to: '5' }), 422, /has only 1 earlier image/)
    await refused(rollback(lab, 'app:v1', { to: `sha256:${'0'.repeat(64)}` }), 422, /never was that image/)
    await refused(rollback(lab, 'app:v1', { to: two }), 422, /stands for .* already/)
    await refused(rollback(lab, 'app:v1', { to: '2020-01-01' }), 422, /stood for no image then/)
    await refused(rollback(lab, 'app:v1', { rejects: one }), 409, /has moved on to sha256/)
    await refused(rollback(lab, 'app:v1', {}, 'bob'), 403, /cannot create resource "tagrollbacks"/)
    await lab.client.delete(images, '', one)
    await refused(rollback(lab, 'app:v1'), 422, /has been pruned/)
    assert.equal(await current(lab, 'v1'), two)
  })

  it('takes along what tracks the tag, and rolls the workloads', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const [one] = (await pushes(lab, 'demo/app:v1', 'one')) as [string]
    await tag(lab, 'app:latest', { kind: 'ImageStreamTag', name: 'app:v1' })
    const trigger = [
      {
        from: { kind: 'ImageStreamTag', name: 'app:latest' },
        fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
      },
    ]
    await lab.as('alice').create(deployments, 'demo', {
      metadata: { name: 'web', annotations: { 'image.openshift.io/triggers': JSON.stringify(trigger) } },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: 'web' }] },
        },
      },
    } as never)
    const until = async (digest: string) => {
      for await (const event of lab.client.watch(deployments, 'demo')) {
        assert.ok(event.type !== 'ERROR' && event.type !== 'BOOKMARK')
        if (event.object.spec.template.spec?.containers[0]?.image?.endsWith(digest)) return
      }
    }
    await until(one)
    const [two] = (await pushes(lab, 'demo/app:v1', 'two')) as [string]
    await until(two)
    await rollback(lab, 'app:v1')
    await until(one)
    assert.deepEqual([await current(lab, 'v1'), await current(lab, 'latest')], [one, one])
  })
})

describe('a tag that tracks another and was rolled back', () => {
  async function story(lab: Lab) {
    await lab.project('demo')
    const digests = await pushes(lab, 'demo/app:v1', 'one')
    await tag(lab, 'app:latest', { kind: 'ImageStreamTag', name: 'app:v1' })
    digests.push(...(await pushes(lab, 'demo/app:v1', 'two')))
    const done = await rollback(lab, 'app:latest', { message: 'bad' })
    assert.equal(done.status?.held, true)
    return digests as [string, string]
  }

  it('stays while its source offers what was rejected, and follows what is new', async () => {
    await using lab = await openLab()
    const [one, two] = await story(lab)
    assert.deepEqual([await current(lab, 'v1'), await current(lab, 'latest')], [two, one])
    const { rejected, subject, message } = await lab.client.get(tagHolds, 'demo', 'app:latest')
    assert.deepEqual({ rejected, subject, message }, { rejected: [two], subject: 'alice', message: 'bad' })
    // The source goes away from it and comes back to it: rejected is rejected.
    await rollback(lab, 'app:v1')
    assert.equal(await current(lab, 'v1'), one)
    await lab.push('demo/app:v1', randomImage('two'))
    assert.deepEqual([await current(lab, 'v1'), await current(lab, 'latest')], [two, one])
    const [three] = await pushes(lab, 'demo/app:v1', 'three')
    assert.equal(await current(lab, 'latest'), three)
    await refused(lab.client.get(tagHolds, 'demo', 'app:latest'), 404, /not found/)
  })

  it('is held through writes of clients that know nothing of it', async () => {
    await using lab = await openLab()
    const [one] = await story(lab)
    const stream = await lab.as('alice').get(imageStreams, 'demo', 'app')
    const { annotations: _, ...metadata } = stream.metadata
    await lab.as('alice').update(imageStreams, 'demo', { ...stream, metadata })
    await lab.as('alice').patch(
      imageStreams,
      'demo',
      'app',
      {
        type: 'apply',
        body: {
          apiVersion: 'image.openshift.io/v1',
          kind: 'ImageStream',
          metadata: { name: 'app' },
          spec: { tags: [{ name: 'latest', from: { kind: 'ImageStreamTag', name: 'app:v1' } }] },
        },
      },
      { fieldManager: 'gitops', force: true },
    )
    await tag(lab, 'app:latest', { kind: 'ImageStreamTag', name: 'app:v1' })
    await tag(lab, 'app:other', { kind: 'ImageStreamTag', name: 'app:v1' })
    assert.equal(await current(lab, 'latest'), one)
    assert.equal((await lab.client.list(tagHolds, 'demo')).items.length, 1)
  })

  it('follows at once when it is resumed', async () => {
    await using lab = await openLab()
    const [, two] = await story(lab)
    await refused(
      lab.as('bob').delete(tagHolds, 'demo', 'app:latest'),
      403,
      /cannot delete resource "tagholds"/,
    )
    await lab.as('alice').delete(tagHolds, 'demo', 'app:latest')
    assert.equal(await current(lab, 'latest'), two)
    assert.deepEqual((await lab.client.list(tagHolds, 'demo')).items, [])
    const [record] = (await lab.client.list(tagEvents, 'demo', { fieldSelector: 'stream=app,tag=latest' }))
      .items
    assert.deepEqual(
      [record?.cause, record?.subject, record?.message, record?.source?.name],
      ['tag', 'alice', 'resumed', 'app:v1'],
    )
    await refused(lab.as('alice').delete(tagHolds, 'demo', 'app:latest'), 404, /not found/)
  })

  for (const [what, write] of [
    ['points it elsewhere', (lab: Lab) => tag(lab, 'app:latest', { kind: 'ImageStreamTag', name: 'app:v2' })],
    ['deletes it', (lab: Lab) => lab.as('alice').delete(imageStreamTags, 'demo', 'app:latest')],
    ['deletes the stream', (lab: Lab) => lab.as('alice').delete(imageStreams, 'demo', 'app')],
    ['pushes what was rejected', (lab: Lab) => lab.push('demo/app:latest', randomImage('two'))],
  ] as const) {
    it(`is no longer held when somebody ${what}`, async () => {
      await using lab = await openLab()
      await story(lab)
      await write(lab)
      assert.deepEqual((await lab.client.list(tagHolds, 'demo')).items, [])
    })
  }

  it('stays held when somebody pushes something else to it', async () => {
    await using lab = await openLab()
    await story(lab)
    await pushes(lab, 'demo/app:latest', 'mine')
    assert.equal((await lab.client.list(tagHolds, 'demo')).items.length, 1)
    assert.equal((await eventsOf(lab, 'app', 'latest')).length, 4)
  })
})
