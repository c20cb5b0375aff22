import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import { LRUCache } from 'lru-cache'
import type { ImageImportStatus, ImageStream, ImageStreamImport } from '../api/image/index.ts'
import { canonicalImageStream, canonicalImageStreamImport } from '../api/image/index.ts'
import type { ImportPlan } from '../image/index.ts'
import { planImport } from '../image/index.ts'
import type { Upstream } from '../upstream/index.ts'
import { createKeyring, createUpstream, emptyKeyring, silentLog } from '../upstream/index.ts'
import type { TestRegistry } from '../upstream/testing/docker-registry.ts'
import { registryMissing, startRegistry } from '../upstream/testing/docker-registry.ts'
import { openPing, send, startServer } from '../upstream/testing/hostile-server.ts'
import { digestOf, makeImage, makeIndex, pushImage, pushManifest } from '../upstream/testing/images.ts'
import type { FetchDeps } from './fetch-image.ts'
import { runImport } from './run-import.ts'
import type { RunContext } from './types.ts'
import { noRegistrySources } from './types.ts'

const image = makeImage('import', { labels: { name: 'test' } })
const arm = makeImage('import', { architecture: 'arm64', docker: true })
const index = makeIndex([arm, image])
const nested = makeIndex([{ ...image, ...index, architecture: 'amd64', os: 'linux' }])
const onlyArm = makeIndex([arm])

const context: RunContext = {
  sources: noRegistrySources,
  keyring: emptyKeyring,
  anonymous: emptyKeyring,
  maxImagesPerRepository: 50,
}

const depsFor = (upstream: Upstream): FetchDeps => ({
  upstream,
  log: silentLog,
  now: () => new Date('2026-01-02T03:04:05Z'),
  layerSizes: new LRUCache({ max: 100 }),
})

function planOf(spec: object, stream?: ImageStream): ImportPlan {
  const request = { metadata: { name: 'x' }, spec: { import: false, ...spec }, status: {} }
  const canonical = canonicalImageStreamImport(request as unknown as ImageStreamImport)
  return planImport(canonical, stream, { architecture: 'amd64', os: 'linux' })
}

const from = (name: string, policy: object = {}) => ({
  from: { kind: 'DockerImage', name },
  importPolicy: { insecure: true, ...policy },
  includeManifest: true,
})

