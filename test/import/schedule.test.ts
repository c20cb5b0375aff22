import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, makeIndex, pushImage, pushManifest } from '../../src/upstream/testing/images.ts'
import { eventually, openSite, type Site, type StreamView, tagOf } from './open-site.ts'
import { startProxy } from './watching-proxy.ts'

/** Scheduled tags: `oc tag --scheduled` and `importPolicy.scheduled`, with an interval of seconds. */

const skip = registryMissing ?? false
const seconds = 2
const flags = ['--import-interval', `${seconds}s`]

async function openStory(repository: string) {
  await using opened = new AsyncDisposableStack()
  const registry = opened.use(await startRegistry())
  const proxy = opened.use(await startProxy(registry.host))
  const site = opened.use(await openSite({ flags }))
  const parts = opened.move()
  return {
    site,
    proxy,
    target: { url: `http://${registry.host}`, repository },
    from: `${proxy.host}/${repository}`,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

const streamYaml = (name: string, tags: readonly string[], from: string, more = '') => `
apiVersion: image.openshift.io/v1
kind: ImageStream
metadata: {name: ${name}}
spec:
  tags:
${tags.map((tag) => `  - {name: ${tag}, from: {kind: DockerImage, name: '${from}'}, importPolicy: {scheduled: true, insecure: true}${more}}`).join('\n')}
`

const imageOf = (stream: StreamView, tag: string) => tagOf(stream, tag).items[0]?.image

const untilImage = (site: Site, name: string, tag: string, digest: string) =>
  eventually(`${name}:${tag} becomes ${digest}`, async () => {
    const stream = await site.get('is', name)
    return imageOf(stream, tag) === digest ? stream : undefined
  })

/** Waits until the upstream was asked so often about the reference. */
const untilLooks = (proxy: { seen: readonly { method: string }[] }, count: number) =>
  eventually(`${count} looks`, async () =>
    proxy.seen.filter(({ method }) => method === 'HEAD').length >= count ? true : undefined,
  )

describe('scheduled imports', { skip }, () => {
  it('what is pushed upstream shows in the stream; only that tag changes, with its history', async () => {
    await using story = await openStory('library/ruby')
    const { site, from, target } = story
    const [one, two] = [makeImage('ruby 1'), makeImage('ruby 2')]
    await pushImage(target, 'latest', one)
    await site.oc('tag', '--source=docker', from, 'ruby:latest', '--scheduled', '--insecure')
    await site.oc('import-image', 'ruby:once', `--from=${from}:latest`, '--confirm', '--insecure')
    const before = await untilImage(site, 'ruby', 'latest', one.digest)
    assert.equal(tagOf(before, 'latest').spec?.importPolicy.scheduled, true)

    await pushImage(target, 'latest', two)
    const after = await untilImage(site, 'ruby', 'latest', two.digest)
    const { items } = tagOf(after, 'latest')
    assert.deepEqual(
      items.map(({ image }) => image),
      [two.digest, one.digest],
    )
    assert.equal(after.metadata.generation, before.metadata.generation + 1)
    assert.equal(items[0]?.generation, after.metadata.generation)
    assert.equal(imageOf(after, 'once'), one.digest)
  })

  it('one HEAD a sweep for all that follow, and nothing is written while nothing changes', async () => {
    await using story = await openStory('library/ruby')
    const { site, from, target, proxy } = story
    const image = makeImage('ruby 1')
    await pushImage(target, 'latest', image)
    for (const name of ['a', 'b', 'c']) await site.apply(streamYaml(name, ['first', 'second'], from))
    for (const name of ['a', 'b', 'c']) await untilImage(site, name, 'second', image.digest)
    const before = await site.weir('get', 'is', '-A', '-o', 'json')
    proxy.taken()
    const start = performance.now()
    await untilLooks(proxy, proxy.seen.filter(({ method }) => method === 'HEAD').length + 4)
    const asked = proxy.taken()
    const sweeps = (performance.now() - start) / (seconds * 1000 * 0.9)
    assert.deepEqual([...new Set(asked)], ['HEAD /v2/library/ruby/manifests/latest'])
    assert.ok(asked.length <= sweeps + 1, `${asked.length} looks for six tags in ${sweeps} sweeps`)
    assert.equal(await site.weir('get', 'is', '-A', '-o', 'json'), before)
  })

  it('a list is read once; it counts as changed only where the platform’s own image did', async () => {
    await using story = await openStory('library/multi')
    const { site, from, target, proxy } = story
    const amd64 = makeImage('multi 1')
    const arm64 = [1, 2].map((n) => makeImage(`multi ${n}`, { architecture: 'arm64' }))
    const lists = arm64.map((arm) => makeIndex([amd64, arm]))
    await pushImage(target, 'amd', amd64)
    for (const image of arm64) await pushImage(target, 'arm', image)
    await pushManifest(target, 'latest', lists[0]!)
    await site.apply(streamYaml('multi', ['latest'], from))
    const before = await untilImage(site, 'multi', 'latest', amd64.digest)
    const prefers = ', annotations: {importer.image.openshift.io/prefer-arch: arm64}'
    await site.apply(streamYaml('multi-arm', ['latest'], from, prefers))
    await untilImage(site, 'multi-arm', 'latest', arm64[0]!.digest)

    await untilLooks(proxy, 2)
    proxy.taken()
    await pushManifest(target, 'latest', lists[1]!)
    await untilImage(site, 'multi-arm', 'latest', arm64[1]!.digest)
    assert.equal((await site.get('is', 'multi')).metadata.resourceVersion, before.metadata.resourceVersion)
    const looks = proxy.seen.filter(({ method }) => method === 'HEAD').length
    await untilLooks(proxy, looks + 1)
    proxy.taken()
    await untilLooks(proxy, looks + 3)
    assert.deepEqual([...new Set(proxy.taken())], ['HEAD /v2/library/multi/manifests/latest'])
  })

  it('a source that goes away is told once, and comes back by itself', async () => {
    await using story = await openStory('library/ruby')
    const { site, from, target } = story
    const image = makeImage('ruby 1')
    await site.apply(streamYaml('ruby', ['latest'], from))
    await eventually('the condition', async () => tagOf(await site.get('is', 'ruby'), 'latest').condition)
    const { condition } = tagOf(await site.get('is', 'ruby'), 'latest')
    assert.equal(condition?.reason, 'NotFound')
    await pushImage(target, 'latest', image)
    const stream = await untilImage(site, 'ruby', 'latest', image.digest)
    assert.equal(tagOf(stream, 'latest').condition, undefined)
  })
})

describe('tags that are not scheduled', { skip }, () => {
  it('are not imported again, failed ones neither, until their generation is reset', async () => {
    await using story = await openStory('library/ruby')
    const { site, from, target, proxy } = story
    const image = makeImage('ruby 1')
    await pushImage(target, 'latest', image)
    await site.oc('import-image', 'ruby', `--from=${from}`, '--confirm', '--insecure')
    await site.oc('tag', '--source=docker', `${from}:nope`, 'ruby:nope', '--insecure')
    await eventually('the condition', async () => tagOf(await site.get('is', 'ruby'), 'nope').condition)
    proxy.taken()
    await site.oc('label', 'is', 'ruby', 'a=b')
    await site.oc('annotate', 'is', 'ruby', 'c=d')
    // Another tag's import is done after these changes were seen.
    await site.oc('tag', '--source=docker', `${from}:latest`, 'ruby:other', '--insecure')
    await untilImage(site, 'ruby', 'other', image.digest)
    assert.deepEqual(
      proxy.taken().filter((request) => request.includes('/nope')),
      [],
    )

    await pushImage(target, 'nope', image)
    const reset = [{ op: 'replace', path: '/spec/tags/1/generation', value: 0 }]
    const { spec } = await site.get('is', 'ruby')
    assert.equal(spec.tags?.[1]?.name, 'nope')
    await site.oc('patch', 'is', 'ruby', '--type=json', '-p', JSON.stringify(reset))
    const stream = await untilImage(site, 'ruby', 'nope', image.digest)
    assert.equal(tagOf(stream, 'nope').condition, undefined)
  })
})
