import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type DeploymentConfig,
  deploymentConfigs,
  imageStreams,
  replicationControllers,
} from '../api/index.ts'
import { isApiError, type Status } from '../machinery/errors.ts'
import { eventually, openTriggerRig, type TriggerRig } from './trigger-rig.ts'

const automatic = (name: string, more: object = {}) => ({
  type: 'ImageChange',
  imageChangeParams: { automatic: true, containerNames: ['web'], from: { name }, ...more },
})

function config(spec: object = {}): DeploymentConfig {
  return {
    metadata: { name: 'web' },
    spec: {
      replicas: 1,
      selector: { app: 'web' },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image: ' ' }] },
      },
      triggers: [automatic('app:v1')],
      ...spec,
    },
  } as never
}

async function open(): Promise<TriggerRig> {
  const rig = await openTriggerRig()
  await rig.client.create(imageStreams, 'demo', { metadata: { name: 'app' } } as never)
  rig.start()
  return rig
}

const read = ({ client }: TriggerRig) => client.get(deploymentConfigs, 'demo', 'web')
const imageOf = (config: DeploymentConfig) => config.spec.template?.spec.containers[0]?.image
const rolledOut = (rig: TriggerRig, version: number) =>
  eventually(async () => {
    const found = await read(rig)
    assert.equal(found.status.latestVersion, version)
    await rig.client.get(replicationControllers, 'demo', `web-${version}`)
    assert.equal(found.status.conditions?.length, 2)
    return found
  })

const instantiate = ({ client }: TriggerRig, request: object) =>
  client.create(deploymentConfigs, 'demo', { name: 'web', ...request } as never, {
    subresource: 'instantiate',
    name: 'web',
  })

const refusal = (code: number, text: RegExp) => (error: unknown) => {
  assert(isApiError(error))
  assert.equal(error.code, code)
  assert.match(error.message, text)
  return true
}

