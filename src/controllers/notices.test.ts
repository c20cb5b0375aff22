import assert from 'node:assert/strict'
import { createHmac } from 'node:crypto'
import type { ServerResponse } from 'node:http'
import { describe, it } from 'node:test'
import { imageStreams, secrets, type TagWebhookSpec, tagNotices, tagWebhooks } from '../api/index.ts'
import { defaultAddressPolicy } from '../upstream/addresses.ts'
import { createNotifier } from '../upstream/index.ts'
import { type HostileServer, type Seen, send, startServer } from '../upstream/testing/hostile-server.ts'
import type { MoveCursor } from './follow-moves.ts'
import type { CursorStore } from './notice-fan-out.ts'
import { createNoticeController } from './notices.ts'
import { runController } from './run-controller.ts'
import { eventually, openTriggerRig, type TriggerRig } from './trigger-rig.ts'

/** Moves, a target that answers as a test wants, and a controller that can be stopped, forget how far it got, and go on. */
interface Site extends AsyncDisposable {
  rig: TriggerRig
  target: HostileServer
  /** How the target answers from now on. */
  answer(respond: (request: Seen, response: ServerResponse) => void): void
  start(): void
  stop(): Promise<void>
  later(milliseconds: number): void
  cursors: CursorStore & { saved: MoveCursor | undefined }
  failures: string[]
}

async function open(): Promise<Site> {
  const rig = await openTriggerRig()
  let respond = (_request: Seen, response: ServerResponse) => send(response, 204, '')
  const target = await startServer((request, response) => respond(request, response))
  const addresses = { ...defaultAddressPolicy, innermost: 'loopback' as const }
  const notifier = createNotifier({ addresses, extraCAs: [], allowHttp: true })
  let time = Date.parse('2026-05-06T12:00:00Z')
  const cursors: Site['cursors'] = {
    saved: undefined,
    read: async () => cursors.saved,
    write: async (cursor) => {
      cursors.saved = cursor
    },
  }
  const failures: string[] = []
  const note = (fields: object) => void failures.push(String((fields as { err?: unknown }).err))
  let running: { stopping: AbortController; done: Promise<unknown> } | undefined
  const stop = async () => {
    running?.stopping.abort()
    await running?.done
    running = undefined
  }
  await rig.client.create(imageStreams, 'demo', { metadata: { name: 'app' } } as never)
  return {
    rig,
    target,
    cursors,
    failures,
    answer: (next) => {
      respond = next
    },
    start() {
      const stopping = new AbortController()
      const controller = createNoticeController({
        client: rig.client,
        notifier,
        cursors,
        now: () => new Date(time),
      })
      const log = { debug: () => {}, warn: note, error: note }
      running = { stopping, done: runController(controller, stopping.signal, log) }
    },
    stop,
    later: (milliseconds) => {
      time += milliseconds
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await notifier[Symbol.asyncDispose]()
      await target[Symbol.asyncDispose]()
      await rig[Symbol.asyncDispose]()
    },
  }
}

async function addHook(
  { rig, target }: Site,
  spec: Partial<TagWebhookSpec> = {},
  name = 'ci',
): Promise<void> {
  const url = `http://${target.host}/${name}`
  await rig.client.create(tagWebhooks, 'demo', { metadata: { name }, spec: { url, ...spec } } as never)
}

/** Resolves once the controller has noted where it begins. */
const begun = ({ cursors }: Site) => eventually(async () => assert(cursors.saved !== undefined))

const events = ({ target }: Site) =>
  target.seen.map(({ body }) => JSON.parse(body) as { id: string; subject: string; data: { image: string } })
const subjects = (site: Site) => events(site).map(({ subject }) => subject)
const waiting = async ({ rig }: Site) => (await rig.client.list(tagNotices, 'demo')).items
/** So many requests have come, and nothing is left to tell. */
const told = (site: Site, count: number) =>
  eventually(async () => {
    assert.equal(site.target.seen.length, count)
    assert.deepEqual(await waiting(site), [])
  })
