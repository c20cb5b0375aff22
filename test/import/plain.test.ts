import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { eventually, openSite, type StreamView, tagOf } from './open-site.ts'

/** The documentation's section on imports, with Debian's docker-registry over plain HTTP as the other registry. */

const repository = 'openshift/ruby-20-centos7'
const skip = registryMissing ?? false

async function openStory(tags: Record<string, string>) {
  await using opened = new AsyncDisposableStack()
  const registry = opened.use(await startRegistry())
  const target = { url: `http://${registry.host}`, repository }
  const images = Object.fromEntries(Object.entries(tags).map(([tag, seed]) => [tag, makeImage(seed)]))
  for (const [tag, image] of Object.entries(images)) await pushImage(target, tag, image)
  const site = opened.use(await openSite())
  const parts = opened.move()
  return {
    site,
    from: `${registry.host}/${repository}`,
    images,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

describe('imports by hand', { skip }, () => {
  it('import-image --confirm makes the stream and tells of it', async () => {
    await using story = await openStory({ latest: 'ruby 1' })
    const { site, from, images } = story
    const refused = await site.tryOc(['import-image', 'my-ruby', `--from=${from}`])
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /no image stream named "my-ruby" exists, pass --confirm to create and import/,
    )

    const told = await site.oc('import-image', 'my-ruby', `--from=${from}`, '--confirm', '--insecure')
    assert.match(told, /^imagestream\.image\.openshift\.io\/my-ruby imported\n/)
    assert.match(told, /Name:\t+my-ruby\n/)
    assert.match(told, /Annotations:\t+openshift\.io\/image\.dockerRepositoryCheck=\d{4}-/)
    assert.ok(told.includes(`tagged from ${from}`), told)
    assert.ok(told.includes(`* ${from}@${images.latest?.digest}`), told)

    const stream = await site.get('is', 'my-ruby')
    assert.equal(stream.metadata.generation, 1)
    assert.equal(stream.status.dockerImageRepository, `${site.registry}/demo-project/my-ruby`)
    const { spec, items, condition } = tagOf(stream, 'latest')
    assert.deepEqual(spec?.from, { kind: 'DockerImage', name: from })
    assert.deepEqual(spec?.importPolicy, { importMode: 'Legacy', insecure: true })
    assert.equal(items[0]?.image, images.latest?.digest)
    assert.equal(items[0]?.dockerImageReference, `${from}@${images.latest?.digest}`)
    assert.equal(condition, undefined)

    await site.oc('import-image', 'my-ruby')
    assert.equal((await site.get('is', 'my-ruby')).metadata.resourceVersion, stream.metadata.resourceVersion)
  })

  it('without --insecure a registry that speaks HTTP is refused, and the stream says why', async () => {
    await using story = await openStory({ latest: 'ruby 1' })
    const { site, from } = story
    const ended = await site.tryOc(['import-image', 'my-ruby', `--from=${from}`, '--confirm'])
    assert.equal(ended.code, 1)
    const { condition, items } = tagOf(await site.get('is', 'my-ruby'), 'latest')
    assert.deepEqual(items, [])
    assert.equal(condition?.reason, 'InternalError')
    assert.match(condition?.message ?? '', /http: server gave HTTP response to HTTPS client$/)
  })

  it('--all takes every tag', async () => {
    await using story = await openStory({ latest: 'a', '2.0': 'a', '2.1': 'b', old: 'c' })
    const { site, from, images } = story
    await site.oc('import-image', 'all-ruby', `--from=${from}`, '--all', '--confirm', '--insecure')
    const stream = await site.get('is', 'all-ruby')
    for (const [tag, { digest }] of Object.entries(images)) {
      assert.equal(tagOf(stream, tag).items[0]?.image, digest, tag)
    }
  })

  it('a stream with spec.dockerImageRepository imports itself: the YAML of the documentation', async () => {
    await using story = await openStory({ latest: 'ruby 1', '2.0': 'ruby 2' })
    const { site, from, images } = story
    await site.apply(`
apiVersion: image.openshift.io/v1
kind: ImageStream
metadata:
  name: my-ruby
  annotations: {openshift.io/image.insecureRepository: "true"}
spec:
  dockerImageRepository: ${from}
`)
    const stream = await eventually('the import', async () => {
      const now = await site.get('is', 'my-ruby')
      return tagOf(now, 'latest').items.length > 0 ? now : undefined
    })
    assert.equal(stream.metadata.generation, 2)
    const { spec, items } = tagOf(stream, 'latest')
    assert.deepEqual(spec?.from, { kind: 'DockerImage', name: `${from}:latest` })
    assert.equal(spec?.generation, 2)
    assert.deepEqual([items[0]?.image, items[0]?.generation], [images.latest?.digest, 2])
    assert.equal(tagOf(stream, '2.0').items[0]?.image, images['2.0']?.digest)
  })

  it('the annotation insecureRepository covers the tags of a stream that names only them', async () => {
    await using story = await openStory({ latest: 'ruby 1' })
    const { site, from, images } = story
    await site.apply(`
apiVersion: image.openshift.io/v1
kind: ImageStream
metadata:
  name: ruby
  annotations: {openshift.io/image.insecureRepository: "true"}
spec:
  tags:
  - {name: latest, from: {kind: DockerImage, name: '${from}'}, importPolicy: {scheduled: true}}
`)
    const stream = await eventually('the import', async () => {
      const now = await site.get('is', 'ruby')
      return tagOf(now, 'latest').items.length > 0 ? now : undefined
    })
    assert.equal(tagOf(stream, 'latest').items[0]?.image, images.latest?.digest)
  })

  it('a missing tag leaves a condition once, and is not asked for again and again', async () => {
    await using story = await openStory({ latest: 'ruby 1' })
    const { site, from } = story
    const ended = await site.tryOc([
      'import-image',
      'my-ruby:9',
      `--from=${from}:9`,
      '--confirm',
      '--insecure',
    ])
    assert.equal(ended.code, 1)
    assert.ok(
      ended.stderr.includes(`error: tag 9 failed: dockerimage.image.openshift.io "${from}:9" not found`),
    )
    const { condition } = tagOf(await site.get<StreamView>('is', 'my-ruby'), '9')
    assert.deepEqual(
      [condition?.type, condition?.status, condition?.reason],
      ['ImportSuccess', 'False', 'NotFound'],
    )
  })
})