describe('DeploymentConfigs', () => {
  it('wait for their images, then roll out, and again when a tag moves', async () => {
    await using rig = await open()
    await rig.client.create(deploymentConfigs, 'demo', config())
    const first = await rig.push('demo', 'app', 'v1', 'a')
    const started = await rolledOut(rig, 1)
    assert.equal(imageOf(started), first)
    assert.equal(started.spec.triggers?.[0]?.imageChangeParams?.lastTriggeredImage, first)
    assert.equal(started.metadata.generation, 2)
    assert.deepEqual(started.status.details, { message: 'config change', causes: [{ type: 'ConfigChange' }] })
    const second = await rig.push('demo', 'app', 'v1', 'b')
    const moved = await rolledOut(rig, 2)
    assert.deepEqual(moved.status.details, {
      message: 'image change',
      causes: [{ type: 'ImageChange', imageTrigger: { from: { kind: 'DockerImage', name: second } } }],
    })
    const rollout = await rig.client.get(replicationControllers, 'demo', 'web-2')
    assert.equal(rollout.metadata.ownerReferences?.[0]?.name, 'web')
    assert.equal(rollout.spec.selector?.deployment, 'web-2')
    assert.deepEqual(rig.failures, [])
  })

  it('say what they wait for', async () => {
    await using rig = await open()
    await rig.push('demo', 'app', 'v1', 'a')
    await rig.client.create(deploymentConfigs, 'demo', config())
    const { status } = await rolledOut(rig, 1)
    assert.deepEqual(
      status.conditions?.map(({ type, status, message }) => [type, status, message]),
      [
        ['Available', 'False', 'Deployment config does not have minimum availability.'],
        ['Progressing', 'Unknown', 'replication controller "web-1" is waiting for pod "web-1-deploy" to run'],
      ],
    )
  })

  it('roll out by request, with the images of the moment', async () => {
    await using rig = await open()
    const first = await rig.push('demo', 'app', 'v1', 'a')
    await rig.client.create(
      deploymentConfigs,
      'demo',
      config({ triggers: [automatic('app:v1', { automatic: false })] }),
    )
    await assert.rejects(
      instantiate(rig, { latest: false, force: true }),
      refusal(400, /contains unresolved images/),
    )
    const answer = await instantiate(rig, { latest: true, force: true })
    assert.equal(imageOf(answer), first)
    assert.deepEqual(answer.status.details, { message: 'manual change', causes: [{ type: 'Manual' }] })
    await rolledOut(rig, 1)
    const nothing = (await instantiate(rig, { latest: true, force: false })) as unknown as Status
    assert.equal(nothing.code, 204)
  })

  it('are not rolled out while they are paused', async () => {
    await using rig = await open()
    await rig.push('demo', 'app', 'v1', 'a')
    await rig.client.create(deploymentConfigs, 'demo', config({ paused: true }))
    await eventually(async () => assert.notEqual(imageOf(await read(rig)), ' '))
    await assert.rejects(instantiate(rig, { latest: true, force: true }), refusal(422, /is paused - unpause/))
    assert.equal((await read(rig)).status.latestVersion, 0)
  })

  it('roll out for real where somebody runs the pods', async () => {
    await using rig = await open()
    await rig.push('demo', 'app', 'v1', 'a')
    await rig.client.create(deploymentConfigs, 'demo', config({ replicas: 3 }))
    await rolledOut(rig, 1)
    using _kubelet = runPods(rig)
    const complete = async (version: number) =>
      eventually(async () => {
        const { status } = await read(rig)
        const message = `replication controller "web-${version}" successfully rolled out`
        assert.equal(status.conditions?.find(({ type }) => type === 'Progressing')?.message, message)
        assert.deepEqual([status.availableReplicas, status.updatedReplicas], [3, 3])
      })
    await complete(1)
    await rig.push('demo', 'app', 'v1', 'b')
    await complete(2)
    const { spec } = await rig.client.get(replicationControllers, 'demo', 'web-1')
    assert.equal(spec.replicas, 0)
  })

  it('go back to an earlier rollout, whose image then stays', async () => {
    await using rig = await open()
    const first = await rig.push('demo', 'app', 'v1', 'a')
    await rig.client.create(deploymentConfigs, 'demo', config())
    await rolledOut(rig, 1)
    await rig.push('demo', 'app', 'v1', 'b')
    await rolledOut(rig, 2)
    const back = (revision: number) =>
      rig.client.create(
        deploymentConfigs,
        'demo',
        { name: 'web', spec: { from: {}, revision, includeTemplate: true } } as never,
        { subresource: 'rollback', name: 'web' },
      )
    await assert.rejects(back(2), refusal(422, /version 2 is already the latest/))
    await assert.rejects(back(9), refusal(422, /"web-9" not found/))
    await rig.client.update(deploymentConfigs, 'demo', await back(0))
    assert.equal(imageOf(await rolledOut(rig, 3)), first)
    const trigger = (await read(rig)).spec.triggers?.[0]?.imageChangeParams
    assert.equal(trigger?.automatic, undefined)
  })
})

/** Stands in for what runs pods: each ReplicationController has at once as many as it wants. */
function runPods({ client }: TriggerRig): Disposable {
  const stopping = new AbortController()
  const watching = async () => {
    for await (const event of client.watch(replicationControllers, 'demo', { signal: stopping.signal })) {
      if (event.type !== 'ADDED' && event.type !== 'MODIFIED') continue
      const { spec, metadata, status } = event.object
      const count = spec.replicas ?? 0
      if (status.replicas === count && status.observedGeneration === metadata.generation) continue
      const now = {
        replicas: count,
        readyReplicas: count,
        availableReplicas: count,
        observedGeneration: metadata.generation,
      }
      await client
        .patch(
          replicationControllers,
          'demo',
          metadata.name ?? '',
          { type: 'merge', body: { status: now } },
          { subresource: 'status' },
        )
        .catch(() => {})
    }
  }
  watching().catch(() => {})
  return { [Symbol.dispose]: () => stopping.abort() }
}
