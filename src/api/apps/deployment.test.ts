import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellsOf, createObject, errorTexts, updateObject, updateStatus } from '../common/write-object.ts'
import { deployments } from './deployment.ts'

const template = {
  metadata: { labels: { app: 'web' } },
  spec: { containers: [{ name: 'web', image: 'nginx:1' }] },
}
const body = (spec: object = {}) => ({
  metadata: { name: 'web', namespace: 'demo' },
  spec: { selector: { matchLabels: { app: 'web' } }, template, ...spec },
})

describe('deployments', () => {
  const { object, errors } = createObject(deployments, { ...body(), status: { replicas: 9 } })

  it('fills in its defaults and starts without a status', () => {
    assert.deepEqual(errors, [])
    assert.deepEqual(object.status, {})
    assert.equal(object.metadata.generation, 1)
    const { template: _template, selector: _selector, ...spec } = object.spec
    assert.deepEqual(spec, {
      replicas: 1,
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' } },
      revisionHistoryLimit: 10,
      progressDeadlineSeconds: 600,
    })
  })

  it('keeps zero replicas', () => {
    assert.equal(createObject(deployments, body({ replicas: 0 })).object.spec.replicas, 0)
  })

  it('counts changes of the spec, and keeps the status', () => {
    const labelled = updateObject(deployments, object, {
      ...body(),
      metadata: { name: 'web', labels: { a: 'b' } },
    })
    assert.equal(labelled.object.metadata.generation, 1)
    const scaled = updateObject(deployments, { ...object, status: { replicas: 1 } }, body({ replicas: 2 }))
    assert.equal(scaled.object.metadata.generation, 2)
    assert.deepEqual(scaled.object.status, { replicas: 1 })
  })

  it('writes its status apart from the rest', () => {
    const next = updateStatus(deployments, object, {
      ...body({ replicas: 7 }),
      status: { replicas: 1 },
    }).object
    assert.deepEqual(next.status, { replicas: 1 })
    assert.equal(next.spec.replicas, 1)
    assert.equal(next.metadata.generation, 1)
  })

  it('demands a selector that picks its pods, for good', () => {
    const texts = (spec: object) => errorTexts(createObject(deployments, body(spec)).errors)
    assert.deepEqual(texts({ selector: undefined }), ['spec.selector: Required value'])
    assert.deepEqual(texts({ selector: {} }), ['spec.selector: Invalid value'])
    assert.deepEqual(texts({ selector: { matchLabels: { app: 'x' } } }), [
      'spec.template.metadata.labels: Invalid value',
    ])
    const other = { metadata: { labels: { app: 'web', b: 'c' } }, spec: template.spec }
    const moved = updateObject(
      deployments,
      object,
      body({ selector: { matchLabels: { b: 'c' } }, template: other }),
    )
    assert.deepEqual(errorTexts(moved.errors), ['spec.selector: Invalid value'])
    assert.equal(moved.errors[0]?.detail, 'field is immutable')
  })

  it('refuses strategies and policies that there are not', () => {
    const texts = (spec: object) => errorTexts(createObject(deployments, body(spec)).errors)
    assert.deepEqual(texts({ strategy: { type: 'Slowly' } }), ['spec.strategy.type: Unsupported value'])
    assert.deepEqual(texts({ replicas: -1 }), ['spec.replicas: Invalid value'])
    const never = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } }
    assert.deepEqual(texts({ template: never }), ['spec.template.spec.restartPolicy: Unsupported value'])
  })

  it('may have a blank image for a trigger to fill in', () => {
    const blank = { ...template, spec: { containers: [{ name: 'web', image: ' ' }] } }
    const created = createObject(deployments, body({ template: blank }))
    assert.deepEqual(created.errors, [])
    assert.equal(created.object.spec.template.spec.containers[0]?.imagePullPolicy, 'IfNotPresent')
  })

  it('prints the columns of kubectl', () => {
    const cells = cellsOf(deployments, { ...object, status: { readyReplicas: 1, updatedReplicas: 1 } })
    assert.deepEqual(cells, {
      Name: 'web',
      Ready: '1/1',
      'Up-to-date': 1,
      Available: 0,
      Age: '<unknown>',
      Containers: 'web',
      Images: 'nginx:1',
      Selector: 'app=web',
    })
  })
})
