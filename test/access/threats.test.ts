import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams, roleBindings } from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { randomImage } from '../lab/random-image.ts'
import { bind } from './cast.ts'

/** Holes that registries and image controllers had, tried against the whole assembly. Rows 9 and 11 are in matrix.test.ts, 13 in bad-input.test.ts. */

async function openTwoProjects(): Promise<Lab> {
  const lab = await openLab()
  await lab.project('demo', 'alice')
  await lab.project('theirs', 'bob')
  return lab
}

/** Tries again for at most a second: a policy is followed, not asked. */
async function soon(what: string, holds: () => Promise<boolean>): Promise<void> {
  for (let attempt = 0; attempt < 40; attempt++) {
    if (await holds()) return
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
  assert.fail(what)
}

describe('threat 10: content of another repository', () => {
  it('is mounted only as long as the same caller may pull there; a HEAD copies nothing', async () => {
    await using lab = await openTwoProjects()
    const image = await lab.push('demo/app:v1', randomImage('secret'))
    const [layer] = image.layers
    const mount = async () =>
      (
        await lab.pull('POST', `/v2/theirs/app/blobs/uploads/?mount=${layer?.digest}&from=demo/app`, {
          as: 'bob',
        })
      ).status
    const head = async () =>
      (await lab.pull('HEAD', `/v2/theirs/app/blobs/${layer?.digest}`, { as: 'bob' })).status
    assert.equal(await mount(), 202)
    assert.equal(await head(), 404)
    await lab.client.create(roleBindings, 'demo', bind('demo', 'bob', 'system:image-puller'))
    await soon(
      'bob may pull',
      async () =>
        (await lab.pull('HEAD', `/v2/demo/app/blobs/${layer?.digest}`, { as: 'bob' })).status === 200,
    )
    assert.equal(await head(), 404, 'the right to pull there is no link here')
    await lab.client.delete(roleBindings, 'demo', 'system-image-puller-bob')
    await soon(
      'bob may no longer pull',
      async () =>
        (await lab.pull('HEAD', `/v2/demo/app/blobs/${layer?.digest}`, { as: 'bob' })).status === 401,
    )
    assert.equal(await mount(), 202)
    assert.equal(await head(), 404)
    await lab.client.create(roleBindings, 'demo', bind('demo', 'bob', 'system:image-puller'))
    await soon('the mount is taken', async () => (await mount()) === 201)
    assert.equal(await head(), 200)
  })

  it('a right withdrawn is gone within a second, whatever was answered before', async () => {
    await using lab = await openTwoProjects()
    const image = await lab.push('demo/app:v1', randomImage('secret'))
    const paths = ['manifests/v1', `manifests/${image.digest}`, `blobs/${image.config.digest}`, 'tags/list']
    const statuses = () =>
      Promise.all(
        paths.map(async (path) => (await lab.pull('GET', `/v2/demo/app/${path}`, { as: 'bob' })).status),
      )
    const are = (expected: number) => async () => (await statuses()).every((status) => status === expected)
    await soon('refused at first', are(401))
    for (let round = 0; round < 3; round++) {
      await lab.client.create(roleBindings, 'demo', bind('demo', 'bob', 'system:image-puller'))
      await soon('allowed with the role', are(200))
      await lab.client.delete(roleBindings, 'demo', 'system-image-puller-bob')
      await soon('refused without it', are(401))
    }
  })
})

describe('threat 12: an upload belongs to who started it, where it was started', () => {
  it('others with the same rights find nothing, and change nothing', async () => {
    await using lab = await openTwoProjects()
    await lab.client.create(roleBindings, 'demo', bind('demo', 'carol', 'admin'))
    await soon(
      'carol administers too',
      async () => (await lab.pull('POST', '/v2/demo/app/blobs/uploads/', { as: 'carol' })).status === 202,
    )
    const started = await lab.pull('POST', '/v2/demo/app/blobs/uploads/')
    const location = new URL(`${started.headers.location}`, 'http://registry')
    const { pathname, search } = location
    const { config } = randomImage('upload')
    const octets = { 'content-type': 'application/octet-stream' }
    const moved = pathname.replace('/demo/app/', '/demo/other/')
    const others: [as: string, path: string][] = [
      ['carol', pathname],
      ['root', pathname],
      ['alice', moved],
    ]
    for (const [as, path] of others) {
      for (const method of ['GET', 'PATCH', 'PUT', 'DELETE']) {
        const query =
          method === 'PUT' ? `${search}${search === '' ? '?' : '&'}digest=${config.digest}` : search
        const body = method === 'PATCH' || method === 'PUT' ? { body: config.bytes, headers: octets } : {}
        const { status } = await lab.pull(method, path + query, { as, ...body })
        assert.equal(status, 404, `${as} ${method} ${path}`)
      }
    }
    const query = `${search}${search === '' ? '?' : '&'}digest=${config.digest}`
    const done = await lab.pull('PUT', pathname + query, { body: config.bytes, headers: octets })
    assert.equal(done.status, 201, done.text)
  })
})

describe('threat 14: nobody reaches into another namespace through what the program does for them', () => {
  const from = { kind: 'ImageStreamTag', namespace: 'theirs', name: 'ruby:v1' }
  const image = { apiVersion: 'image.openshift.io/v1' }
  const base = '/apis/image.openshift.io/v1/namespaces/demo'

  it('by a tag that points there, whichever request writes it', async () => {
    await using lab = await openTwoProjects()
    await lab.push('theirs/ruby:v1', randomImage('ruby'), 'bob')
    await lab.push('demo/own:v1', randomImage('own'))
    const spec = { tags: [{ name: 'v1', from }] }
    const stream = { ...image, kind: 'ImageStream', metadata: { name: 'copy' }, spec }
    const tag = { ...image, kind: 'ImageStreamTag', metadata: { name: 'own:v2' }, tag: { from } }
    const merge = { 'content-type': 'application/merge-patch+json' }
    const requests: [string, string, object, Record<string, string>?][] = [
      ['POST', `${base}/imagestreams`, stream],
      ['POST', `${base}/imagestreamtags`, tag],
      ['PUT', `${base}/imagestreamtags/own:v2`, tag],
      ['PATCH', `${base}/imagestreams/own`, { spec }, merge],
      ['PATCH', `${base}/imagestreamtags/own:v1`, { tag: { from } }, merge],
    ]
    for (const [method, path, body, headers = {}] of requests) {
      const answer = await lab.call(method, path, { body, headers })
      assert.equal(answer.status, 422, `${method} ${path}: ${answer.text}`)
      assert.match(`${answer.json().message}`, /Forbidden: theirs\/ruby/)
    }
    await assert.rejects(lab.client.get(imageStreams, 'demo', 'copy'), (error) =>
      isApiError(error, 'NotFound'),
    )
    const own = await lab.client.get(imageStreams, 'demo', 'own')
    assert(!JSON.stringify(own).includes('theirs'))
  })

  it('and a name means the one at home, never a namesake elsewhere', async () => {
    await using lab = await openTwoProjects()
    await lab.push('theirs/ruby:v1', randomImage('theirs'), 'bob')
    const home = await lab.push('demo/ruby:v1', randomImage('home'))
    const near = { kind: 'ImageStreamTag', name: 'ruby:v1' }
    const body = { ...image, kind: 'ImageStreamTag', metadata: { name: 'app:v1' }, tag: { from: near } }
    assert.equal((await lab.call('POST', `${base}/imagestreamtags`, { body })).status, 201)
    assert.equal(
      (await lab.pull('HEAD', '/v2/demo/app/manifests/v1')).headers['docker-content-digest'],
      home.digest,
    )
    await lab.call('DELETE', `${base}/imagestreams/ruby`)
    const gone = await lab.call('GET', `${base}/imagestreamtags/ruby:v1`)
    assert.equal(gone.status, 404)
  })

  it('by an image that only their streams hold', async () => {
    await using lab = await openTwoProjects()
    const secret = await lab.push('theirs/ruby:v1', randomImage('secret'), 'bob')
    const tag = (name: string) => ({ kind: 'ImageStreamImage', name: `own@${name}` })
    const mine = await lab.push('demo/own:v1', randomImage('own'))
    for (const path of [
      `${base}/imagestreamimages/own@${secret.digest}`,
      `${base}/imagestreamimages/ruby@${secret.digest}`,
    ]) {
      assert.equal((await lab.call('GET', path)).status, 404, path)
    }
    const body = {
      ...image,
      kind: 'ImageStreamTag',
      metadata: { name: 'own:v2' },
      tag: { from: tag(secret.digest) },
    }
    await lab.call('POST', `${base}/imagestreamtags`, { body })
    assert.notEqual((await lab.pull('GET', '/v2/demo/own/manifests/v2')).status, 200)
    assert.equal((await lab.pull('GET', `/v2/demo/own/manifests/${secret.digest}`)).status, 404)
    const mapping = {
      ...image,
      kind: 'ImageStreamMapping',
      metadata: { name: 'own' },
      tag: 'v3',
      image: {
        metadata: { name: secret.digest },
        dockerImageReference: `registry.lab:5000/theirs/ruby@${secret.digest}`,
      },
    }
    const mapped = await lab.call('POST', `${base}/imagestreammappings`, { body: mapping })
    assert.equal(mapped.status, 403, mapped.text)
    assert.notEqual(
      (await lab.pull('GET', '/v2/demo/own/manifests/v3')).status,
      200,
      'a mapping is no way to bytes',
    )
    assert.notEqual((await lab.pull('GET', `/v2/demo/own/manifests/${secret.digest}`)).status, 200)
    assert.notEqual((await lab.pull('GET', `/v2/demo/own/blobs/${secret.layers[0]?.digest}`)).status, 200)
    // What one may pull one may map.
    const own = {
      ...mapping,
      metadata: { name: 'own' },
      image: { ...mapping.image, metadata: { name: mine.digest } },
    }
    assert.equal((await lab.call('POST', `${base}/imagestreammappings`, { body: own })).status, 201)
    await lab.client.create(roleBindings, 'theirs', bind('theirs', 'alice', 'system:image-puller'))
    await soon('alice may pull there', async () => {
      return (await lab.call('POST', `${base}/imagestreammappings`, { body: mapping })).status === 201
    })
    assert.equal((await lab.pull('GET', '/v2/demo/own/manifests/v3')).status, 200)
  })

  it('by an image made up around the digests of their blobs', async () => {
    await using lab = await openTwoProjects()
    const secret = await lab.push('theirs/ruby:v1', randomImage('secret'), 'bob')
    await lab.push('demo/own:v1', randomImage('own'))
    const [layer] = secret.layers
    const name = `sha256:${'1'.repeat(64)}`
    const claims = [
      { dockerImageLayers: [{ name: layer?.digest, size: 500, mediaType: layer?.mediaType }] },
      { dockerImageManifest: secret.bytes.toString('utf8'), dockerImageManifestMediaType: secret.mediaType },
      {
        dockerImageManifests: [
          {
            digest: secret.digest,
            mediaType: secret.mediaType,
            manifestSize: 1,
            architecture: 'amd64',
            os: 'linux',
          },
        ],
      },
    ]
    for (const dockerImageReference of ['', `evil.test/x/y@${name}`]) {
      for (const claim of claims) {
        const body = {
          ...image,
          kind: 'ImageStreamMapping',
          metadata: { name: 'own' },
          tag: 'forged',
          image: { metadata: { name }, dockerImageReference, ...claim },
        }
        const made = await lab.call('POST', `${base}/imagestreammappings`, { body })
        assert.equal(made.status, 403, made.text)
      }
    }
    for (const path of [`blobs/${layer?.digest}`, `manifests/${secret.digest}`, 'manifests/forged']) {
      assert.equal((await lab.pull('GET', `/v2/demo/own/${path}`)).status, 404, path)
    }
  })
})
