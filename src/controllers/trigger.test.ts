import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  configMaps,
  cronJobs,
  type Deployment,
  daemonSets,
  deployments,
  events,
  imageStreams,
  jobs,
  replicaSets,
  replicationControllers,
  statefulSets,
} from '../api/index.ts'
import { triggersAnnotation } from '../image/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { eventually, openTriggerRig, type TriggerRig } from './trigger-rig.ts'

const web = 'spec.template.spec.containers[?(@.name=="web")].image'
const following = (name: string, fieldPath = web, more: object = {}) =>
  JSON.stringify([{ from: { kind: 'ImageStreamTag', name, ...more }, fieldPath }])

const template = {
  metadata: { labels: { a: 'b' } },
  spec: { containers: [{ name: 'web', image: 'placeholder' }] },
}

function deployment(triggers: string, name = 'web'): Deployment {
  return {
    metadata: { name, annotations: { [triggersAnnotation]: triggers } },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  } as never
}

async function addStream({ client }: TriggerRig, name: string, namespace = 'demo') {
  await client.create(imageStreams, namespace, { metadata: { name } } as never)
}

const imageOf = async ({ client }: TriggerRig, name = 'web') =>
  (await client.get(deployments, 'demo', name)).spec.template.spec.containers[0]?.image

const follows = (rig: TriggerRig, image: string, name?: string) =>
  eventually(async () => assert.equal(await imageOf(rig, name), image))

const complaints = async ({ client }: TriggerRig, name = 'web') => {
  const { items } = await client.list(events, 'demo', { fieldSelector: `involvedObject.name=${name}` })
  return items.map(({ message }) => message)
}

