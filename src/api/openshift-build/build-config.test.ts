import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellsOf, createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { buildConfigs } from './build-config.ts'

const body = (spec: object = {}) => ({
  metadata: { name: 'bc', namespace: 'demo' },
  spec: {
    source: { git: { uri: 'https://example.com/x.git' } },
    strategy: { sourceStrategy: { from: { kind: 'ImageStreamTag', name: 'ruby:2.1' } } },
    output: { to: { kind: 'ImageStreamTag', name: 'built:latest' } },
    triggers: [{ type: 'ImageChange' }],
    ...spec,
  },
})

describe('buildConfigs', () => {
  const { object, errors } = createObject(buildConfigs, body())

  it('fills in types, policy and history, and prints what was left out', () => {
    assert.deepEqual(errors, [])
    assert.deepEqual(object.status, { lastVersion: 0 })
    assert.deepEqual(object.spec, {
      source: { type: 'Git', git: { uri: 'https://example.com/x.git' } },
      strategy: { type: 'Source', sourceStrategy: { from: { kind: 'ImageStreamTag', name: 'ruby:2.1' } } },
      output: { to: { kind: 'ImageStreamTag', name: 'built:latest' } },
      triggers: [{ type: 'ImageChange', imageChange: {} }],
      runPolicy: 'Serial',
      successfulBuildsHistoryLimit: 5,
      failedBuildsHistoryLimit: 5,
      nodeSelector: null,
      postCommit: {},
      resources: {},
    })
  })

  it('drops triggers that could never fire', () => {
    const docker = { dockerStrategy: { from: { kind: 'DockerImage', name: 'x' } } }
    const triggers = [
      { type: 'ImageChange' },
      { type: 'Moon' },
      { type: 'generic', generic: { secret: 's' } },
    ]
    const made = createObject(buildConfigs, body({ strategy: docker, triggers })).object
    assert.deepEqual(made.spec.triggers, [{ type: 'Generic', generic: { secret: 's' } }])
  })

  it('refuses triggers on other things than tags, and two on the same', () => {
    const texts = (...triggers: object[]) => errorTexts(createObject(buildConfigs, body({ triggers })).errors)
    const explicit = (kind: string, name: string) => ({
      type: 'ImageChange',
      imageChange: { from: { kind, name } },
    })
    assert.deepEqual(texts(explicit('DockerImage', 'x')), [
      'spec.triggers[0].imageChange.from.kind: Invalid value',
    ])
    assert.deepEqual(texts({ type: 'ImageChange' }, explicit('ImageStreamTag', 'ruby:2.1')), [
      'spec.triggers: Invalid value',
    ])
    assert.deepEqual(texts({ type: 'ImageChange' }, explicit('ImageStreamTag', 'other:1')), [])
  })

  it('demands one strategy', () => {
    assert.deepEqual(errorTexts(createObject(buildConfigs, body({ strategy: {}, triggers: [] })).errors), [
      'spec.strategy: Invalid value',
    ])
  })

  it('never counts its builds backwards', () => {
    const built = { ...object, status: { lastVersion: 3 } }
    assert.equal(updateObject(buildConfigs, built, object).object.status.lastVersion, 3)
    assert.equal(
      updateObject(buildConfigs, built, { ...object, status: { lastVersion: 4 } }).object.status.lastVersion,
      4,
    )
  })

  it('counts a change of its status as one of its own', () => {
    const same = updateObject(buildConfigs, object, object).object
    assert.equal(same.metadata.generation, 1)
    const built = updateObject(buildConfigs, object, { ...object, status: { lastVersion: 1 } }).object
    assert.equal(built.metadata.generation, 2)
  })

  it('prints what it builds from', () => {
    assert.deepEqual(cellsOf(buildConfigs, object), { Name: 'bc', Type: 'Source', From: 'Git', Latest: 0 })
  })
})
