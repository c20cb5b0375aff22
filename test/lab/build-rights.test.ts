import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clusterRoleBindings } from '../../src/api/index.ts'
import { openLab } from './open-lab.ts'

const path = (rest: string) => `/apis/build.openshift.io/v1/namespaces/demo/${rest}`

const config = (strategy: object) => ({
  apiVersion: 'build.openshift.io/v1',
  kind: 'BuildConfig',
  metadata: { name: 'app' },
  spec: { source: { dockerfile: 'FROM scratch' }, strategy, output: {} },
})

const docker = { dockerStrategy: {} }
const custom = { customStrategy: { from: { kind: 'DockerImage', name: 'x' } } }

describe('the right to make builds of a strategy', () => {
  it("is everybody's for Docker builds, until it is taken away", async () => {
    await using lab = await openLab({ config: 'builds: { builder: off }' })
    await lab.project('demo')
    const create = (strategy: object, as?: string) =>
      lab.call('POST', path('buildconfigs'), { body: config(strategy), ...(as === undefined ? {} : { as }) })
    assert.equal((await create(custom)).status, 403)
    assert.equal((await create(custom, 'root')).status, 201)
    await lab.call('DELETE', path('buildconfigs/app'))
    assert.equal((await create(docker)).status, 201)
    const started = await lab.call('POST', path('buildconfigs/app/instantiate'), {
      body: { kind: 'BuildRequest', apiVersion: 'build.openshift.io/v1', metadata: { name: 'app' } },
    })
    assert.equal(started.status, 201, started.text)

    const name = 'system:build-strategy-docker-binding'
    await lab.client.patch(clusterRoleBindings, '', name, { type: 'merge', body: { subjects: [] } })
    const refused = 'buildconfigs.build.openshift.io "app" is forbidden: build strategy Docker is not allowed'
    const deadline = Date.now() + 10_000
    for (;;) {
      const answer = await lab.call('POST', path('buildconfigs/app/instantiate'), {
        body: { kind: 'BuildRequest', apiVersion: 'build.openshift.io/v1', metadata: { name: 'app' } },
      })
      if (answer.status === 403) {
        assert.equal(answer.json<{ message: string }>().message, refused)
        break
      }
      assert(Date.now() < deadline)
    }
    const clone = await lab.call('POST', path('builds/app-1/clone'), {
      body: { kind: 'BuildRequest', apiVersion: 'build.openshift.io/v1', metadata: { name: 'app-1' } },
    })
    assert.equal(clone.status, 403, clone.text)
    assert.equal(
      (await lab.call('POST', path('buildconfigs/app/instantiatebinary'), { body: 'x' })).status,
      403,
    )
  })

  it("and to read logs and send sources are the project's", async () => {
    await using lab = await openLab({ config: 'builds: { builder: off }' })
    await lab.project('demo')
    await lab.call('POST', path('buildconfigs'), { body: config(docker) })
    for (const [method, rest] of [
      ['GET', 'builds/app-1/log'],
      ['POST', 'buildconfigs/app/instantiatebinary'],
      ['POST', 'builds/app-1/clone'],
    ] as const) {
      assert.equal(
        (await lab.call(method, path(rest), { as: 'bob', body: method === 'POST' ? 'x' : undefined })).status,
        403,
        rest,
      )
      assert.equal(
        (await lab.call(method, path(rest), { as: '', body: method === 'POST' ? 'x' : undefined })).status,
        403,
        rest,
      )
    }
    const hook = path('buildconfigs/app/webhooks/x/generic')
    assert.equal((await lab.call('POST', hook, { as: '' })).status, 403)
    assert.equal((await lab.call('POST', hook, { as: 'bob' })).status, 401)
    assert.equal(
      (await lab.call('POST', path('buildconfigs/none/webhooks/x/generic'), { as: 'bob' })).status,
      401,
    )
    assert.equal((await lab.call('GET', path('builds/none/log'))).status, 404)
    const made = await lab.call('POST', path('buildconfigs/app/instantiatebinary?asFile=Dockerfile'), {
      body: 'FROM scratch',
    })
    assert.equal(made.status, 201, made.text)
    assert.equal((await lab.call('GET', path('builds/app-1/log?nowait=true'))).text, '')
    assert.equal((await lab.call('GET', path('builds/app-1/log?tailLines=x'))).status, 400)
    assert.equal(
      (await lab.call('POST', path('buildconfigs/app/instantiatebinary?asFile=../x'), { body: 'x' })).status,
      400,
    )
    assert.deepEqual(lab.logged(), [])
  })
})
