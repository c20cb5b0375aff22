import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TagWebhook, TagWebhookSpec } from '../api/index.ts'
import { toCloudEvent } from './cloud-event.ts'
import { mostAttempts, planNotice, wantsMove } from './notice-plan.ts'
import type { ToldMove } from './told-move.ts'

const move: ToldMove = {
  id: 'one',
  namespace: 'demo',
  stream: 'web-front',
  tag: 'v1.2',
  time: '2026-01-01T12:00:05.250000Z',
  cause: 'push',
  subject: 'alice',
  before: { image: 'sha256:a', dockerImageReference: 'reg/demo/web-front@sha256:a' },
  after: { image: 'sha256:b', dockerImageReference: 'reg/demo/web-front@sha256:b' },
}

function hook(spec: Partial<TagWebhookSpec> = {}, metadata: object = {}): TagWebhook {
  return {
    metadata: { name: 'ci', namespace: 'demo', creationTimestamp: '2026-01-01T12:00:05Z', ...metadata },
    spec: { url: 'https://ci.example.com/', ...spec },
    status: {},
  } as TagWebhook
}

describe('who is told of a move', () => {
  it('is every hook of the project, unless it names streams or tags', () => {
    assert.equal(wantsMove(hook(), move), true)
    assert.equal(wantsMove(hook({}, { namespace: 'other' }), move), false)
    const yes = ['web-front', 'web-*', '*front', '*', 'w*b*t', '*-*']
    const no = ['web', 'front', 'web-front-*-x', 'w*x*t', '*webx*', 'web-fron*tt']
    for (const stream of yes) assert.equal(wantsMove(hook({ streams: [stream] }), move), true, stream)
    for (const stream of no) assert.equal(wantsMove(hook({ streams: [stream] }), move), false, stream)
    assert.equal(wantsMove(hook({ streams: ['web*'], tags: ['latest', 'v1.*'] }), move), true)
    assert.equal(wantsMove(hook({ streams: ['web*'], tags: ['latest'] }), move), false)
  })

  it('is no hook that came later, or is going', () => {
    assert.equal(wantsMove(hook({}, { creationTimestamp: '2026-01-01T12:00:06Z' }), move), false)
    assert.equal(wantsMove(hook({}, { deletionTimestamp: '2026-01-01T12:00:06Z' }), move), false)
  })

  it('is found in a time that does not explode with the pattern', () => {
    const start = process.cpuUsage().user
    wantsMove(hook({ streams: ['*a'.repeat(100)] }), { ...move, stream: `${'a'.repeat(240)}b` })
    assert(process.cpuUsage().user - start < 500_000)
  })
})

describe('what comes after a try', () => {
  const answered = (status: number, retryAfterSeconds?: number) =>
    ({ kind: 'answered', status, ...(retryAfterSeconds === undefined ? {} : { retryAfterSeconds }) }) as const

  it('is the end when the target took it, or never will', () => {
    assert.deepEqual(planNotice(answered(204), 1), { kind: 'delivered', status: 204 })
    for (const status of [301, 400, 401, 404, 410, 415])
      assert.deepEqual(planNotice(answered(status), 1), {
        kind: 'dead',
        why: `the target answered ${status}`,
      })
    assert.equal(planNotice({ kind: 'failed', why: 'x', isPermanent: true }, 1).kind, 'dead')
  })

  it('is another try, later each time, as late as the target asks, and not for ever', () => {
    const pauses = [1, 2, 3, 14].map((attempts) => {
      const step = planNotice(answered(500), attempts)
      return step.kind === 'again' && step.after
    })
    assert.deepEqual(pauses, [1000, 2000, 4000, 1_800_000])
    for (const status of [408, 425, 429, 503]) assert.equal(planNotice(answered(status), 1).kind, 'again')
    const asked = planNotice(answered(429, 60), 1)
    assert.equal(asked.kind === 'again' && asked.after, 60_000)
    const endless = planNotice(answered(429, 999_999), 1)
    assert.equal(endless.kind === 'again' && endless.after, 1_800_000)
    assert.equal(planNotice(answered(500), mostAttempts).kind, 'dead')
  })
})

describe('the CloudEvent of a move', () => {
  it('says what moved, from what to what, why and by whom', () => {
    assert.deepEqual(toCloudEvent(move), {
      specversion: '1.0',
      id: 'one',
      source: '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/web-front',
      type: 'dev.weir.imagestream.tag.moved',
      subject: 'web-front:v1.2',
      time: '2026-01-01T12:00:05.250000Z',
      datacontenttype: 'application/json',
      data: {
        namespace: 'demo',
        stream: 'web-front',
        tag: 'v1.2',
        image: 'sha256:b',
        dockerImageReference: 'reg/demo/web-front@sha256:b',
        before: move.before,
        cause: 'push',
        by: 'alice',
      },
    })
  })

  it('has a type of its own for a tag that is gone, and for a whole stream', () => {
    const { after: _after, ...gone } = move
    assert.equal(toCloudEvent(gone).type, 'dev.weir.imagestream.tag.deleted')
    assert.equal(toCloudEvent({ ...gone, tag: '' }).subject, 'web-front')
  })
})