describe('runImport() against docker-registry', { skip: registryMissing ?? false }, () => {
  let registry: TestRegistry
  let upstream: Upstream
  const at = (rest: string) => `${registry.host}/team/app${rest}`
  const run = (spec: object, more: Partial<RunContext> = {}, stream?: ImageStream) =>
    runImport(planOf(spec, stream), { ...context, ...more }, depsFor(upstream))
  const one = async (
    name: string,
    policy: object = {},
    more: Partial<RunContext> = {},
    stream?: ImageStream,
  ): Promise<ImageImportStatus> => {
    const { images } = await run({ images: [from(name, policy)] }, more, stream)
    return images[0] as ImageImportStatus
  }

  before(async () => {
    registry = await startRegistry()
    upstream = createUpstream()
    const target = { url: `http://${registry.host}`, repository: 'team/app' }
    await pushImage(target, 'v1', image)
    await pushImage(target, 'arm', arm)
    await pushManifest(target, 'multi', index)
    await pushManifest(target, 'nested', nested)
    await pushManifest(target, 'onlyarm', onlyArm)
    const many = { ...target, repository: 'team/many' }
    await pushImage(many, 'latest', image)
    for (let n = 0; n < 8; n++) await pushManifest(many, `1.${n}`, image)
  })
  after(async () => {
    await upstream[Symbol.asyncDispose]()
    await registry[Symbol.asyncDispose]()
  })

  it('an image comes with layers, metadata and reference', async () => {
    const result = await one(at(':v1'))
    assert.deepEqual(result.status, { metadata: {}, status: 'Success' })
    assert.equal(result.tag, 'v1')
    const found = result.image
    assert.ok(found !== undefined)
    assert.equal(found.metadata.name, image.digest)
    assert.deepEqual(found.metadata.annotations, { 'image.openshift.io/dockerLayersOrder': 'ascending' })
    assert.equal(found.dockerImageReference, at(`@${image.digest}`))
    assert.equal(found.dockerImageManifestMediaType, image.mediaType)
    assert.equal(found.dockerImageManifest, image.bytes.toString())
    assert.equal(found.dockerImageConfig, image.config.bytes.toString())
    assert.deepEqual(
      found.dockerImageLayers?.map(({ name, size }) => [name, size]),
      image.layers.map(({ digest, bytes }) => [digest, bytes.length]),
    )
    const size = [image.config, ...image.layers].reduce((sum, { bytes }) => sum + bytes.length, 0)
    assert.deepEqual(found.dockerImageMetadata, {
      kind: 'DockerImage',
      apiVersion: 'image.openshift.io/1.0',
      Id: image.config.digest,
      Created: '2016-01-26T21:07:27Z',
      ContainerConfig: {},
      Config: { Cmd: ['/bin/sh'], Labels: { name: 'test' } },
      Architecture: 'amd64',
      Size: size,
    })
  })

  it('by digest there is no tag', async () => {
    const result = await one(at(`@${image.digest}`))
    assert.equal(result.tag, undefined)
    assert.equal(result.image?.metadata.name, image.digest)
  })

  it('Legacy takes one image of a list, by what the server, the tag or nobody prefers', async () => {
    assert.equal((await one(at(':multi'))).image?.metadata.name, image.digest)
    const annotations = { 'importer.image.openshift.io/prefer-arch': 'arm64' }
    const stream = canonicalImageStream({
      metadata: {},
      spec: { tags: [{ name: 'multi', annotations }] },
    } as unknown as ImageStream)
    assert.equal((await one(at(':multi'), {}, {}, stream)).image?.metadata.name, arm.digest)
    assert.equal((await one(at(':onlyarm'))).image?.metadata.name, arm.digest)
    assert.equal((await one(at(':nested'))).image?.metadata.name, image.digest)
    assert.equal((await one(at(`@${index.digest}`), {}, {}, stream)).image?.metadata.name, image.digest)
  })

  it('PreserveOriginal keeps the list and all that it names', async () => {
    const result = await one(at(':multi'), { importMode: 'PreserveOriginal' })
    const found = result.image
    assert.equal(found?.metadata.name, index.digest)
    assert.equal(found.metadata.annotations, undefined)
    assert.equal(found.dockerImageLayers, undefined)
    assert.deepEqual(
      found.dockerImageManifests?.map(({ digest, architecture }) => [digest, architecture]),
      [
        [arm.digest, 'arm64'],
        [image.digest, 'amd64'],
      ],
    )
    assert.deepEqual(found.dockerImageMetadata, {
      kind: 'DockerImage',
      apiVersion: 'image.openshift.io/1.0',
      Id: index.digest,
      Created: '2026-01-02T03:04:05Z',
      ContainerConfig: {},
    })
    assert.deepEqual(
      result.manifests?.map(({ metadata }) => metadata.name),
      [arm.digest, image.digest],
    )
    const inner = await one(at(':nested'), { importMode: 'PreserveOriginal' })
    assert.deepEqual(
      inner.manifests?.map(({ metadata }) => metadata.name),
      [image.digest],
    )
  })

  it('missing tags and repositories are NotFound with the whole reference (r032, r033)', async () => {
    const ref = `${registry.host}/no/where:latest`
    assert.deepEqual(await one(`${registry.host}/no/where`), {
      tag: 'latest',
      status: {
        metadata: {},
        status: 'Failure',
        message: `dockerimage.image.openshift.io "${ref}" not found`,
        reason: 'NotFound',
        details: { group: 'image.openshift.io', kind: 'dockerimage', name: ref },
        code: 404,
      },
    })
    assert.equal((await one(at(':v9'))).status.reason, 'NotFound')
    const byDigest = await one(at(`@${digestOf('nothing')}`))
    assert.equal(
      byDigest.status.message,
      `dockerimage.image.openshift.io "${at(`@${digestOf('nothing')}`)}" not found`,
    )
  })

  it('http without insecure is an InternalError (r018)', async () => {
    const cause = `${at(':v1')}: Get "https://${registry.host}/v2/": http: server gave HTTP response to HTTPS client`
    assert.deepEqual((await one(at(':v1'), { insecure: false })).status, {
      metadata: {},
      status: 'Failure',
      message: `Internal error occurred: ${cause}`,
      reason: 'InternalError',
      details: { causes: [{ message: cause }] },
      code: 500,
    })
    const annotated = canonicalImageStream({
      metadata: { annotations: { 'openshift.io/image.insecureRepository': 'true' } },
    } as unknown as ImageStream)
    const listed = { ...noRegistrySources, insecure: [registry.host] }
    assert.equal((await one(at(':v1'), { insecure: false }, { sources: listed })).status.status, 'Success')
    assert.equal((await one(at(':v1'), { insecure: false }, {}, annotated)).status.status, 'Success')
  })

  it('one image asked for several times is one rendition', async () => {
    const { images } = await run({ images: [from(at(':v1')), from(at(':v1')), from(at(':arm'))] })
    assert.equal(images[0]?.image, images[1]?.image)
    assert.notEqual(images[0]?.image, images[2]?.image)
  })

  it('a repository: in order, with a limit, and what is left named', async () => {
    const spec = { repository: from(`${registry.host}/team/many`) }
    const { repository } = await run(spec, { maxImagesPerRepository: 3 })
    assert.deepEqual(repository?.status, { metadata: {}, status: 'Success' })
    assert.deepEqual(
      repository.images?.map(({ tag }) => tag),
      ['latest', '1.7', '1.6'],
    )
    assert.deepEqual(repository.additionalTags, ['1.5', '1.4', '1.3', '1.2', '1.1', '1.0'])
    const withImage = { ...spec, images: [from(`${registry.host}/team/many:1.2`)] }
    const both = await run(withImage, { maxImagesPerRepository: 1 })
    assert.deepEqual(
      both.repository?.images?.map(({ tag }) => tag),
      ['latest', '1.2'],
    )
    assert.ok(!both.repository.additionalTags?.includes('1.2'))
  })

  it('a repository that is not there is NotFound as written, without images', async () => {
    const name = `${registry.host}/no/where`
    const { repository } = await run({ repository: from(name) })
    assert.equal(repository?.status.message, `dockerimage.image.openshift.io "${name}" not found`)
    assert.equal(repository.images, undefined)
  })

  it('mirrors are asked first, the original when they fail, and never show', async () => {
    const mirrors = [
      {
        source: 'quay.test/org',
        mirrors: [`${registry.host}/absent`, `${registry.host}/team`],
        use: 'tag',
        neverSource: false,
      },
    ] as const
    const sources = { ...noRegistrySources, mirrors, insecure: [registry.host] }
    const result = await one('quay.test/org/app:v1', { insecure: false }, { sources })
    assert.equal(result.image?.dockerImageReference, `quay.test/org/app@${image.digest}`)
    const blocked = await one(
      'quay.test/other/app:v1',
      {},
      { sources: { ...sources, blocked: ['quay.test'] } },
    )
    assert.deepEqual(blocked.status, {
      metadata: {},
      status: 'Failure',
      message: 'forbidden: registry quay.test blocked',
      reason: 'Forbidden',
      details: {},
      code: 403,
    })
  })

  it('a cancelled run rejects', async () => {
    const reason = new Error('enough')
    await assert.rejects(run({ images: [from(at(':v1'))] }, { signal: AbortSignal.abort(reason) }), reason)
  })
})

