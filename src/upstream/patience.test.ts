import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createUpstream } from './create-upstream.ts'
import { createKeyring } from './credentials.ts'
import { isUpstreamError } from './errors.ts'
import type { HostileServer } from './testing/hostile-server.ts'
import { openPing, send, startServer } from './testing/hostile-server.ts'
import { makeImage } from './testing/images.ts'

/** Retries, rate limits and budgets, on a clock that the test turns. */

const image = makeImage('patience')
const insecure = { insecure: true }
const at = ({ host }: HostileServer) => ({ registry: host, name: 'team/app' })

function turningClock() {
  const naps: number[] = []
  let now = 1_000_000
  return {
    naps,
    now: () => now,
    sleep: async (milliseconds: number) => {
      naps.push(milliseconds)
      now += milliseconds
    },
    turn: (milliseconds: number) => {
      now += milliseconds
    },
  }
}

function serves(refuse: (asked: number) => [number, string, Record<string, string>?] | undefined) {
  let asked = 0
  return startServer((request, response) => {
    if (openPing(request, response)) return
    const refusal = refuse(++asked)
    if (refusal !== undefined) return send(response, ...refusal)
    send(response, 200, request.method === 'HEAD' ? '' : image.bytes, { 'content-type': image.mediaType })
  })
}

const kindOf = (promise: Promise<unknown>) =>
  promise.then(
    () => 'fine',
    (error: unknown) => (isUpstreamError(error) ? error.kind : String(error)),
  )

const tooMany = '{"errors":[{"code":"TOOMANYREQUESTS","message":"slow down"}]}'

describe('retries (import.md §3.7)', () => {
  it('a 429 that is no error list is asked again after 2 s, at most twice', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock })
    await using once = await serves((asked) => (asked === 1 ? [429, 'busy'] : undefined))
    await upstream.manifest(at(once), 'v1', insecure)
    assert.deepEqual(clock.naps, [2000])
    await using always = await serves(() => [429, 'busy'])
    assert.equal(await kindOf(upstream.manifest(at(always), 'v1', insecure)), 'too-many-requests')
    assert.equal(always.seen.length, 4)
  })

  it('an error list of 429 is final', async () => {
    await using upstream = createUpstream({ clock: turningClock() })
    await using registry = await serves(() => [429, tooMany])
    await assert.rejects(
      upstream.manifest(at(registry), 'v1', insecure),
      /^UpstreamError: toomanyrequests: slow down$/,
    )
    assert.equal(registry.seen.length, 2)
  })

  it('Retry-After is honoured: waited for when short, told and kept when long', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock })
    await using short = await serves((asked) =>
      asked === 1 ? [429, tooMany, { 'retry-after': '3' }] : undefined,
    )
    await upstream.manifest(at(short), 'v1', insecure)
    assert.equal(Math.max(...clock.naps), 3000)
    await using long = await serves((asked) =>
      asked === 1 ? [429, tooMany, { 'retry-after': '120' }] : undefined,
    )
    assert.equal(await kindOf(upstream.manifest(at(long), 'v1', insecure)), 'too-many-requests')
    assert.equal(await kindOf(upstream.manifest(at(long), 'v1', insecure)), 'too-many-requests')
    assert.equal(long.seen.length, 2, 'nothing was sent while the pause lasts')
    clock.turn(120_000)
    assert.equal(await kindOf(upstream.manifest(at(long), 'v1', insecure)), 'fine')
  })

  it('5xx is asked again only for callers who say so', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock })
    await using registry = await serves((asked) => (asked % 2 === 1 ? [503, 'down'] : undefined))
    const failed = upstream.manifest(at(registry), 'v1', insecure)
    await assert.rejects(failed, /received unexpected HTTP status: 503 Service Unavailable/)
    await upstream.manifest(at(registry), 'v1', insecure)
    assert.equal(
      await kindOf(upstream.manifest(at(registry), 'v1', { ...insecure, retryServerErrors: true })),
      'fine',
    )
    assert.deepEqual(clock.naps, [5000])
  })

  it('a connection that breaks is tried again after 1 s', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock })
    let asked = 0
    await using registry = await startServer((request, response) => {
      if (openPing(request, response)) return
      if (++asked === 1) response.destroy()
      else send(response, 200, image.bytes, { 'content-type': image.mediaType })
    })
    await upstream.manifest(at(registry), 'v1', insecure)
    assert.deepEqual(clock.naps, [1000])
  })

  it('a token that the registry no longer takes is replaced once', async () => {
    let issued = 0
    let good = 'token-1'
    await using registry = await startServer((request, response) => {
      if (request.url.startsWith('/token'))
        return send(response, 200, JSON.stringify({ token: `token-${++issued}` }))
      if (request.headers.authorization !== `Bearer ${good}`) {
        return send(response, 401, '{}', {
          'www-authenticate': `Bearer realm="http://${registry.host}/token"`,
        })
      }
      send(response, 200, image.bytes, { 'content-type': image.mediaType })
    })
    await using upstream = createUpstream({ clock: turningClock() })
    await upstream.manifest(at(registry), 'v1', insecure)
    good = 'token-2'
    await upstream.manifest(at(registry), 'v1', insecure)
    good = 'none'
    assert.equal(await kindOf(upstream.manifest(at(registry), 'v1', insecure)), 'unauthorized')
    assert.equal(issued, 3)
  })
})

