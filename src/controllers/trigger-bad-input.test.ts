import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Deployment, deployments, events, imageStreams, images } from '../api/index.ts'
import type { Client } from '../client/client.ts'
import {
  createImagePolicy,
  denyExecutionRule,
  explainWorkload,
  resolveTrigger,
  triggersAnnotation,
} from '../image/index.ts'
import { ApiError } from '../machinery/errors.ts'
import { eventually, openTriggerRig, type TriggerRig } from './trigger-rig.ts'

/** Whatever is wrong with one trigger: an Event and a reason, while other entries and other objects go on. */

const path = (container: string) => `spec.template.spec.containers[?(@.name=="${container}")].image`
const entry = (name: string, fieldPath: string) => ({ from: { kind: 'ImageStreamTag', name }, fieldPath })
const good = entry('app:v1', path('web'))

function deployment(name: string, triggers: unknown): Deployment {
  const text = typeof triggers === 'string' ? triggers : JSON.stringify(triggers)
  const containers = ['web', 'side'].map((container) => ({ name: container, image: 'placeholder' }))
  const template = { metadata: { labels: { a: 'b' } }, spec: { containers } }
  return {
    metadata: { name, annotations: { [triggersAnnotation]: text } },
    spec: { selector: { matchLabels: { a: 'b' } }, template },
  } as unknown as Deployment
}

async function open(
  options: Parameters<typeof openTriggerRig>[0] = {},
): Promise<TriggerRig & { image: string }> {
  const rig = await openTriggerRig(options)
  await rig.client.create(imageStreams, 'demo', { metadata: { name: 'app' } } as never)
  const image = await rig.push('demo', 'app', 'v1', 'a')
  return { ...rig, image }
}

const read = ({ client }: TriggerRig, name: string) => client.get(deployments, 'demo', name)
const imageOf = async (rig: TriggerRig, name: string, at = 0) =>
  (await read(rig, name)).spec.template.spec.containers[at]?.image

async function complaints({ client }: TriggerRig, name: string): Promise<string[]> {
  const { items } = await client.list(events, 'demo', { fieldSelector: `involvedObject.name=${name}` })
  for (const { type, reason } of items) assert.deepEqual([type, reason], ['Warning', 'ImageTriggerFailed'])
  return items.map(({ message }) => message ?? '')
}

/** All that `explain-image` says about the object. */
async function explained(rig: TriggerRig, name: string): Promise<string> {
  const object = await read(rig, name)
  const streams = new Map(
    (await rig.client.list(imageStreams, 'demo')).items.map((stream) => [stream.metadata.name, stream]),
  )
  const { containers, notes } = explainWorkload(deployments, object, ({ stream, tag }) =>
    resolveTrigger(streams.get(stream), tag),
  )
  return [...notes, ...containers.flatMap(({ reasons }) => reasons)].join('\n')
}