describe('runImport() against odd registries', () => {
  const run = async (spec: object, more: Partial<RunContext> = {}) => {
    await using upstream = createUpstream({ limits: { retries: 0 } })
    return runImport(planOf(spec), { ...context, ...more }, depsFor(upstream))
  }
  const message = async (host: string, rest = '/team/app:v1') =>
    (await run({ images: [from(`${host}${rest}`)] })).images[0]?.status.message

  it('errors keep the words of import.md §3.5', async () => {
    const answers: [number, string, string][] = [
      [
        404,
        '{"errors":[{"code":"NAME_UNKNOWN","message":"repository name not known to registry"}]}',
        'name unknown: repository name not known to registry',
      ],
      [403, '{"errors":[{"code":"DENIED"}]}', 'denied: requested access to the resource is denied'],
      [500, 'boom', 'received unexpected HTTP status: 500 Internal Server Error'],
      [
        404,
        '<html>',
        "error parsing HTTP 404 response body: invalid character '<' looking for beginning of value",
      ],
    ]
    for (const [status, body, cause] of answers) {
      await using server = await startServer((request, response) => {
        if (!openPing(request, response)) send(response, status, body)
      })
      assert.equal(
        await message(server.host),
        `Internal error occurred: ${server.host}/team/app:v1: ${cause}`,
      )
    }
    await using web = await startServer((_, response) => send(response, 404, 'hello'))
    const endpoint = `endpoint "http://${web.host}" does not support v2 API (got 404 Not Found)`
    assert.equal(await message(web.host), `Internal error occurred: ${web.host}/team/app:v1: ${endpoint}`)
  })

  it('unauthorized is told without details, for images and repositories', async () => {
    await using server = await startServer((_, response) => {
      send(response, 401, '{}', { 'www-authenticate': 'Basic realm="r"' })
    })
    const name = `${server.host}/team/app`
    const { images, repository } = await run({
      images: [from(`${name}:v1`)],
      repository: from(name),
    })
    const failure = { metadata: {}, status: 'Failure', reason: 'Unauthorized', code: 401 }
    const text = 'you may not have access to the container image'
    assert.deepEqual(images[0]?.status, { ...failure, message: `${text} "${name}:v1"` })
    assert.deepEqual(repository?.status, { ...failure, message: `${text} "${name}"` })
  })

  it('a registry that is down is asked once for all its tags', async () => {
    await using server = await startServer((_, response) => void response.destroy())
    const names = ['a', 'b', 'c'].map((tag) => from(`${server.host}/team/app:${tag}`))
    await run({ images: names })
    assert.ok(server.seen.length <= 1)
  })

  it('a wrong password does not keep a public image away (import.md §3.6)', async () => {
    await using server = await startServer((request, response) => {
      if (request.url.startsWith('/token')) {
        if (request.headers.authorization === undefined) return send(response, 200, '{"token":"t"}')
        return send(response, 401, '{"details":"incorrect username or password"}')
      }
      if (request.headers.authorization !== 'Bearer t') {
        return send(response, 401, '{}', { 'www-authenticate': `Bearer realm="http://${server.host}/token"` })
      }
      if (request.url.includes('/private/'))
        return send(response, 401, '{"errors":[{"code":"UNAUTHORIZED"}]}')
      const isManifest = request.url.includes('/manifests/')
      send(response, 200, isManifest ? image.bytes : image.config.bytes, {
        'content-type': isManifest ? image.mediaType : 'x/y',
      })
    })
    const auths = { [server.host]: { username: 'u', password: 'canary' } }
    const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
    const keyring = createKeyring([{ name: 's', type: 'kubernetes.io/dockerconfigjson', data }])
    const spec = { images: [from(`${server.host}/public/app:v1`), from(`${server.host}/private/app:v1`)] }
    const { images } = await run(spec, { keyring })
    assert.equal(images[0]?.status.status, 'Success')
    assert.equal(
      images[1]?.status.message,
      `incorrect username or password for image "${server.host}/private/app:v1"`,
    )
    assert.ok(!JSON.stringify(images).includes('canary'))
  })

  it('threat 2: layer URLs in a manifest are never asked', async () => {
    await using stranger = await startServer((_, response) => send(response, 200, ''))
    const layer = {
      mediaType: 'application/vnd.docker.image.rootfs.foreign.diff.tar.gzip',
      size: 5,
      digest: digestOf('layer'),
      urls: [`http://${stranger.host}/layer`],
    }
    const config = {
      mediaType: 'application/vnd.docker.container.image.v1+json',
      size: 2,
      digest: digestOf('{}'),
    }
    const type = 'application/vnd.docker.distribution.manifest.v2+json'
    const body = JSON.stringify({ schemaVersion: 2, mediaType: type, config, layers: [layer] })
    await using server = await startServer((request, response) => {
      if (openPing(request, response)) return
      send(response, 200, request.url.includes('/blobs/') ? '{}' : body, { 'content-type': type })
    })
    const { images } = await run({ images: [from(`${server.host}/team/app:v1`)] })
    assert.equal(images[0]?.status.status, 'Success')
    assert.deepEqual(stranger.seen, [])
  })

  it('a list that names itself or goes on for ever ends', async () => {
    const type = 'application/vnd.oci.image.index.v1+json'
    const level = (inner: { digest: string; bytes: Buffer }) => {
      const manifests = [
        {
          mediaType: type,
          size: inner.bytes.length,
          digest: inner.digest,
          platform: { architecture: 'amd64', os: 'linux' },
        },
      ]
      const bytes = Buffer.from(JSON.stringify({ schemaVersion: 2, mediaType: type, manifests }))
      return { digest: digestOf(bytes), bytes }
    }
    const lists = [level({ digest: digestOf('end'), bytes: Buffer.from('end') })]
    while (lists.length < 10) lists.push(level(lists.at(-1) as { digest: string; bytes: Buffer } as never))
    await using server = await startServer((request, response) => {
      if (openPing(request, response)) return
      const found = lists.find(({ digest }) => request.url.endsWith(digest)) ?? lists.at(-1)
      send(response, 200, found?.bytes ?? '', { 'content-type': type })
    })
    assert.match((await message(server.host)) ?? '', /manifest lists are nested too deeply$/)
  })

  it('schema 1 still imports, by what its digest covers, with sizes asked for', async () => {
    const payload = JSON.stringify({
      schemaVersion: 1,
      name: 'team/app',
      tag: 'v1',
      architecture: 'amd64',
      fsLayers: [{ blobSum: digestOf('top') }, { blobSum: digestOf('base') }],
      history: [
        { v1Compatibility: '{"id":"abc","config":{"Cmd":["/bin/sh"]},"architecture":"amd64"}' },
        { v1Compatibility: '{"id":"def"}' },
      ],
    })
    const protectedText = Buffer.from(
      JSON.stringify({
        formatLength: payload.length - 1,
        formatTail: Buffer.from('}').toString('base64url'),
      }),
    ).toString('base64url')
    // The second fsLayers hides among the signatures: outside of what the digest covers.
    const evil = `"fsLayers":[{"blobSum":"${digestOf('evil')}"},{"blobSum":"${digestOf('evil')}"}]`
    const signed = `${payload.slice(0, -1)},${evil},"signatures":[{"protected":"${protectedText}"}]}`
    await using server = await startServer((request, response) => {
      if (openPing(request, response)) return
      if (request.url.includes('/blobs/'))
        return void response.writeHead(200, { 'content-length': 1000 }).end()
      send(response, 200, signed, {
        'content-type': 'application/vnd.docker.distribution.manifest.v1+prettyjws',
      })
    })
    const { images } = await run({ images: [from(`${server.host}/team/app:v1`)] })
    assert.equal(images[0]?.status.message, undefined)
    assert.equal(images[0]?.image?.metadata.name, digestOf(payload))
    assert.deepEqual(
      images[0]?.image?.dockerImageLayers?.map(({ name, size }) => [name, size]),
      [
        [digestOf('base'), 1000],
        [digestOf('top'), 1000],
      ],
    )
  })
})
