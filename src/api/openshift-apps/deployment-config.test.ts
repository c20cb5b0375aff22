import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellsOf, createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { deploymentConfigs } from './deployment-config.ts'

const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: ' ' }] } }
const trigger = (params: object) => ({ type: 'ImageChange', imageChangeParams: params })
const follow = trigger({ automatic: true, containerNames: ['web'], from: { name: 'app:latest' } })
const body = (spec: object = {}) => ({
  metadata: { name: 'web', namespace: 'demo' },
  spec: { replicas: 1, selector: { app: 'web' }, template, triggers: [follow], ...spec },
})

describe('deploymentConfigs', () => {
  const { object, errors } = createObject(deploymentConfigs, body())

  it('fills in strategy, history and the reference of the trigger', () => {
    assert.deepEqual(errors, [])
    assert.deepEqual(object.spec.strategy, {
      type: 'Rolling',
      activeDeadlineSeconds: 21600,
      resources: {},
      rollingParams: {
        updatePeriodSeconds: 1,
        intervalSeconds: 1,
        timeoutSeconds: 600,
        maxUnavailable: '25%',
        maxSurge: '25%',
      },
    })
    assert.equal(object.spec.revisionHistoryLimit, 10)
    assert.equal(object.spec.test, false)
    assert.deepEqual(object.spec.triggers?.[0]?.imageChangeParams?.from, {
      name: 'app:latest',
      kind: 'ImageStreamTag',
      namespace: 'demo',
    })
    assert.equal(object.spec.template?.spec.containers[0]?.imagePullPolicy, 'IfNotPresent')
  })

  it('watches its template where no triggers are given, and nothing where there are none', () => {
    const triggers = (value: unknown) =>
      createObject(deploymentConfigs, body({ triggers: value })).object.spec.triggers
    assert.deepEqual(triggers(undefined), [{ type: 'ConfigChange' }])
    assert.deepEqual(triggers(null), [{ type: 'ConfigChange' }])
    assert.deepEqual(triggers([]), [])
  })

  it('reads streams as their tag latest', () => {
    const old = trigger({ containerNames: ['web'], from: { kind: 'ImageStream', name: 'app' } })
    const from = createObject(deploymentConfigs, body({ triggers: [old] })).object.spec.triggers?.[0]
      ?.imageChangeParams?.from
    assert.deepEqual(from, { kind: 'ImageStreamTag', name: 'app:latest', namespace: 'demo' })
  })

  it('forgets images that a new object claims to have seen', () => {
    const seen = trigger({ containerNames: ['web'], from: { name: 'app:latest' }, lastTriggeredImage: 'x' })
    const { object: made } = createObject(deploymentConfigs, body({ triggers: [seen] }))
    assert.equal(made.spec.triggers?.[0]?.imageChangeParams?.lastTriggeredImage, undefined)
  })

  it('lets only the latest version of the status move, by one', () => {
    const status = (latestVersion: number) =>
      updateObject(deploymentConfigs, object, {
        ...object,
        status: { ...object.status, latestVersion, replicas: 5 },
      })
    assert.equal(status(1).object.status.latestVersion, 1)
    assert.equal(status(1).object.status.replicas, 0)
    assert.equal(status(2).object.status.latestVersion, 0)
  })

  it('refuses triggers that cannot work', () => {
    const texts = (...triggers: object[]) =>
      errorTexts(createObject(deploymentConfigs, body({ triggers })).errors)
    const at = 'spec.triggers[0].imageChangeParams'
    const named = { ...template, spec: { containers: [{ name: 'web', image: 'x' }] } }
    const withImage = (params: object) =>
      errorTexts(
        createObject(deploymentConfigs, body({ template: named, triggers: [trigger(params)] })).errors,
      )
    assert.deepEqual(texts({}), ['spec.triggers[0].type: Required value'])
    assert.deepEqual(texts({ type: 'ImageChange' }), [`${at}: Required value`])
    assert.deepEqual(withImage({ from: {} }), [
      `${at}.from: Required value`,
      `${at}.containerNames: Required value`,
    ])
    assert.deepEqual(withImage({ containerNames: ['web'], from: { kind: 'DockerImage', name: 'x' } }), [
      `${at}.from.kind: Invalid value`,
      `${at}.from.name: Invalid value`,
    ])
    assert.deepEqual(
      withImage({ containerNames: ['web'], from: { kind: 'ImageStreamTag', name: 'a__b:c' } }),
      [`${at}.from.name: Invalid value`],
    )
  })

  it('lets only containers with a trigger be without an image', () => {
    const empty = { ...template, spec: { containers: [{ name: 'web' }, { name: 'side' }] } }
    assert.deepEqual(errorTexts(createObject(deploymentConfigs, body({ template: empty })).errors), [
      'spec.template.spec.containers[1].image: Required value',
    ])
  })

  it('prints what triggers it', () => {
    const { object: both } = createObject(
      deploymentConfigs,
      body({ triggers: [{ type: 'ConfigChange' }, follow] }),
    )
    assert.deepEqual(cellsOf(deploymentConfigs, both), {
      Name: 'web',
      Revision: 0,
      Desired: 1,
      Current: 0,
      'Triggered By': 'config,image(app:latest)',
    })
  })
})