const status = async ({ rig }: Site) => (await rig.client.get(tagWebhooks, 'demo', 'ci')).status

describe('notices', () => {
  it('tell each hook, signed, of the moves that it wants', async () => {
    await using site = await open()
    const { rig } = site
    const key = Buffer.from('geheim')
    const data = { secret: key.toString('base64') }
    await rig.client.create(secrets, 'demo', { metadata: { name: 'hook' }, data } as never)
    await addHook(site, { secretRef: { name: 'hook' } })
    await addHook(site, { tags: ['v*'] }, 'versions')
    await addHook(site, { streams: ['other'] }, 'other')
    site.start()
    await begun(site)
    await rig.push('demo', 'app', 'v1', 'a')
    await rig.push('demo', 'app', 'latest', 'a')
    await eventually(async () => {
      assert.deepEqual(subjects(site).sort(), ['app:latest', 'app:v1', 'app:v1'])
      assert.deepEqual(await waiting(site), [])
    })
    const signed = site.target.seen.filter(({ url }) => url === '/ci')
    for (const { headers, body } of signed) {
      assert.match(headers['content-type'] ?? '', /^application\/cloudevents\+json/)
      const text = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
      const signature = createHmac('sha256', key).update(text).digest('base64')
      assert.equal(headers['webhook-signature'], `v1,${signature}`)
      assert.equal(headers['x-signature'], `sha256=${createHmac('sha256', key).update(body).digest('hex')}`)
      assert.equal(headers['webhook-id'], (JSON.parse(body) as { id: string }).id)
    }
    const plain = site.target.seen.find(({ url }) => url === '/versions')
    assert.equal(plain?.headers['webhook-signature'], undefined)
    await eventually(async () => assert.equal((await status(site)).delivered, 2))
    assert.deepEqual(site.failures, [])
  })

  it('come again after what passes, not before their time, and say why', async () => {
    await using site = await open()
    await addHook(site)
    site.answer((_request, response) => send(response, 503, 'of the inside'))
    site.start()
    await begun(site)
    await site.rig.push('demo', 'app', 'v1', 'a')
    await eventually(async () => {
      const [notice] = await waiting(site)
      assert.equal(notice?.status.reason, 'the target answered 503')
      assert.equal(notice.status.attempts, 1)
      assert.equal((await status(site)).lastFailure?.status, 503)
    })
    assert(!JSON.stringify([await waiting(site), await status(site)]).includes('of the inside'))
    assert.equal(site.target.seen.length, 1)
    site.answer((_request, response) => send(response, 200, ''))
    site.later(2000)
    await eventually(async () => assert.deepEqual(await waiting(site), []))
    assert.equal(site.target.seen.length, 2)
    assert.equal(new Set(events(site).map(({ id }) => id)).size, 1)
  })

  it('stay when they are given up, and go out again when somebody wishes', async () => {
    await using site = await open()
    await addHook(site)
    site.answer((_request, response) => send(response, 410, ''))
    site.start()
    await begun(site)
    await site.rig.push('demo', 'app', 'v1', 'a')
    await eventually(async () => {
      assert.deepEqual(
        (await site.rig.client.list(tagNotices, 'demo', { fieldSelector: 'phase=Dead' })).items.length,
        1,
      )
      assert.equal((await status(site)).failed, 1)
    })
    site.answer((_request, response) => send(response, 200, ''))
    const [dead] = await waiting(site)
    const body = { metadata: { annotations: { 'weir.dev/redeliver': 'once' } } }
    await site.rig.client.patch(tagNotices, 'demo', dead?.metadata.name ?? '', { type: 'merge', body })
    await eventually(async () => assert.deepEqual(await waiting(site), []))
    assert.deepEqual(subjects(site), ['app:v1', 'app:v1'])
    assert.equal((await status(site)).delivered, 1)
  })

  it('wait while the secret is missing or the hook is suspended', async () => {
    await using site = await open()
    await addHook(site, { secretRef: { name: 'none' } })
    await addHook(site, { suspended: true }, 'quiet')
    site.start()
    await begun(site)
    await site.rig.push('demo', 'app', 'v1', 'a')
    await eventually(async () => {
      const reason = (await status(site)).lastFailure?.reason
      assert.equal(reason, 'there is no secret none with a key named secret')
    })
    assert.equal(site.target.seen.length, 0)
    const body = { spec: { suspended: false } }
    await site.rig.client.patch(tagWebhooks, 'demo', 'quiet', { type: 'merge', body })
    await eventually(async () => assert.equal(site.target.seen.length, 1))
  })

  it('miss nothing that happens while nobody tells, even if it is forgotten how far they were', async () => {
    await using site = await open()
    await addHook(site)
    site.start()
    await begun(site)
    const from = site.cursors.saved
    await site.rig.push('demo', 'app', 'v1', 'a')
    await told(site, 1)
    await site.stop()
    await site.rig.push('demo', 'app', 'v1', 'b')
    await site.rig.push('demo', 'app', 'v2', 'b')
    site.start()
    await told(site, 3)
    await site.stop()
    site.cursors.saved = from
    site.start()
    await told(site, 6)
    assert.equal(new Set(events(site).map(({ id }) => id)).size, 3)
    assert.deepEqual(site.failures, [])
  })

  it('are of what happens once there is a hook, whether somebody runs or not', async () => {
    await using site = await open()
    site.start()
    await begun(site)
    await site.rig.push('demo', 'app', 'v1', 'a')
    await addHook(site)
    await site.rig.push('demo', 'app', 'v2', 'a')
    await told(site, 1)
    await site.rig.client.delete(tagWebhooks, 'demo', 'ci')
    await site.stop()
    await addHook(site, {}, 'later')
    await site.rig.push('demo', 'app', 'v3', 'a')
    site.start()
    await eventually(async () => assert(subjects(site).includes('app:v3')))
    assert(!subjects(site).includes('app:v1'))
    assert.deepEqual(site.failures, [])
  })

  it('are read from the records where the log no longer reaches back', async () => {
    await using site = await open()
    await addHook(site)
    site.start()
    await begun(site)
    await site.rig.push('demo', 'app', 'v1', 'a')
    await told(site, 1)
    await site.stop()
    await site.rig.push('demo', 'app', 'v2', 'b')
    await site.rig.store.compact(site.rig.store.revision())
    site.start()
    await eventually(async () => assert(subjects(site).includes('app:v2')))
    assert.deepEqual(site.failures, [])
  })

  it('do not ask a target that is down once for each of them', async () => {
    await using site = await open()
    await addHook(site)
    site.answer((_request, response) => send(response, 500, ''))
    site.start()
    await begun(site)
    for (let n = 0; n < 30; n++) await site.rig.push('demo', 'app', `v${n}`, 'a')
    await eventually(async () => assert.equal((await waiting(site)).length, 30))
    await eventually(async () => assert((await status(site)).lastFailure !== undefined))
    assert(site.target.seen.length <= 12, `${site.target.seen.length} requests`)
    site.answer((_request, response) => send(response, 200, ''))
    site.later(60_000)
    await eventually(async () => assert.deepEqual(await waiting(site), []))
    assert.equal((await status(site)).delivered, 30)
  })

  it('go with their hook', async () => {
    await using site = await open()
    await addHook(site)
    site.answer((_request, response) => send(response, 400, ''))
    site.start()
    await begun(site)
    await site.rig.push('demo', 'app', 'v1', 'a')
    await eventually(async () => assert.equal((await waiting(site))[0]?.status.phase, 'Dead'))
    await site.rig.client.delete(tagWebhooks, 'demo', 'ci')
    await eventually(async () => assert.deepEqual(await waiting(site), []))
  })
})
