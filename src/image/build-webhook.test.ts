import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { BuildConfig } from '../api/index.ts'
import { type HookCall, hookTriggers, planHook } from './build-webhook.ts'

const config = (git: object | undefined = { uri: 'https://example.com/x.git' }, triggers: object[] = []) =>
  ({
    metadata: { name: 'app', namespace: 'demo' },
    spec: { source: git === undefined ? {} : { git }, triggers },
  }) as unknown as BuildConfig

const call = (more: Partial<HookCall>): HookCall => ({
  type: 'github',
  event: 'push',
  payload: {
    ref: 'refs/heads/main',
    repository: { default_branch: 'main' },
    head_commit: { id: 'a'.repeat(40), message: 'Say it', author: { name: 'Ann', email: 'ann@example.com' } },
  },
  allowsEnv: false,
  ...more,
})

const kind = (answer: ReturnType<typeof planHook>) => answer.kind

describe('planHook()', () => {
  it('builds what was pushed to the branch that is built', () => {
    const answer = planHook(config(), call({}))
    assert(answer.kind === 'build')
    assert.equal(answer.request.revision?.git?.commit, 'a'.repeat(40))
    assert.equal(answer.request.revision?.git?.author.name, 'Ann')
    const [cause] = answer.request.triggeredBy ?? []
    assert.equal(cause?.message, 'GitHub WebHook')
    assert.equal(cause?.githubWebHook?.secret, '<secret>')
  })

  it('leaves other branches, and a ping, alone', () => {
    assert.equal(kind(planHook(config({ uri: 'x', ref: 'v2' }), call({}))), 'skip')
    assert.equal(kind(planHook(config({ uri: 'x', ref: 'main' }), call({}))), 'build')
    assert.equal(kind(planHook(config(), call({ event: 'ping', payload: undefined }))), 'skip')
  })

  it('refuses what is no push', () => {
    assert.equal(kind(planHook(config(), call({ event: '' }))), 'bad')
    assert.equal(kind(planHook(config(), call({ event: 'issues' }))), 'bad')
    for (const payload of [undefined, null, [], 'x', {}, { ref: 7 }]) {
      assert.equal(kind(planHook(config(), call({ payload }))), 'bad')
    }
  })

  it('reads GitLab and Bitbucket', () => {
    const commits = [{ id: 'c'.repeat(40), message: 'm', author: { name: 'A', email: 'a@x' } }]
    const lab = planHook(
      config(),
      call({ type: 'gitlab', event: 'Push Hook', payload: { ref: 'refs/heads/master', commits } }),
    )
    assert(lab.kind === 'build')
    assert.equal(lab.request.revision?.git?.commit, 'c'.repeat(40))
    const change = {
      new: { name: 'master', target: { hash: 'd'.repeat(40), message: 'm', author: { raw: 'Bo' } } },
    }
    const bucket = planHook(
      config(),
      call({ type: 'bitbucket', event: 'repo:push', payload: { push: { changes: [change] } } }),
    )
    assert(bucket.kind === 'build')
    assert.equal(bucket.request.revision?.git?.author.name, 'Bo')
  })

  it('takes variables of a generic call only where they are allowed', () => {
    const payload = { env: [{ name: 'A', value: '1' }, { name: '' }, 7] }
    const plan = (allowsEnv: boolean) => planHook(config(), call({ type: 'generic', payload, allowsEnv }))
    const [no, yes] = [plan(false), plan(true)]
    assert(no.kind === 'build' && yes.kind === 'build')
    assert.equal(no.request.env, undefined)
    assert.deepEqual(yes.request.env, [{ name: 'A', value: '1' }])
  })
})

describe('hookTriggers()', () => {
  it('are those of the type', () => {
    const triggers = [
      { type: 'GitHub', github: { secret: 'a' } },
      { type: 'Generic', generic: { secret: 'b', allowEnv: true } },
      { type: 'GitHub', github: { secretReference: { name: 'c' } } },
    ]
    assert.deepEqual(hookTriggers(config({}, triggers), 'github'), [
      { secret: 'a' },
      { secretReference: { name: 'c' } },
    ])
  })
})
