import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Exchange, refusal, runAgainst } from '../test-cli.ts'

const digest = `sha256:${'a'.repeat(64)}`
const image = `quay.io/x/app@${digest}`
const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const app = {
  metadata: { name: 'app', namespace: 'demo' },
  spec: { lookupPolicy: { local: false }, tags: [] },
  status: {
    dockerImageRepository: '',
    tags: [
      {
        tag: 'v1',
        items: [
          { created: '2026-01-01T00:00:00Z', dockerImageReference: image, image: digest, generation: 1 },
        ],
      },
    ],
  },
}
const deployment = (triggers: object[], now = image, paused = false): Exchange => ({
  on: 'GET /apis/apps/v1/namespaces/demo/deployments/web',
  answer: {
    metadata: {
      name: 'web',
      namespace: 'demo',
      annotations: { 'image.openshift.io/triggers': JSON.stringify(triggers) },
    },
    spec: { paused, template: { spec: { containers: [{ name: 'web', image: now }] } } },
  },
})
const trigger = (name: string, more: object = {}) => ({
  from: { kind: 'ImageStreamTag', name },
  fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
  ...more,
})
const list: Exchange = { on: `GET ${streams}?limit=500`, answer: { items: [app] } }
const read: Exchange = { on: `GET ${streams}/app`, answer: app }
const run = (...exchanges: Exchange[]) =>
  runAgainst(['explain-image', 'deploy/web'], [list, ...exchanges], { program: 'weir' })

describe('explain-image', () => {
  it('names the tag that a container follows, since when, and what happens next', async () => {
    const { stdout, stderr } = await run(deployment([trigger('app:v1')]), read)
    assert.equal(stderr, '')
    assert.equal(
      stdout,
      `deployment.apps/web
  web: ${image}
    it follows demo/app:v1 (this image since 2026-01-01T00:00:00Z)
  next: a new image in demo/app:v1 is written to it and rolled out, where the trigger is neither paused nor manual
`,
    )
  })

  it('tells what is paused, unresolved and forbidden', async () => {
    const paused = await run(deployment([trigger('app:v1', { paused: true })]), read)
    assert.match(
      paused.stdout,
      /^ {4}the trigger for demo\/app:v1 is paused\n {4}it is what app:v1 stands for since /m,
    )
    const unresolved = await run(deployment([trigger('gone:v1')]))
    assert.match(unresolved.stdout, /^ {4}demo\/gone:v1: there is no such image stream$/m)
    const forbidden = await run(deployment([trigger('app:v1')]), {
      on: read.on,
      ...refusal(403, 'Forbidden', 'no'),
    })
    assert.match(forbidden.stdout, /^ {4}demo\/app:v1: you may not read that image stream$/m)
  })

  it('finds where an image comes from that no trigger put in', async () => {
    const { stdout } = await run(deployment([]))
    assert.match(stdout, /^ {4}it is as it was written: no trigger sets it$/m)
    assert.match(stdout, /^ {4}it is what app:v1 stands for since 2026-01-01T00:00:00Z$/m)
    assert.match(stdout, /^ {2}next: no trigger follows a tag, so only a write to it changes its images$/m)
  })

  it('tells why what is due has not been written yet', async () => {
    const about = 'involvedObject.kind=Deployment,involvedObject.uid=,reason=ImageTriggerFailed'
    const said: Exchange = {
      on: `GET /api/v1/namespaces/demo/events?fieldSelector=${encodeURIComponent(about)}`,
      answer: { items: [{ message: 'exceeded quota: small', lastTimestamp: '2026-01-01T00:00:00Z' }] },
    }
    const due = await run(deployment([trigger('app:v1')], 'old'), read, said)
    assert.match(due.stdout, /^ {2}a try failed .* ago: exceeded quota: small$/m)
    const done = await run(deployment([trigger('app:v1')]), read, said)
    assert.doesNotMatch(done.stdout, /a try failed/)
  })

  it('tells that a paused deployment waits', async () => {
    const { stdout } = await run(deployment([trigger('app:v1')], 'old', true), read)
    assert.match(stdout, new RegExp(`^ {4}it follows demo/app:v1 .* and becomes ${image}$`, 'm'))
    assert.match(stdout, /^ {2}next: it is paused: /m)
  })

  it('tells of a tag and of a stream who gets the next image', async () => {
    const follower = { ...(deployment([trigger('app:v1')]).answer as object) }
    const listed: Exchange[] = [
      { on: 'GET /apis/apps/v1/namespaces/demo/deployments?limit=500', answer: { items: [follower] } },
      ...[
        'apps/v1/namespaces/demo/statefulsets',
        'apps/v1/namespaces/demo/daemonsets',
        'batch/v1/namespaces/demo/cronjobs',
        'apps.openshift.io/v1/namespaces/demo/deploymentconfigs',
      ].map((path) => ({ on: `GET /apis/${path}?limit=500`, answer: { items: [] } })),
      {
        on: 'GET /apis/build.openshift.io/v1/namespaces/demo/buildconfigs?limit=500',
        ...refusal(403, 'Forbidden', 'no'),
      },
    ]
    const tag: Exchange = {
      on: 'GET /apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/app:v1',
      answer: { metadata: { name: 'app:v1', namespace: 'demo' } },
    }
    const about = (name: string) =>
      runAgainst(['explain-image', name], [tag, read, ...listed], { program: 'weir' })
    const one = await about('istag/app:v1')
    assert.equal(one.stderr, '')
    assert.match(one.stdout, /^ {2}next: the image changes with the next push or tag command$/m)
    assert.match(one.stdout, /^ {2}then: deployment\.apps\/web get the new image by their triggers$/m)
    assert.match(one.stdout, /^ {2}whether buildconfigs follow it is unknown: you may not list them$/m)
    const all = await about('is/app')
    assert.match(all.stdout, /^ {2}app:v1 then: deployment\.apps\/web get the new image/m)
  })

  it('is unknown under the name oc, and refuses what has no images', async () => {
    const oc = await runAgainst(['explain-image', 'deploy/web'], [])
    assert.match(oc.stderr, /^error: unknown command "explain-image" for "oc"/)
    const secret: Exchange = {
      on: 'GET /api/v1/namespaces/demo/secrets/s',
      answer: { metadata: { name: 's' } },
    }
    const refused = await runAgainst(['explain-image', 'secret/s'], [secret], { program: 'weir' })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /^error: secret\/s uses no images: /)
  })
})