describe('triggers that are wrong', () => {
  const single: [string, unknown, RegExp][] = [
    ['text', 'not json', /^the annotation is not JSON$/],
    ['object', '{"a": 1}', /^the annotation is not a list$/],
    ['double', [good, good], /^duplicate triggers are not allowed$/],
  ]
  for (const [name, triggers, text] of single) {
    it(`count for nothing as a whole: ${name}`, async () => {
      await using rig = await open()
      rig.start()
      await rig.client.create(deployments, 'demo', deployment(name, triggers))
      await eventually(async () => assert.match(String(await complaints(rig, name)), text))
      assert.match(
        await explained(rig, name),
        new RegExp(text.source.replaceAll('^', '').replaceAll('$', '')),
      )
      assert.equal(await imageOf(rig, name), 'placeholder')
      await rig.client.create(deployments, 'demo', deployment('next', [good]))
      await eventually(async () => assert.equal(await imageOf(rig, 'next'), rig.image))
      assert.deepEqual(rig.failures, [])
    })
  }

  const beside: [string, object, RegExp][] = [
    ['unknown-container', entry('app:v1', path('none')), /^no such container: .*none/],
    ['no-place', entry('app:v1', 'spec.template.spec.containers[7].image'), /^no such container: .*\[7\]/],
    [
      'bad-path',
      entry('app:v1', 'spec.template.spec.containers[*].image'),
      /^no such container: |is not valid/,
    ],
    ['elsewhere', entry('app:v1', 'spec.jobTemplate.image'), /leads to no container of a Deployment/],
    ['no-tag', entry('app:none', path('side')), /^demo\/app:none: the image stream has no such tag$/],
    ['no-stream', entry('none:v1', path('side')), /^demo\/none:v1: there is no such image stream$/],
    ['no-colon', entry('app', path('side')), /of the form <stream>:<tag>/],
  ]
  for (const [name, wrong, text] of beside) {
    it(`leave the other entries alone: ${name}`, async () => {
      await using rig = await open()
      rig.start()
      await rig.client.create(deployments, 'demo', deployment(name, [wrong, good]))
      await eventually(async () => {
        assert.equal(await imageOf(rig, name), rig.image)
        const said = await complaints(rig, name)
        assert.equal(said.length, 1)
        assert.match(String(said), text)
      })
      assert.match(
        await explained(rig, name),
        new RegExp(text.source.replaceAll('^', '').replaceAll('$', '')),
      )
      assert.equal(await imageOf(rig, name, 1), 'placeholder')
      assert.deepEqual(rig.failures, [])
    })
  }

  it('keep the image of a stream that is deleted, say so, and go on when it comes back', async () => {
    await using rig = await open()
    rig.start()
    await rig.client.create(deployments, 'demo', deployment('web', [good]))
    await eventually(async () => assert.equal(await imageOf(rig, 'web'), rig.image))
    await rig.client.delete(imageStreams, 'demo', 'app')
    await eventually(async () =>
      assert.deepEqual(await complaints(rig, 'web'), ['demo/app:v1: there is no such image stream']),
    )
    assert.equal(await imageOf(rig, 'web'), rig.image)
    assert.match(await explained(rig, 'web'), /there is no such image stream/)
    await rig.client.create(imageStreams, 'demo', { metadata: { name: 'app' } } as never)
    const moved = await rig.push('demo', 'app', 'v1', 'b')
    await eventually(async () => assert.equal(await imageOf(rig, 'web'), moved))
  })

  it('say what the server refuses, and are tried again once it does not', async () => {
    const rule = { ...denyExecutionRule, onResources: [{ group: 'apps', resource: 'deployments' }] }
    await using rig = await open({ policy: createImagePolicy({ executionRules: [rule] }) })
    const digest = rig.image.slice(rig.image.indexOf('@') + 1)
    const deny = (value: string) =>
      rig.client.patch(images, '', digest, {
        type: 'merge',
        body: { metadata: { annotations: { 'images.openshift.io/deny-execution': value } } },
      })
    await deny('true')
    rig.start()
    await rig.client.create(deployments, 'demo', deployment('web', [good]))
    await eventually(async () =>
      assert.match(
        String(await complaints(rig, 'web')),
        /^the image could not be set: .*prohibited by policy/,
      ),
    )
    assert.equal(await imageOf(rig, 'web'), 'placeholder')
    await deny('false')
    await eventually(async () => assert.equal(await imageOf(rig, 'web'), rig.image))
  })

  it('say that they always come too late, and do not keep others waiting', async () => {
    let isBusy = true
    /** Somebody writes the object each time between our look at it and our write. */
    const between = (client: Client): Client => ({
      ...client,
      async patch(kind, namespace, name, patch, options) {
        if (isBusy && name === 'busy') {
          const body = { metadata: { annotations: { turn: String(Math.random()) } } }
          await client.patch(kind, namespace, name, { type: 'merge', body })
        }
        return client.patch(kind, namespace, name, patch, options)
      },
    })
    await using rig = await open({ between })
    rig.start()
    await rig.client.create(deployments, 'demo', deployment('busy', [good]))
    await rig.client.create(deployments, 'demo', deployment('web', [good]))
    await eventually(async () => assert.equal(await imageOf(rig, 'web'), rig.image))
    await eventually(async () =>
      assert.match(String(await complaints(rig, 'busy')), /^the image could not be set: .*has been modified/),
    )
    assert.equal(await imageOf(rig, 'busy'), 'placeholder')
    assert.match(await explained(rig, 'busy'), /it follows demo\/app:v1 .* and becomes /)
    isBusy = false
    await eventually(async () => assert.equal(await imageOf(rig, 'busy'), rig.image))
  })

  it('say what a quota refuses, keep the others going, and are tried again', async () => {
    const text = 'deployments.apps "full" is forbidden: exceeded quota: small, used: pods=2, limited: pods=2'
    let isFull = true
    /** A cluster's quota answers so; nothing here keeps one on workloads. */
    const between = (client: Client): Client => ({
      ...client,
      async patch(kind, namespace, name, patch, options) {
        if (isFull && name === 'full') throw new ApiError(403, 'Forbidden', text)
        return client.patch(kind, namespace, name, patch, options)
      },
    })
    await using rig = await open({ between })
    rig.start()
    await rig.client.create(deployments, 'demo', deployment('full', [good]))
    await rig.client.create(deployments, 'demo', deployment('web', [good]))
    await eventually(async () => assert.equal(await imageOf(rig, 'web'), rig.image))
    await eventually(async () =>
      assert.deepEqual(await complaints(rig, 'full'), [`the image could not be set: ${text}`]),
    )
    isFull = false
    await eventually(async () => assert.equal(await imageOf(rig, 'full'), rig.image))
  })

  it('say that the write went through and changed nothing', async () => {
    /** A cluster drops a field that its schema does not know, and answers 200. */
    const between = (client: Client): Client => ({
      ...client,
      async patch(kind, namespace, name, patch, options) {
        return name === 'deaf'
          ? client.get(kind, namespace, name)
          : client.patch(kind, namespace, name, patch, options)
      },
    })
    await using rig = await open({ between })
    rig.start()
    await rig.client.create(deployments, 'demo', deployment('deaf', [good]))
    await rig.client.create(deployments, 'demo', deployment('web', [good]))
    await eventually(async () => assert.equal(await imageOf(rig, 'web'), rig.image))
    await eventually(async () =>
      assert.deepEqual(await complaints(rig, 'deaf'), [
        `the image was written but is not what stands there: ${good.fieldPath}`,
      ]),
    )
  })
})
