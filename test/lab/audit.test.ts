import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Lab, openLab } from './open-lab.ts'

interface Event {
  auditID: string
  stage: string
  verb: string
  requestURI: string
  user: { username?: string; groups?: string[] }
  impersonatedUser?: { username: string }
  sourceIPs: string[]
  userAgent?: string
  objectRef?: Record<string, string>
  responseStatus: { code: number }
  annotations?: Record<string, string>
}

async function withLab(run: (lab: Lab, events: () => Event[], lines: string[]) => Promise<void>) {
  const lines: string[] = []
  await using lab = await openLab({ audit: { write: (line) => void lines.push(line) } })
  await lab.project('demo')
  lines.length = 0
  await run(lab, () => lines.map((line) => JSON.parse(line) as Event), lines)
}

const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'

describe('the audit log', () => {
  it('says who did what, to what, from where and how it ended', () =>
    withLab(async (lab, events) => {
      const headers = { 'user-agent': 'kubectl/v1.36' }
      const answer = await lab.call('POST', streams, {
        body: { metadata: { generateName: 'app' } },
        headers,
      })
      assert.equal(answer.status, 201, answer.text)
      const [event, ...more] = events()
      assert(event !== undefined)
      assert.deepEqual(more, [])
      assert.equal(event.auditID, answer.headers['audit-id'])
      assert.equal(event.stage, 'ResponseComplete')
      assert.deepEqual([event.verb, event.requestURI], ['create', streams])
      assert.equal(event.user.username, 'alice')
      assert(event.user.groups?.includes('system:authenticated'))
      assert.deepEqual(event.sourceIPs, ['127.0.0.1'])
      assert.equal(event.userAgent, 'kubectl/v1.36')
      assert.deepEqual(event.objectRef, {
        resource: 'imagestreams',
        namespace: 'demo',
        name: answer.json<{ metadata: { name: string } }>().metadata.name,
        apiGroup: 'image.openshift.io',
        apiVersion: 'v1',
      })
      assert.equal(event.responseStatus.code, 201)
      assert.deepEqual(event.annotations, { 'authorization.k8s.io/decision': 'allow' })
    }))

  it('holds refusals: of the unknown, of the unauthorised, of who may not act as another', () =>
    withLab(async (lab, events) => {
      await lab.call('GET', streams, { as: '', headers: { authorization: 'Bearer forged' } })
      await lab.call('GET', streams, { as: 'bob' })
      await lab.call('GET', streams, { as: 'bob', headers: { 'impersonate-user': 'alice' } })
      await lab.call('GET', streams, { as: 'root', headers: { 'impersonate-user': 'alice' } })
      assert.deepEqual(
        events().map(({ user, impersonatedUser, responseStatus, annotations }) => [
          user.username,
          impersonatedUser?.username,
          responseStatus.code,
          annotations?.['authorization.k8s.io/decision'],
        ]),
        [
          [undefined, undefined, 401, undefined],
          ['bob', undefined, 403, 'forbid'],
          ['bob', undefined, 403, 'forbid'],
          ['root', 'alice', 200, 'allow'],
        ],
      )
    }))

  it('has a watch twice: when it begins and when it ends', () =>
    withLab(async (lab, events) => {
      const answer = await lab.call('GET', `${streams}?watch=true&timeoutSeconds=1`)
      assert.equal(answer.status, 200)
      assert.deepEqual(
        events().map(({ stage, verb }) => [stage, verb]),
        [
          ['ResponseStarted', 'watch'],
          ['ResponseComplete', 'watch'],
        ],
      )
    }))

  it('never holds a body, a token, a password or the secret of a webhook', () =>
    withLab(async (lab, events, lines) => {
      const secret = 'c2VjcmV0LXZhbHVl'
      const body = {
        metadata: { name: 'pull' },
        data: { password: secret },
        stringData: { a: 'plain-value' },
      }
      assert.equal((await lab.call('POST', '/api/v1/namespaces/demo/secrets', { body })).status, 201)
      const hook = '/apis/build.openshift.io/v1/namespaces/demo/buildconfigs/app/webhooks/hook-secret/generic'
      await lab.call('POST', hook, { as: '' })
      await lab.call('GET', '/oauth/token/display?code=login-code&state=login-state')
      await lab.call('GET', `${streams}?access_token=query-token&labelSelector=a%3Db`)
      assert.equal(events().length, 4)
      const text = lines.join('')
      for (const hidden of [
        secret,
        'plain-value',
        'alice-token',
        'hook-secret',
        'login-code',
        'login-state',
        'query-token',
      ]) {
        assert(!text.includes(hidden), hidden)
      }
      assert.match(text, /webhooks\/-\/generic/)
      assert.match(text, /labelSelector=a%3Db/)
    }))
})
