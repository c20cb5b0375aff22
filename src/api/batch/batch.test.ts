import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { cronJobs } from './cron-job.ts'
import { jobs } from './job.ts'

const template = { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'b:1' }] } }
const job = (spec: object = {}) => ({ metadata: { name: 'j', uid: 'u1' }, spec: { template, ...spec } })

describe('jobs', () => {
  const { object, errors } = createObject(jobs, job())

  it('runs one pod once, and tells its pods by its uid', () => {
    assert.deepEqual(errors, [])
    const { template: made, ...spec } = object.spec
    assert.deepEqual(spec, {
      parallelism: 1,
      completions: 1,
      completionMode: 'NonIndexed',
      backoffLimit: 6,
      suspend: false,
      podReplacementPolicy: 'TerminatingOrFailed',
      manualSelector: false,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } },
    })
    assert.deepEqual(made.metadata.labels, {
      'batch.kubernetes.io/controller-uid': 'u1',
      'batch.kubernetes.io/job-name': 'j',
      'controller-uid': 'u1',
      'job-name': 'j',
    })
  })

  it('may run in parallel without a count to reach', () => {
    assert.equal(createObject(jobs, job({ parallelism: 3 })).object.spec.completions, undefined)
  })

  it('demands that its pods end, and keeps its template', () => {
    const always = { spec: { ...template.spec, restartPolicy: 'Always' } }
    assert.deepEqual(errorTexts(createObject(jobs, job({ template: always })).errors), [
      'spec.template.spec.restartPolicy: Unsupported value',
    ])
    const changed = structuredClone(object)
    Object.assign(changed.spec.template.spec.containers[0] ?? {}, { image: 'c:1' })
    assert.deepEqual(errorTexts(updateObject(jobs, object, changed).errors), ['spec.template: Invalid value'])
    assert.deepEqual(
      updateObject(jobs, object, { ...object, spec: { ...object.spec, suspend: true } }).errors,
      [],
    )
  })
})

describe('cronJobs', () => {
  const cronJob = (spec: object = {}) => ({
    metadata: { name: 'c' },
    spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template } }, ...spec },
  })

  it('fills in its defaults and those of its pods', () => {
    const { object, errors } = createObject(cronJobs, cronJob())
    assert.deepEqual(errors, [])
    const { jobTemplate, ...spec } = object.spec
    assert.deepEqual(spec, {
      schedule: '*/5 * * * *',
      concurrencyPolicy: 'Allow',
      suspend: false,
      successfulJobsHistoryLimit: 3,
      failedJobsHistoryLimit: 1,
    })
    assert.equal(jobTemplate.spec.template.spec.containers[0]?.imagePullPolicy, 'IfNotPresent')
  })

  it('demands a schedule, and a name that leaves room for its jobs', () => {
    const texts = (body: object) => errorTexts(createObject(cronJobs, body).errors)
    assert.deepEqual(texts(cronJob({ schedule: '' })), ['spec.schedule: Required value'])
    assert.deepEqual(texts(cronJob({ schedule: 'often' })), ['spec.schedule: Invalid value'])
    assert.deepEqual(texts(cronJob({ schedule: '@daily' })), [])
    assert.deepEqual(texts({ ...cronJob(), metadata: { name: 'x'.repeat(53) } }), [
      'metadata.name: Invalid value',
    ])
  })
})
