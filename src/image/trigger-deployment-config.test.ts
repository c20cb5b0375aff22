import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { DeploymentConfig, ReplicationController } from '../api/index.ts'
import { planConfigImages } from './trigger-deployment-config.ts'
import type { Resolutions } from './trigger-resolve.ts'
import { planRollout, toRollout } from './trigger-rollout.ts'

interface Follow {
  name: string
  container?: string
  last?: string
  automatic?: boolean
}

function config(follows: Follow[], images: Record<string, string>, more: object = {}): DeploymentConfig {
  return {
    metadata: { name: 'dc', namespace: 'demo', uid: 'u' },
    spec: {
      replicas: 1,
      test: false,
      strategy: {},
      selector: { a: 'b' },
      template: {
        metadata: { labels: { a: 'b' } },
        spec: { containers: Object.entries(images).map(([name, image]) => ({ name, image })) },
      },
      triggers: follows.map(({ name, container = 'web', last, automatic = true }) => ({
        type: 'ImageChange',
        imageChangeParams: {
          automatic,
          containerNames: [container],
          from: { kind: 'ImageStreamTag', name, namespace: 'demo' },
          ...(last === undefined ? {} : { lastTriggeredImage: last }),
        },
      })),
      ...more,
    },
    status: { latestVersion: 1 },
  } as unknown as DeploymentConfig
}

const resolve: Resolutions = ({ stream, tag }) =>
  stream === 'app' ? { kind: 'image', image: `app@${tag}` } : { kind: 'unresolved', why: 'no-tag' }
const written = (config: DeploymentConfig, options = {}) =>
  planConfigImages(config, resolve, options).patch.map(
    ({ path, value }) => `${path.split('/').at(-1)}=${value}`,
  )

describe('image change triggers of DeploymentConfigs', () => {
  it('set image and bookkeeping together, and nothing once both are right', () => {
    assert.deepEqual(written(config([{ name: 'app:v1' }], { web: ' ' })), [
      'lastTriggeredImage=app@v1',
      'image=app@v1',
    ])
    assert.deepEqual(written(config([{ name: 'app:v1', last: 'app@v1' }], { web: 'app@v1' })), [])
    assert.deepEqual(written(config([{ name: 'app:v1', last: 'app@v1' }], { web: 'by-hand' })), [
      'image=app@v1',
    ])
  })

  it('hold everything where one never had an image, and pin what had one', () => {
    const both = [{ name: 'app:v1' }, { name: 'gone:v1', container: 'side' }]
    assert.deepEqual(written(config(both, { web: ' ', side: ' ' })), [])
    const pinned = config([{ name: 'gone:v1', last: 'kept' }], { web: 'by-hand' })
    assert.deepEqual(written(pinned), ['image=kept'])
    assert.deepEqual(written(config(both, { web: ' ', side: ' ' }), { skipsUnresolved: true }), [
      'lastTriggeredImage=app@v1',
      'image=app@v1',
    ])
  })

  it('wait to be asked where they are not automatic', () => {
    const manual = config([{ name: 'app:v1', automatic: false }], { web: ' ' })
    assert.deepEqual(written(manual), [])
    assert.equal(written(manual, { counts: () => true }).length, 2)
  })
})

describe('rollouts of DeploymentConfigs', () => {
  const configTrigger = { triggers: [{ type: 'ConfigChange' }] }
  const asStored = (rollout: ReplicationController) => JSON.parse(JSON.stringify(rollout)) as typeof rollout
  const messageOf = (now: DeploymentConfig, before: DeploymentConfig) => {
    const decision = planRollout(now, asStored(toRollout(before)))
    return decision.kind === 'start' ? decision.details.message : decision.why
  }

  it('start for another image, or another template where that counts', () => {
    const before = config([{ name: 'app:v1', last: 'a' }], { web: 'a' })
    const settled = 'the latest rollout is as it should be'
    assert.equal(messageOf(before, before), settled)
    assert.equal(messageOf(config([{ name: 'app:v1', last: 'b' }], { web: 'b' }), before), 'image change')
    assert.equal(messageOf(config([{ name: 'app:v1', last: 'a' }], { other: 'a' }), before), settled)
    const plain = config([], { web: 'a' }, configTrigger)
    assert.equal(messageOf(config([], { web: 'b' }, configTrigger), plain), 'config change')
    assert.equal(messageOf(plain, plain), settled)
  })

  it('are held while paused, blank, or waiting for an image', () => {
    const whyOf = (config: DeploymentConfig) => {
      const decision = planRollout({ ...config, status: { ...config.status, latestVersion: 0 } }, undefined)
      return decision.kind === 'hold' ? decision.why : 'starts'
    }
    assert.equal(whyOf(config([], { web: 'a' }, { ...configTrigger, paused: true })), 'it is paused')
    assert.equal(whyOf(config([], { web: ' ' }, configTrigger)), 'container web has no image yet')
    assert.equal(
      whyOf(config([{ name: 'app:v1', automatic: false }], { web: 'a' })),
      'app:v1 has not been looked up',
    )
    assert.equal(whyOf(config([], { web: 'a' })), 'nothing triggers it')
    assert.equal(whyOf(config([], { web: 'a' }, configTrigger)), 'starts')
  })
})