describe('budgets', () => {
  it('spread requests over time, for all callers together', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock, limits: { requestsPerSecond: 2, requestBurst: 3 } })
    await using registry = await serves(() => undefined)
    for (let n = 0; n < 8; n++) await upstream.manifest(at(registry), `v${n}`, insecure)
    const waited = clock.naps.reduce((sum, nap) => sum + nap, 0)
    // https and http were asked for first: ten requests, three of them for nothing.
    assert.equal(waited, 3500)
  })

  it('a host that complains is asked half as fast, until it has been quiet for a while', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock, limits: { requestsPerSecond: 8, requestBurst: 8 } })
    let complains = true
    await using registry = await serves(() => (complains ? [429, tooMany] : undefined))
    await kindOf(upstream.manifest(at(registry), 'v1', insecure))
    complains = false
    const timeOf = async (requests: number) => {
      const start = clock.now()
      for (let n = 0; n < requests; n++) await upstream.manifest(at(registry), `v${n}`, insecure)
      return clock.now() - start
    }
    clock.turn(5000)
    assert.equal(await timeOf(12), 2000, 'four at once, then four a second')
    clock.turn(30_000)
    await timeOf(1)
    clock.turn(5000)
    assert.equal(await timeOf(16), 1000, 'eight at once, then eight a second')
  })

  it('a host that announces a limit is asked slowly from its first answer on', async () => {
    const clock = turningClock()
    await using upstream = createUpstream({ clock })
    await using registry = await startServer((request, response) => {
      if (openPing(request, response)) return
      send(response, 200, image.bytes, { 'content-type': image.mediaType, 'ratelimit-limit': '100;w=21600' })
    })
    for (let n = 0; n < 26; n++) await upstream.manifest(at(registry), `v${n}`, insecure)
    assert.equal(Math.round(clock.naps.reduce((sum, nap) => sum + nap, 0)), 4000)
  })

  it('tell what rate limits the registry announced', async () => {
    await using upstream = createUpstream({ clock: turningClock() })
    await using registry = await startServer((request, response) => {
      if (openPing(request, response)) return
      send(response, 200, image.bytes, {
        'content-type': image.mediaType,
        'ratelimit-limit': '100;w=21600',
        'ratelimit-remaining': '76;w=21600',
      })
    })
    await upstream.manifest(at(registry), 'v1', insecure)
    // The https attempt counts: it was sent too.
    assert.deepEqual(upstream.budgets(), [
      { host: registry.host, sent: 3, limit: 100, remaining: 76, windowSeconds: 21600 },
    ])
  })
})

describe('token servers', () => {
  const identity = (host: string) => {
    const auths = {
      [host]: { auth: Buffer.from('<token>:').toString('base64'), identitytoken: 'refresh-me' },
    }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    return createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
  }
  const password = (host: string) => {
    const auths = { [host]: { username: 'u', password: 'p' } }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    return createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
  }
  const registryWith = (answer: (method: string) => number) =>
    startServer((request, response) => {
      if (request.url.startsWith('/token')) {
        const status = answer(request.method)
        return send(
          response,
          status,
          status === 200 ? JSON.stringify({ access_token: 't', expires_in: 300 }) : '',
        )
      }
      if (request.headers.authorization === 'Bearer t')
        return send(response, 200, image.bytes, { 'content-type': image.mediaType })
      send(response, 401, '', {
        'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="reg"`,
      })
    })

  it('an identity token is exchanged by the OAuth2 refresh grant', async () => {
    await using registry = await registryWith((method) => (method === 'POST' ? 200 : 500))
    await using upstream = createUpstream()
    await upstream.manifest(at(registry), 'v1', { ...insecure, credentials: identity(registry.host) })
    const form = new URLSearchParams(registry.seen.find(({ method }) => method === 'POST')?.body)
    assert.equal(form.get('grant_type'), 'refresh_token')
    assert.equal(form.get('refresh_token'), 'refresh-me')
    assert.equal(form.get('scope'), 'repository:team/app:pull')
  })

  it('a server that knows only POST gets the password grant', async () => {
    await using registry = await registryWith((method) => (method === 'POST' ? 200 : 405))
    await using upstream = createUpstream()
    await upstream.manifest(at(registry), 'v1', { ...insecure, credentials: password(registry.host) })
    const form = new URLSearchParams(registry.seen.find(({ method }) => method === 'POST')?.body)
    assert.deepEqual(
      [form.get('grant_type'), form.get('username'), form.get('password')],
      ['password', 'u', 'p'],
    )
  })

  it('many at once ask where the registry is once', async () => {
    await using registry = await serves(() => undefined)
    await using upstream = createUpstream()
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => upstream.manifest(at(registry), `v${n}`, insecure)),
    )
    assert.equal(registry.seen.filter(({ url }) => url === '/v2/').length, 1)
  })

  it('many at once ask for one token', async () => {
    await using registry = await registryWith(() => 200)
    await using upstream = createUpstream()
    await upstream.ping(registry.host, insecure)
    await Promise.all(
      Array.from({ length: 10 }, (_, n) => upstream.manifest(at(registry), `v${n}`, insecure)),
    )
    assert.equal(registry.seen.filter(({ url }) => url.startsWith('/token')).length, 1)
  })
})

describe('loop guard (registry.md B-67)', () => {
  it('passes its own URL on, and refuses one that is already there', async () => {
    await using upstream = createUpstream({ clock: turningClock() })
    await using registry = await serves(() => undefined)
    await upstream.manifest(at(registry), 'v1', { ...insecure, via: ['http://first/'] })
    const own = `http://${registry.host}/v2/team/app/manifests/v1`
    assert.equal(registry.seen.at(-1)?.headers['x-registry-request-url'], `http://first/, ${own}`)
    assert.equal(await kindOf(upstream.manifest(at(registry), 'v1', { ...insecure, via: [own] })), 'loop')
  })
})