describe('trigger controller', () => {
  it('puts in the image of a tag when the object comes, and whenever the tag moves', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    const first = await rig.push('demo', 'app', 'v1', 'a')
    rig.start()
    await rig.client.create(deployments, 'demo', deployment(following('app:v1')))
    await follows(rig, first)
    const second = await rig.push('demo', 'app', 'v1', 'b')
    await follows(rig, second)
    const { metadata, spec } = await rig.client.get(deployments, 'demo', 'web')
    assert.equal(metadata.generation, 3)
    assert.equal(spec.template.spec.containers[0]?.imagePullPolicy, 'Always')
    assert.deepEqual(rig.failures, [])
  })

  it('takes back what somebody else writes into a followed container', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    const image = await rig.push('demo', 'app', 'v1', 'a')
    rig.start()
    await rig.client.create(deployments, 'demo', deployment(following('app:v1')))
    await follows(rig, image)
    const containers = [{ name: 'web', image: 'by-hand' }]
    const body = { spec: { template: { spec: { containers } } } }
    await rig.client.patch(deployments, 'demo', 'web', { type: 'strategic', body })
    await follows(rig, image)
  })

  it('catches up with what happened while it was away', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    await rig.push('demo', 'app', 'v1', 'a')
    await rig.client.create(deployments, 'demo', deployment(following('app:v1')))
    rig.start()
    await follows(rig, `reg:5000/demo/app@sha256:${'a'.repeat(64)}`)
    await rig.stop()
    const moved = await rig.push('demo', 'app', 'v1', 'b')
    rig.start()
    await follows(rig, moved)
  })

  it('touches only what follows the tag that moved', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    const still = await rig.push('demo', 'app', 'still', 'a')
    await rig.client.create(deployments, 'demo', deployment(following('app:still'), 'still'))
    await rig.client.create(deployments, 'demo', deployment(following('app:v1')))
    rig.start()
    await follows(rig, still, 'still')
    const before = await rig.client.get(deployments, 'demo', 'still')
    await follows(rig, await rig.push('demo', 'app', 'v1', 'b'))
    assert.deepEqual(await rig.client.get(deployments, 'demo', 'still'), before)
  })

  it('writes once, with the newest, what moved many times before its turn', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    await rig.client.create(deployments, 'demo', deployment(following('app:v1')))
    let newest = ''
    for (const letter of 'abcdefabcdef') newest = await rig.push('demo', 'app', 'v1', letter)
    rig.start()
    await follows(rig, newest)
    await rig.stop()
    const { metadata } = await rig.client.get(deployments, 'demo', 'web')
    assert.equal(metadata.generation, 2)
  })

  it('writes nothing when it starts and all is as it should be', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    const image = await rig.push('demo', 'app', 'v1', 'a')
    rig.start()
    for (const name of ['one', 'two', 'three']) {
      await rig.client.create(deployments, 'demo', deployment(following('app:v1'), name))
      await follows(rig, image, name)
    }
    await rig.stop()
    const revision = rig.store.revision()
    rig.start()
    await rig.push('demo', 'app', 'other', 'b')
    const written = rig.store.revision()
    await rig.client.create(deployments, 'demo', deployment(following('app:other'), 'four'))
    await follows(rig, `reg:5000/demo/app@sha256:${'b'.repeat(64)}`, 'four')
    assert.equal(rig.store.revision() - written, 2)
    assert(written > revision)
    for (const name of ['one', 'two', 'three']) await follows(rig, image, name)
  })

  it('keeps every kind that has a template which may change', async () => {
    await using rig = await openTriggerRig()
    await addStream(rig, 'app')
    const image = await rig.push('demo', 'app', 'v1', 'a')
    rig.start()
    const annotations = { [triggersAnnotation]: following('app:v1') }
    const spec = { selector: { matchLabels: { a: 'b' } }, template, serviceName: 'x' }
    const plain: [Kind, object][] = [
      [statefulSets, spec],
      [daemonSets, { selector: spec.selector, template }],
      [replicaSets, { selector: spec.selector, template, replicas: 0 }],
      [replicationControllers, { selector: { a: 'b' }, template, replicas: 0 }],
    ]
    for (const [kind, body] of plain) {
      await rig.client.create(kind, 'demo', { metadata: { name: 'web', annotations }, spec: body } as never)
      await eventually(async () => {
        const { spec } = (await rig.client.get(kind, 'demo', 'web')) as KubeObject & { spec: typeof plain }
        assert.match(JSON.stringify(spec), new RegExp(image))
      })
    }
    const never = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
    const path = 'spec.jobTemplate.spec.template.spec.containers[0].image'
    await rig.client.create(cronJobs, 'demo', {
      metadata: { name: 'web', annotations: { [triggersAnnotation]: following('app:v1', path) } },
      spec: { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: never } } },
    } as never)
    await eventually(async () =>
      assert.match(JSON.stringify(await rig.client.get(cronJobs, 'demo', 'web')), new RegExp(image)),
    )
    await rig.client.create(jobs, 'demo', {
      metadata: { name: 'once', annotations },
      spec: { template: never },
    } as never)
    await eventually(async () =>
      assert.match(String(await complaints(rig, 'once')), /of a Job cannot change/),
    )
  })

  it('keeps text of other kinds by a general path, where the configuration names them', async () => {
    await using rig = await openTriggerRig({ triggerKinds: [configMaps], may: () => false })
    await addStream(rig, 'app')
    await addStream(rig, 'app', 'other')
    const image = await rig.push('demo', 'app', 'v1', 'a')
    rig.start()
    const make = (name: string, triggers: string) =>
      rig.as('alice').create(configMaps, 'demo', {
        metadata: { name, annotations: { [triggersAnnotation]: triggers } },
        data: { image: 'placeholder', other: 'stays' },
      } as never)
    const data = async (name: string) => (await rig.client.get(configMaps, 'demo', name)).data
    await make('good', following('app:v1', 'data.image'))
    await make('new', following('app:v1', 'data.fresh'))
    await make('wrong', following('app:v1', 'metadata.name'))
    await make('none', following('app:v1', 'nowhere.image'))
    await make('foreign', following('app:v1', 'data.image', { namespace: 'other' }))
    await eventually(async () => assert.deepEqual(await data('good'), { image, other: 'stays' }))
    await eventually(async () => assert.equal((await data('new'))?.fresh, image))
    await eventually(async () => {
      assert.deepEqual(await complaints(rig, 'wrong'), ['field path is not valid: metadata.name'])
      assert.deepEqual(await complaints(rig, 'none'), ['field path is not valid: nowhere.image'])
      assert.match(String(await complaints(rig, 'foreign')), /alice.*may not pull/)
    })
    const moved = await rig.push('demo', 'app', 'v1', 'b')
    await eventually(async () => assert.equal((await data('good'))?.image, moved))
    assert.deepEqual(rig.failures, [])
  })

  it('says in an Event what keeps a trigger from firing', async () => {
    await using rig = await openTriggerRig()
    rig.start()
    await rig.client.create(deployments, 'demo', deployment('not json', 'text'))
    await rig.client.create(deployments, 'demo', deployment(following('gone:v1'), 'gone'))
    await eventually(async () => {
      assert.deepEqual(await complaints(rig, 'text'), ['the annotation is not JSON'])
      assert.deepEqual(await complaints(rig, 'gone'), ['demo/gone:v1: there is no such image stream'])
    })
    await addStream(rig, 'gone')
    await follows(rig, await rig.push('demo', 'gone', 'v1', 'a'), 'gone')
  })

  it('reads another namespace only for who may read there, when it is written and ever after', async () => {
    let mayRead = false
    await using rig = await openTriggerRig({ may: (user) => user === 'root' || mayRead })
    await addStream(rig, 'secret', 'other')
    const image = await rig.push('other', 'secret', 'v1', 'a')
    const foreign = following('secret:v1', web, { namespace: 'other' })
    rig.start()
    await rig.as('alice').create(deployments, 'demo', deployment(foreign))
    await rig.as('root').create(deployments, 'demo', deployment(foreign, 'granted'))
    await follows(rig, image, 'granted')
    await eventually(async () => assert.match(String(await complaints(rig)), /alice.*may not pull/))
    assert.equal(await imageOf(rig), 'placeholder')
    mayRead = true
    await rig.stop()
    rig.start()
    await follows(rig, image)
  })

  it('does not take over a right from an earlier writer of the object', async () => {
    await using rig = await openTriggerRig({ may: (user) => user === 'root' })
    await addStream(rig, 'secret', 'other')
    const image = await rig.push('other', 'secret', 'v1', 'a')
    await rig.push('other', 'secret', 'v2', 'b')
    rig.start()
    const entry = (name: string) => following(name, web, { namespace: 'other' })
    await rig.as('root').create(deployments, 'demo', deployment(entry('secret:v1')))
    await follows(rig, image)
    const body = { metadata: { annotations: { [triggersAnnotation]: entry('secret:v2') } } }
    await rig.as('alice').patch(deployments, 'demo', 'web', { type: 'merge', body })
    await eventually(async () => assert.match(String(await complaints(rig)), /alice.*may not pull/))
    assert.equal(await imageOf(rig), image)
  })
})
