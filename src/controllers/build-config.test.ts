import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type BuildConfig, buildConfigs, builds, imageStreams } from '../api/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { eventually, openTriggerRig, type TriggerRig } from './trigger-rig.ts'

function config(more: object = {}): BuildConfig {
  return {
    metadata: { name: 'app' },
    spec: {
      source: { git: { uri: 'https://example.com/x.git' } },
      strategy: { sourceStrategy: { from: { kind: 'ImageStreamTag', name: 'base:v1' } } },
      output: { to: { kind: 'ImageStreamTag', name: 'built:latest' } },
      triggers: [{ type: 'ImageChange', imageChange: {} }],
      ...more,
    },
  } as never
}

async function open(): Promise<TriggerRig> {
  const rig = await openTriggerRig()
  await rig.client.create(imageStreams, 'demo', { metadata: { name: 'base' } } as never)
  rig.start()
  return rig
}

const buildOf = ({ client }: TriggerRig, number: number) =>
  eventually(() => client.get(builds, 'demo', `app-${number}`))

const instantiate = ({ client }: TriggerRig, request: object = {}) =>
  client.create(buildConfigs, 'demo', { metadata: { name: 'app' }, ...request } as never, {
    subresource: 'instantiate',
    name: 'app',
  })

describe('BuildConfigs', () => {
  it('make a Build on each new image of their tag', async () => {
    await using rig = await open()
    const first = await rig.push('demo', 'base', 'v1', 'a')
    await rig.client.create(buildConfigs, 'demo', config())
    const build = await buildOf(rig, 1)
    assert.deepEqual(build.spec.strategy.sourceStrategy?.from, { kind: 'DockerImage', name: first })
    assert.deepEqual(build.spec.triggeredBy, [
      {
        message: 'Image change',
        imageChangeBuild: { imageID: first, fromRef: { kind: 'ImageStreamTag', name: 'base:v1' } },
      },
    ])
    const { status, metadata } = await rig.client.get(buildConfigs, 'demo', 'app')
    assert.deepEqual(status, {
      lastVersion: 1,
      imageChangeTriggers: [
        { from: { name: 'base:v1' }, lastTriggeredImageID: first, lastTriggerTime: '2026-05-06T12:00:00Z' },
      ],
    })
    assert.equal(metadata.generation, 2)
    await rig.push('demo', 'base', 'v1', 'b')
    await buildOf(rig, 2)
    assert.deepEqual(rig.failures, [])
  })

  it('say why a Build does not run', async () => {
    await using rig = await open()
    await rig.push('demo', 'base', 'v1', 'a')
    await rig.client.create(buildConfigs, 'demo', config())
    const phase = async () => {
      const { status } = await rig.client.get(builds, 'demo', 'app-1')
      return [status.phase, status.reason]
    }
    await eventually(async () => assert.deepEqual(await phase(), ['New', 'InvalidOutputReference']))
    await rig.client.create(imageStreams, 'demo', { metadata: { name: 'built' } } as never)
    await eventually(async () => assert.deepEqual(await phase(), ['Pending', 'BuilderUnavailable']))
  })

  it('are built by request, which settles what was due', async () => {
    await using rig = await open()
    await rig.client.create(buildConfigs, 'demo', config({ triggers: [] }))
    const refused = (text: RegExp) => (error: unknown) => isApiError(error) && text.test(error.message)
    await assert.rejects(
      instantiate(rig),
      refused(/Error resolving ImageStreamTag base:v1 in namespace demo/),
    )
    await rig.push('demo', 'base', 'v1', 'a')
    assert.equal((await instantiate(rig)).metadata.name, 'app-1')
    await assert.rejects(
      instantiate(rig, { lastVersion: 7 }),
      refused(/the LastVersion\(1\).*LastVersion\(7\)/),
    )
    const body = { metadata: { annotations: { 'openshift.io/build-config.paused': 'True' } } }
    await rig.client.patch(buildConfigs, 'demo', 'app', { type: 'merge', body })
    await assert.rejects(instantiate(rig), refused(/BuildConfig is paused/))
  })

  it('are built once for a ConfigChange trigger, when they are made', async () => {
    await using rig = await open()
    const triggers = [{ type: 'ConfigChange' }, { type: 'ImageChange', imageChange: {} }]
    await rig.push('demo', 'base', 'v1', 'a')
    await rig.client.create(buildConfigs, 'demo', config({ triggers }))
    const build = await buildOf(rig, 1)
    assert.equal(build.spec.triggeredBy?.length, 1)
    const body = { spec: { completionDeadlineSeconds: 60 } }
    await rig.client.patch(buildConfigs, 'demo', 'app', { type: 'merge', body })
    await rig.push('demo', 'base', 'v1', 'b')
    await buildOf(rig, 2)
    assert.equal((await rig.client.get(buildConfigs, 'demo', 'app')).status.lastVersion, 2)
    assert.deepEqual(rig.failures, [])
  })

  it('are built one after the other, unless they may run side by side', async () => {
    await using rig = await open()
    await rig.client.create(imageStreams, 'demo', { metadata: { name: 'built' } } as never)
    await rig.push('demo', 'base', 'v1', 'a')
    await rig.client.create(buildConfigs, 'demo', config({ triggers: [] }))
    const phases = async () => (await rig.client.list(builds, 'demo')).items.map(({ status }) => status.phase)
    for (let n = 0; n < 3; n++) await instantiate(rig)
    await eventually(async () => assert.deepEqual(await phases(), ['Pending', 'New', 'New']))
    const cancel = { type: 'merge' as const, body: { status: { cancelled: true } } }
    await rig.client.patch(builds, 'demo', 'app-1', cancel)
    await eventually(async () => assert.deepEqual(await phases(), ['Cancelled', 'Pending', 'New']))
    await rig.client.delete(builds, 'demo', 'app-2')
    await eventually(async () => assert.deepEqual(await phases(), ['Cancelled', 'Pending']))
    const body = { spec: { runPolicy: 'SerialLatestOnly' } }
    await rig.client.patch(buildConfigs, 'demo', 'app', { type: 'merge', body })
    for (let n = 0; n < 3; n++) await instantiate(rig)
    await eventually(async () =>
      assert.deepEqual(await phases(), ['Cancelled', 'Pending', 'Cancelled', 'Cancelled', 'New']),
    )
    assert.deepEqual(rig.failures, [])
  })

  it('leave paused triggers alone', async () => {
    await using rig = await open()
    await rig.push('demo', 'base', 'v1', 'a')
    const trigger = (paused: boolean) => [{ type: 'ImageChange', imageChange: { paused } }]
    await rig.client.create(buildConfigs, 'demo', config({ triggers: trigger(true) }))
    await rig.push('demo', 'base', 'v1', 'b')
    assert.equal((await rig.client.get(buildConfigs, 'demo', 'app')).status.lastVersion, 0)
    const patch = { type: 'merge' as const, body: { spec: { triggers: trigger(false) } } }
    await rig.client.patch(buildConfigs, 'demo', 'app', patch)
    const build = await buildOf(rig, 1)
    assert.match(build.spec.strategy.sourceStrategy?.from.name ?? '', /@sha256:b/)
  })
})
