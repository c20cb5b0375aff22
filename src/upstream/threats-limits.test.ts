import assert from 'node:assert/strict'
import type { ServerResponse } from 'node:http'
import { buffer } from 'node:stream/consumers'
import { describe, it } from 'node:test'
import { createUpstream } from './create-upstream.ts'
import { openPing, send, startServer } from './testing/hostile-server.ts'
import { at, failure, image, insecure, quick, withUpstream } from './testing/threat-kit.ts'

/** Rows 7 and 8 of the table of threats: how much may come back, and how slowly. */

describe('threat 7: more than anyone needs', () => {
  const endless = (response: ServerResponse, chunk: string) => {
    const timer = setInterval(() => response.write(chunk), 1)
    response.on('close', () => clearInterval(timer))
  }

  it('an endless manifest, config, tag list and error end at their bounds', async () => {
    const limits = {
      ...quick.limits,
      manifestBytes: 100_000,
      configBytes: 100_000,
      tagPageBytes: 100_000,
      smallBodyBytes: 100_000,
    }
    await using upstream = createUpstream({ limits })
    await using registry = await startServer((request, response) => {
      if (openPing(request, response)) return
      response.writeHead(request.url.includes('refused') ? 403 : 200)
      endless(response, 'x'.repeat(20_000))
    })
    await failure(upstream.manifest(at(registry), 'v1', insecure()), 'too-large')
    await failure(upstream.readBlob(at(registry), image.config.digest, insecure()), 'too-large')
    await failure(upstream.tags(at(registry), insecure()), 'too-large')
    await failure(upstream.manifest(at(registry), 'refused', insecure()), 'bad-answer')
  })

  it(
    'a body announced too large is not even read',
    withUpstream(async (upstream) => {
      await using registry = await startServer((request, response) => {
        if (openPing(request, response)) return
        response.writeHead(200, { 'content-length': 10 ** 12 })
        response.write('{')
      })
      await failure(upstream.manifest(at(registry), 'v1', insecure()), 'too-large')
    }),
  )

  it(
    'headers that never end, and bodies that drip, are given up',
    withUpstream(async (upstream) => {
      await using silent = await startServer((request, response) => void openPing(request, response))
      await failure(upstream.manifest(at(silent), 'v1', insecure()), 'timeout')
      await using dripping = await startServer((request, response) => {
        if (openPing(request, response)) return
        response.writeHead(200)
        const timer = setInterval(() => response.write('x'), 100)
        response.on('close', () => clearInterval(timer))
      })
      await failure(upstream.manifest(at(dripping), 'v1', insecure()), 'timeout')
      await using mute = await startServer(() => undefined)
      assert.match(
        await failure(upstream.ping(mute.host, insecure()), 'timeout'),
        /context deadline exceeded/,
      )
    }),
  )

  it('a blob that drips for a minute is given up', async () => {
    let now = 0
    const clock = { now: () => (now += 20_000), sleep: async () => undefined }
    await using upstream = createUpstream({ ...quick, clock })
    await using registry = await startServer((request, response) => {
      if (openPing(request, response)) return
      response.writeHead(200)
      const timer = setInterval(() => response.write('x'), 10)
      response.on('close', () => clearInterval(timer))
    })
    const { stream } = await upstream.blob(at(registry), image.config.digest, insecure())
    assert.match(await failure(buffer(stream), 'timeout'), /too slowly/)
  })

  it('a million tags, and pages that lead in circles or elsewhere, are refused', async () => {
    await using upstream = createUpstream({
      limits: { ...quick.limits, tags: 5000, tagPages: 10, tagPageBytes: 10 ** 7 },
    })
    let link = (_: URL): string => ''
    let tags: string[] = Array.from({ length: 100_000 }, (_, n) => `t${n}`)
    await using registry = await startServer((request, response) => {
      if (openPing(request, response)) return
      const next = link(new URL(request.url, 'http://x'))
      send(response, 200, JSON.stringify({ tags }), next === '' ? {} : { link: `<${next}>; rel="next"` })
    })
    await failure(upstream.tags(at(registry), insecure()), 'too-large')
    tags = ['v1', '../../etc', 'v 2', '']
    assert.deepEqual(await upstream.tags(at(registry), insecure()), ['v1', ''])
    link = (url) => url.pathname
    assert.match(await failure(upstream.tags(at(registry), insecure()), 'bad-answer'), /loop/)
    link = (url) => `${url.pathname}?last=${Number(url.searchParams.get('last')) + 1}`
    assert.match(await failure(upstream.tags(at(registry), insecure()), 'too-large'), /pages/)
    link = () => '/v2/other/tags/list'
    await failure(upstream.tags(at(registry), insecure()), 'forbidden-target')
    for (const elsewhere of [
      'http://127.0.0.1:1/v2/team/app/tags/list',
      '//evil.test/v2/team/app/tags/list',
    ]) {
      link = () => elsewhere
      assert.match(await failure(upstream.tags(at(registry), insecure()), 'bad-answer'), /loop/)
    }
  })

  it(
    'follows honest pages',
    withUpstream(async (upstream) => {
      await using registry = await startServer((request, response) => {
        if (openPing(request, response)) return
        const last = Number(new URL(request.url, 'http://x').searchParams.get('last'))
        const link: Record<string, string> =
          last < 3 ? { link: `</v2/team/app/tags/list?n=1&last=${last + 1}>; rel="next"` } : {}
        send(response, 200, JSON.stringify({ name: 'team/app', tags: [`v${last}`] }), link)
      })
      assert.deepEqual(await upstream.tags(at(registry), insecure()), ['v0', 'v1', 'v2', 'v3'])
    }),
  )
})

describe('threat 8: compressed bodies', () => {
  it(
    'are not asked for and not accepted',
    withUpstream(async (upstream) => {
      await using registry = await startServer((request, response) => {
        if (!openPing(request, response)) send(response, 200, 'x', { 'content-encoding': 'gzip' })
      })
      await failure(upstream.manifest(at(registry), 'v1', insecure()), 'bad-answer')
      await failure(upstream.readBlob(at(registry), image.config.digest, insecure()), 'bad-answer')
      await failure(upstream.tags(at(registry), insecure()), 'bad-answer')
      assert.ok(registry.seen.every(({ headers }) => headers['accept-encoding'] === 'identity'))
    }),
  )
})
