import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type TagWebhook, tagNotices, tagWebhooks } from '../../src/api/index.ts'
import { eventually } from '../../src/controllers/trigger-rig.ts'
import { send, startServer } from '../../src/upstream/testing/hostile-server.ts'
import { openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'

const path = '/apis/weir.dev/v1/namespaces/demo/tagwebhooks'
const inside = 'notifications: {allowHttp: true, addresses: {innermost: loopback}}\n'
const hook = (spec: object) => ({
  apiVersion: 'weir.dev/v1',
  kind: 'TagWebhook',
  metadata: { name: 'ci' },
  spec,
})

describe('webhooks', () => {
  it('tell of a push, an import and a tag that follows', async () => {
    await using target = await startServer((_request, response) => send(response, 200, ''))
    await using lab = await openLab({ config: inside })
    await lab.project('demo')
    const made = await lab.call('POST', path, { body: hook({ url: `http://${target.host}/` }) })
    assert.equal(made.status, 201)
    const { digest } = await lab.push('demo/app:v1', randomImage('one'))
    const tag = { name: 'prod', from: { kind: 'ImageStreamTag', name: 'app:v1' } }
    await lab.call('PUT', '/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/app:prod', {
      body: {
        kind: 'ImageStreamTag',
        apiVersion: 'image.openshift.io/v1',
        metadata: { name: 'app:prod' },
        tag,
      },
    })
    await eventually(async () => assert.equal(target.seen.length, 2))
    const events = target.seen.map(({ body }) => JSON.parse(body))
    assert.deepEqual(events.map(({ subject, data }) => [subject, data.image, data.by]).sort(), [
      ['app:prod', digest, 'alice'],
      ['app:v1', digest, 'alice'],
    ])
    await eventually(async () => {
      const { status } = await lab.client.get(tagWebhooks, 'demo', 'ci')
      assert.equal(status.delivered, 2)
    })
  })

  it('go nowhere inside unless the configuration allows it (threat 3)', async () => {
    await using target = await startServer((_request, response) => send(response, 200, ''))
    await using lab = await openLab({ config: 'notifications: {allowHttp: true}\n' })
    await lab.project('demo')
    await lab.as('alice').create(tagWebhooks, 'demo', hook({ url: `http://${target.host}/` }) as TagWebhook)
    await lab.push('demo/app:v1', randomImage('one'))
    await eventually(async () => {
      const { items } = await lab.as('alice').list(tagNotices, 'demo', { fieldSelector: 'phase=Dead' })
      assert.equal(items[0]?.status.reason, 'the target stands where notices may not go')
    })
    assert.equal(target.seen.length, 0)
  })

  it('are refused when they make no sense, and are for editors only', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const wrong: [object, RegExp][] = [
      [{}, /spec\.url: Required value/],
      [{ url: 'ftp://example.com/' }, /spec\.url: Invalid value: .*must be an https address/],
      [{ url: 'https://user:pass@example.com/' }, /must not carry a user name or password/],
      [{ url: 'https://example.com/#a' }, /must not have a fragment/],
      [{ url: 'https://example.com/', streams: ['a b'] }, /spec\.streams\[0\]: Invalid value/],
      [{ url: 'https://example.com/', secretRef: {} }, /spec\.secretRef\.name: Required value/],
    ]
    for (const [spec, text] of wrong) {
      const { status, json } = await lab.call('POST', path, { body: hook(spec) })
      assert.equal(status, 422)
      const { message } = json<{ message: string }>()
      assert.match(message, text)
      assert(!message.includes('pass@'))
    }
    assert.equal((await lab.call('GET', path, { as: 'bob' })).status, 403)
    await lab.call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/demo/rolebindings', {
      body: {
        metadata: { name: 'look' },
        subjects: [{ kind: 'User', name: 'bob', apiGroup: 'rbac.authorization.k8s.io' }],
        roleRef: { kind: 'ClusterRole', name: 'view', apiGroup: 'rbac.authorization.k8s.io' },
      },
    })
    await eventually(async () => {
      const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
      assert.equal((await lab.call('GET', streams, { as: 'bob' })).status, 200)
    })
    assert.equal((await lab.call('GET', path, { as: 'bob' })).status, 403)
  })
})
