import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Status } from '../../src/machinery/errors.ts'
import { type BadRequest, badRequests, list, stream } from './bad-request-table.ts'
import { type Lab, openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'

describe('a bad request is answered as Kubernetes does, and changes nothing:', () => {
  let lab: Lab
  before(async () => {
    lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    await lab.push('demo/app:v2', randomImage('two'))
  })
  after(() => lab[Symbol.asyncDispose]())

  for (const [name, requests] of Object.entries(badRequests)) {
    it(`${name}: ${requests.length} mistakes`, async (test) => {
      for (const request of requests) await test.test(request.what, () => ask(lab, request))
    })
  }

  it('a path outside of every group is no Status', async () => {
    const answer = await lab.call('GET', '/oapi/v2/namespaces/demo/imagestreams', { as: 'root' })
    assert.equal(answer.status, 404)
  })

  it('an error comes as YAML to who asks for that', async () => {
    const answer = await lab.call('GET', `${list}/nope`, { headers: { accept: 'application/yaml' } })
    assert.equal(answer.status, 404)
    assert.equal(answer.headers['content-type'], 'application/yaml')
    assert.match(answer.text, /^reason: NotFound$/m)
    const watch = await lab.call('GET', `${list}?watch=true`, { headers: { accept: 'application/yaml' } })
    assert.equal(watch.status, 406)
    assert.match(watch.text, /only the following media types are accepted: application\/json;stream=watch, /)
  })

  it('a project that needs no request is made by who may, and keeps its name for people', async () => {
    const path = '/apis/project.openshift.io/v1/projects'
    const body = {
      apiVersion: 'project.openshift.io/v1',
      kind: 'Project',
      metadata: { name: 'direct', labels: { team: 'a' } },
    }
    assert.equal((await lab.call('POST', path, { body })).status, 403)
    const made = await lab.call('POST', path, { as: 'root', body })
    assert.equal(made.status, 201, made.text)
    assert.equal(made.json<{ kind: string }>().kind, 'Project')
    const again = await lab.call('POST', path, { as: 'root', body })
    assert.equal(again.json<Status>().message, 'namespaces "direct" already exists')
    const named = await lab.call('PATCH', `${path}/direct`, {
      as: 'root',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: { metadata: { annotations: { 'openshift.io/display-name': 'A' } } },
    })
    assert.equal(named.status, 200, named.text)
    const { metadata } = named.json<{ metadata: { annotations: object; labels: object } }>()
    assert.deepEqual(metadata.annotations, { 'openshift.io/display-name': 'A' })
    assert.deepEqual(metadata.labels, { 'kubernetes.io/metadata.name': 'direct', team: 'a' })
  })

  it('an unknown field is dropped with a warning, or in silence', async () => {
    const body = stream('dry', { spec: { bogus: 1 } })
    const warned = await lab.call('POST', `${list}?dryRun=All`, { body })
    assert.equal(warned.status, 201)
    assert.equal(String(warned.headers.warning), '299 - "unknown field \\"spec.bogus\\""')
    const silent = await lab.call('POST', `${list}?dryRun=All&fieldValidation=Ignore`, { body })
    assert.deepEqual([silent.status, silent.headers.warning], [201, undefined])
  })
})

async function ask(lab: Lab, request: BadRequest): Promise<void> {
  const { method = 'GET', path, as = 'alice', type, accept, body, code, reason, message } = request
  const revision = lab.store.revision()
  const answer = await lab.call(method, path, {
    as,
    body,
    headers: {
      ...(type === undefined ? {} : { 'content-type': type }),
      ...(accept === undefined ? {} : { accept }),
    },
  })
  const status = answer.json<Status>()
  assert.equal(answer.status, code, answer.text)
  assert.deepEqual(
    [status.kind, status.apiVersion, status.metadata, status.status, status.code, status.reason],
    ['Status', 'v1', {}, 'Failure', code, reason],
    answer.text,
  )
  if (typeof message === 'string') assert.equal(status.message, message)
  else assert.match(status.message ?? '', message)
  assert.deepEqual(status.details, request.details)
  assert.equal(lab.store.revision(), revision)
}
