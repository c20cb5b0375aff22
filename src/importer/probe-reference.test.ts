import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream } from '../api/image/index.ts'
import { canonicalImageStream } from '../api/image/index.ts'
import { createKeyring, createUpstream, emptyKeyring } from '../upstream/index.ts'
import { openPing, send, startServer } from '../upstream/testing/hostile-server.ts'
import { digestOf } from '../upstream/testing/images.ts'
import { defaultSweepSettings, planSweep } from './plan-sweep.ts'
import { probeReference } from './probe-reference.ts'
import { scheduledTags } from './scheduled-tags.ts'
import { noRegistrySources } from './types.ts'

const intervals = { interval: 60_000, shortestInterval: 1000 }

function probeOf(from: string, namespaces: string[]) {
  const tags = namespaces.flatMap((namespace) => {
    const tag = {
      name: 'latest',
      from: { kind: 'DockerImage', name: from },
      importPolicy: { scheduled: true, insecure: true },
    }
    const stream = canonicalImageStream({
      metadata: { name: 'app', namespace },
      spec: { tags: [tag] },
    } as unknown as ImageStream)
    return scheduledTags(stream, intervals)
  })
  const [probe] = planSweep(
    tags,
    planSweep(tags, new Map(), 0, defaultSweepSettings).memory,
    120_000,
    defaultSweepSettings,
  ).probes
  assert.ok(probe !== undefined)
  return probe
}

describe('probeReference()', () => {
  it('is one HEAD, however many follow', async () => {
    const digest = digestOf('manifest')
    await using server = await startServer((request, response) => {
      if (!openPing(request, response)) send(response, 200, '', { 'docker-content-digest': digest })
    })
    await using upstream = createUpstream()
    const deps = { upstream, sources: noRegistrySources, keyring: async () => emptyKeyring }
    const outcome = await probeReference(probeOf(`${server.host}/a/b`, ['one', 'two', 'three']), deps)
    assert.deepEqual(outcome, { kind: 'digest', digest })
    assert.deepEqual(
      server.seen.filter(({ url }) => url !== '/v2/').map(({ method, url }) => `${method} ${url}`),
      ['HEAD /v2/a/b/manifests/latest'],
    )
  })

  it('tries another follower’s secret where the first has none, each with its own only', async () => {
    await using server = await startServer((request, response) => {
      if (request.headers.authorization === undefined) {
        return send(response, 401, '{}', { 'www-authenticate': 'Basic realm="r"' })
      }
      send(response, 200, '', { 'docker-content-digest': digestOf('manifest') })
    })
    const auths = { [server.host]: { username: 'u', password: 'p' } }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    const own = createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
    await using upstream = createUpstream()
    const keyring = async (namespace: string) => (namespace === 'two' ? own : emptyKeyring)
    const deps = { upstream, sources: noRegistrySources, keyring }
    assert.equal((await probeReference(probeOf(`${server.host}/a/b`, ['one', 'two']), deps)).kind, 'digest')
    assert.deepEqual(await probeReference(probeOf(`${server.host}/a/b`, ['one']), deps), {
      kind: 'failed',
      problem: 'unauthorized',
      isTemporary: false,
    })
  })

  it('tells lasting, temporary and throttled failures apart', async () => {
    await using server = await startServer((request, response) => {
      if (openPing(request, response)) return
      const status = Number(/m(\d+)/.exec(request.url)?.[1])
      send(response, status, '', status === 429 ? { 'retry-after': '90' } : {})
    })
    await using upstream = createUpstream({ limits: { retries: 0 } })
    const deps = { upstream, sources: noRegistrySources, keyring: async () => emptyKeyring }
    const probe = (tag: string) => probeReference(probeOf(`${server.host}/a/b:${tag}`, ['one']), deps)
    assert.deepEqual(await probe('m404'), { kind: 'failed', problem: 'not-found', isTemporary: false })
    assert.deepEqual(await probe('m503'), { kind: 'failed', problem: 'server', isTemporary: true })
    assert.deepEqual(await probe('m429'), {
      kind: 'failed',
      problem: '',
      isTemporary: false,
      retryAfterSeconds: 90,
    })
  })
})
