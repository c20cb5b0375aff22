import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { after, before, describe, it } from 'node:test'
import { LRUCache } from 'lru-cache'
import type { ImageStream, ImageStreamImport } from '../api/image/index.ts'
import {
  allKinds,
  imageStreamImports,
  imageStreams,
  images,
  limitRanges,
  namespaces,
  secrets,
} from '../api/index.ts'
import type { StreamEnv } from '../image/index.ts'
import { createWhitelist } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { createImageEndpoints } from '../resources/image/index.ts'
import { createResources } from '../resources/resources.ts'
import { openSqliteStore } from '../store/index.ts'
import { createUpstream, emptyKeyring, silentLog } from '../upstream/index.ts'
import type { TestRegistry } from '../upstream/testing/docker-registry.ts'
import { registryMissing, startRegistry } from '../upstream/testing/docker-registry.ts'
import { makeImage, makeIndex, pushImage, pushManifest } from '../upstream/testing/images.ts'
import { createImportEndpoint } from './import-endpoint.ts'
import { createSurroundings } from './surroundings.ts'

const v1 = makeImage('v1')
const v2 = makeImage('v2')
const arm = makeImage('v1', { architecture: 'arm64' })
const index = makeIndex([v1, arm])
const start = Date.parse('2026-05-06T12:00:00Z')
const annotation = 'openshift.io/image.dockerRepositoryCheck'

interface LabOptions {
  settings?: Partial<StreamEnv>
  mayCreateImages?: boolean
  mostImages?: number
}

async function openLab({ settings = {}, mayCreateImages = false, mostImages = 50 }: LabOptions = {}) {
  const store = await openSqliteStore({ file: ':memory:' })
  const upstream = createUpstream()
  let now = start
  const clock = () => new Date(now)
  const resources = createResources({
    kinds: allKinds,
    store,
    clock,
    randomUuid: randomUUID,
    random: Math.random,
  })
  const client = resources.system
  const imageDeps = {
    ...resources.deps,
    authorize: async () => ({ allowed: mayCreateImages, reason: '' }),
    settings: {
      internalRegistry: 'reg.test:5000',
      externalRegistries: [],
      whitelist: createWhitelist([], ''),
      defaultImportMode: 'Legacy' as const,
      ...settings,
    },
  }
  const surroundings = createSurroundings({
    client,
    nodeKeyring: emptyKeyring,
    insecureRegistries: [],
    blockedRegistries: [],
    mirrors: [],
    log: silentLog,
  })
  resources.add(createImageEndpoints(imageDeps))
  resources.add([
    createImportEndpoint({
      ...imageDeps,
      fetch: { upstream, layerSizes: new LRUCache({ max: 100 }), log: silentLog },
      surroundings,
      nodeKeyring: emptyKeyring,
      platform: { architecture: 'amd64', os: 'linux' },
      maxImagesPerRepository: mostImages,
    }),
  ])
  await client.create(namespaces, '', { metadata: { name: 'demo' } } as never)
  const post = (name: string, spec: object, metadata: object = {}): Promise<ImageStreamImport> =>
    client.create(imageStreamImports, 'demo', {
      metadata: { name, ...metadata },
      spec: { import: true, ...spec },
    } as never)
  return {
    client,
    store,
    post,
    stream: (name: string) => client.get(imageStreams, 'demo', name),
    turn: (seconds: number) => {
      now += seconds * 1000
    },
    async [Symbol.asyncDispose]() {
      await upstream[Symbol.asyncDispose]()
      await store[Symbol.asyncDispose]()
    },
  }
}

const from = (name: string, more: object = {}) => ({
  from: { kind: 'DockerImage', name },
  importPolicy: { insecure: true },
  ...more,
})
const specTag = (stream: ImageStream, name: string) => stream.spec.tags?.find((tag) => tag.name === name)
const statusTag = (stream: ImageStream, name: string) => stream.status.tags?.find((tag) => tag.tag === name)

const refuses = (code: number, message: RegExp) => (error: unknown) => {
  assert.ok(isApiError(error), String(error))
  assert.equal(error.code, code, error.message)
  assert.match(error.message, message)
  return true
}

describe('imagestreamimports', { skip: registryMissing ?? false }, () => {
  let registry: TestRegistry
  const at = (rest: string) => `${registry.host}/team/app${rest}`
  const target = () => ({ url: `http://${registry.host}`, repository: 'team/app' })

  before(async () => {
    registry = await startRegistry()
    await pushImage(target(), 'v1', v1)
    await pushImage(target(), 'v2', v2)
    await pushImage(target(), 'arm', arm)
    await pushManifest(target(), 'latest', v1)
    await pushManifest(target(), 'multi', index)
  })
  after(() => registry[Symbol.asyncDispose]())

  it('a new stream: the answer, the stream and the Image (r019)', async () => {
    await using lab = await openLab()
    const answer = await lab.post('app', { images: [from(at(''), { to: { name: 'latest' } })] })
    const { status, metadata, spec } = answer
    assert.match(metadata.uid ?? '', /^[0-9a-f-]{36}$/)
    assert.deepEqual(
      { ...metadata, uid: '' },
      { name: 'app', namespace: 'demo', uid: '', creationTimestamp: '2026-05-06T12:00:00Z' },
    )
    assert.deepEqual(spec.images?.[0]?.importPolicy, { insecure: true, importMode: 'Legacy' })
    assert.deepEqual(spec.images?.[0]?.referencePolicy, { type: 'Source' })
    const stored = status.import
    assert.equal(stored?.kind, undefined)
    assert.equal(stored?.metadata.generation, 1)
    assert.deepEqual(stored.metadata.annotations, { [annotation]: '2026-05-06T12:00:00Z' })
    assert.equal(stored.status.dockerImageRepository, 'reg.test:5000/demo/app')
    assert.deepEqual(stored.spec.tags, [
      {
        name: 'latest',
        annotations: null,
        from: { kind: 'DockerImage', name: at('') },
        generation: 1,
        importPolicy: { insecure: true, importMode: 'Legacy' },
        referencePolicy: { type: 'Source' },
      },
    ])
    const event = {
      created: '2026-05-06T12:00:00Z',
      dockerImageReference: at(`@${v1.digest}`),
      image: v1.digest,
      generation: 1,
    }
    assert.deepEqual(stored.status.tags, [{ tag: 'latest', items: [event] }])
    const image = status.images?.[0]?.image
    assert.equal(image?.kind, undefined)
    assert.ok(image?.metadata.uid && image.metadata.resourceVersion && image.metadata.creationTimestamp)
    assert.equal(image.dockerImageManifest, undefined)
    const kept = await lab.client.get(images, '', v1.digest)
    assert.equal(kept.metadata.uid, image.metadata.uid)
    assert.equal(kept.dockerImageManifest, undefined)
    assert.equal(kept.dockerImageConfig, undefined)
    const { kind: _kind, apiVersion: _version, ...bare } = await lab.stream('app')
    assert.deepEqual(bare, stored)
  })

  it('the same again writes nothing, and shows the Image with a uid of its own (r020)', async () => {
    await using lab = await openLab()
    const first = await lab.post('app', { images: [from(at(''), { to: { name: 'latest' } })] })
    const before = lab.store.revision()
    lab.turn(60)
    const { resourceVersion = '' } = first.status.import?.metadata ?? {}
    const again = await lab.post(
      'app',
      { images: [from(at(''), { to: { name: 'latest' } })] },
      { resourceVersion },
    )
    assert.equal(lab.store.revision(), before)
    assert.equal(again.metadata.resourceVersion, resourceVersion)
    assert.deepEqual(again.status.import, first.status.import)
    const image = again.status.images?.[0]?.image
    assert.equal(image?.metadata.resourceVersion, undefined)
    assert.notEqual(image?.metadata.uid, first.status.images?.[0]?.image?.metadata.uid)
    assert.equal(image?.metadata.creationTimestamp, '2026-05-06T12:01:00Z')
  })

  it('a tag that moved gets a new event and generation', async () => {
    await using lab = await openLab()
    await pushManifest(target(), 'moving', v1)
    await lab.post('app', { images: [from(at(':moving'))] })
    await pushManifest(target(), 'moving', v2)
    lab.turn(60)
    const { status } = await lab.post('app', { images: [from(at(':moving'))] })
    const stream = status.import as ImageStream
    assert.equal(stream.metadata.generation, 2)
    assert.equal(specTag(stream, 'moving')?.generation, 2)
    assert.deepEqual(
      statusTag(stream, 'moving')?.items?.map(({ image, generation }) => [image, generation]),
      [
        [v2.digest, 2],
        [v1.digest, 1],
      ],
    )
    assert.deepEqual(stream.metadata.annotations, { [annotation]: '2026-05-06T12:01:00Z' })
  })

  it('one good, one bad: 201, one event, one condition (import.md §2.4)', async () => {
    await using lab = await openLab()
    const spec = {
      images: [from(at(':v1'), { to: { name: 'ok' } }), from(at(':nope'), { to: { name: 'bad' } })],
    }
    const { status } = await lab.post('app', spec)
    const stream = status.import as ImageStream
    assert.deepEqual(statusTag(stream, 'bad'), {
      tag: 'bad',
      items: null,
      conditions: [
        {
          type: 'ImportSuccess',
          status: 'False',
          lastTransitionTime: '2026-05-06T12:00:00Z',
          reason: 'NotFound',
          message: `dockerimage.image.openshift.io "${at(':nope')}" not found`,
          generation: 1,
        },
      ],
    })
    assert.equal(statusTag(stream, 'ok')?.items?.length, 1)
    assert.equal(specTag(stream, 'bad')?.generation, 1)
    const before = lab.store.revision()
    lab.turn(60)
    await lab.post('app', spec)
    assert.equal(lab.store.revision(), before, 'the same failure again writes nothing')
  })

  it('success after a failure takes the condition away', async () => {
    await using lab = await openLab()
    const spec = { images: [from(at(':late'))] }
    await lab.post('app', spec)
    await pushManifest(target(), 'late', v1)
    const { status } = await lab.post('app', spec)
    assert.equal(statusTag(status.import as ImageStream, 'late')?.conditions, undefined)
  })

  it('import: false stores nothing and keeps what was asked for (r520)', async () => {
    await using lab = await openLab()
    const before = lab.store.revision()
    const spec = { import: false, images: [from(at(':v1'), { includeManifest: true }), from(at(':v2'))] }
    const { status } = await lab.post('app', spec)
    assert.equal(lab.store.revision(), before)
    assert.equal(status.import, undefined)
    const [first, second] = status.images ?? []
    assert.deepEqual(first?.image?.metadata, {
      name: v1.digest,
      annotations: { 'image.openshift.io/dockerLayersOrder': 'ascending' },
    })
    assert.equal(first.image.dockerImageManifest, v1.bytes.toString())
    assert.equal(first.image.dockerImageConfig, v1.config.bytes.toString())
    assert.equal(second?.image?.dockerImageManifest, undefined)
  })

  it('a dry run shows what would be, and stores nothing', async () => {
    await using lab = await openLab()
    const before = lab.store.revision()
    const body = { metadata: { name: 'app' }, spec: { import: true, images: [from(at(':v1'))] } }
    const { status } = await lab.client.create(imageStreamImports, 'demo', body as never, { dryRun: true })
    assert.equal(lab.store.revision(), before)
    assert.equal(status.import?.metadata.generation, 1)
    assert.equal(status.import.metadata.resourceVersion, undefined)
  })

  it('a list kept whole: its parts are stored before it, an entry known before shows without revision', async () => {
    await using lab = await openLab()
    await lab.post('app', { images: [from(at(':v1'))] })
    const spec = {
      images: [from(at(':multi'), { importPolicy: { insecure: true, importMode: 'PreserveOriginal' } })],
    }
    const { status } = await lab.post('app', spec)
    const [result] = status.images ?? []
    assert.equal(result?.image?.metadata.name, index.digest)
    assert.deepEqual(
      result.manifests?.map(({ metadata }) => [metadata.name, metadata.resourceVersion !== undefined]),
      [
        [v1.digest, false],
        [arm.digest, true],
      ],
    )
    for (const digest of [index.digest, arm.digest]) await lab.client.get(images, '', digest)
    assert.equal(statusTag(status.import as ImageStream, 'multi')?.items?.[0]?.image, index.digest)
  })

  it('an entry without a platform fails the whole request (import.md §3.4)', async () => {
    await using lab = await openLab()
    await pushManifest(target(), 'bare', makeIndex([{ ...v1, architecture: '' }]))
    const before = lab.store.revision()
    const spec = {
      images: [from(at(':bare'), { importPolicy: { insecure: true, importMode: 'PreserveOriginal' } })],
    }
    await assert.rejects(
      lab.post('app', spec),
      refuses(422, /dockerImageManifests\[0\]\.architecture: Required value/),
    )
    assert.equal(lab.store.revision(), before)
  })

  it('a repository: tags in order, the rest named, failures without spec tags', async () => {
    await using lab = await openLab({ mostImages: 2 })
    const { status } = await lab.post('all', { repository: from(at('')) })
    const stream = status.import as ImageStream
    assert.deepEqual(
      stream.spec.tags?.map(({ name, from: source }) => [name, source?.name]),
      [
        ['arm', at(':arm')],
        ['latest', at(':latest')],
      ],
    )
    assert.ok(status.repository?.additionalTags?.includes('v1'))
    assert.equal(status.images, undefined)
    const missing = await lab.post('none', { repository: from(`${registry.host}/no/where`) })
    assert.equal(missing.status.repository?.status.reason, 'NotFound')
    assert.equal(missing.status.import?.status.tags, undefined)
    assert.ok(missing.status.import?.metadata.annotations?.[annotation], 'an empty stream remains')
  })

  it('the version that the caller saw must be the stream’s', async () => {
    await using lab = await openLab()
    const spec = { images: [from(at(':v1'))] }
    const named = /^imagestreamimports\.image\.openshift\.io "app" not found$/
    await assert.rejects(lab.post('app', spec, { resourceVersion: '7' }), refuses(404, named))
    await lab.post('app', spec)
    const text =
      /^Operation cannot be fulfilled on imagestream\.image\.openshift\.io "app": the image stream was updated from "7" to "\d+"$/
    await assert.rejects(lab.post('app', spec, { resourceVersion: '7' }), refuses(409, text))
  })

  it('many imports into one new stream at once all get in', async () => {
    await using lab = await openLab()
    const tags = Array.from({ length: 12 }, (_, n) => `t${n}`)
    await Promise.all(tags.map((name) => lab.post('app', { images: [from(at(n(name)), { to: { name } })] })))
    const stream = await lab.stream('app')
    assert.deepEqual(stream.spec.tags?.map(({ name }) => name).toSorted(), tags.toSorted())
    function n(tag: string): string {
      return Number(tag.slice(1)) % 2 === 0 ? ':v1' : ':v2'
    }
  })

  it('bad requests are refused before any registry is asked (r525, r526)', async () => {
    await using lab = await openLab()
    const bad = [from('x', { from: { kind: 'ImageStreamTag', name: 'ruby:2.1' } }), from('Bad::')]
    const both =
      /is invalid: \[spec\.images\[0\]\.from\.kind: .*only DockerImage is supported, spec\.images\[1\]\.from\.name: /
    await assert.rejects(lab.post('app', { images: bad }), refuses(422, both))
    await assert.rejects(
      lab.post('app', {}),
      refuses(422, /you must specify at least one image or a repository import/),
    )
    await assert.rejects(
      lab.post('Bad_Name', { images: [from(at(''))] }),
      refuses(422, /metadata\.name: Invalid value/),
    )
    await assert.rejects(lab.post('app', { repository: from(at(':v1')) }), refuses(422, /not a tag or ID/))
  })

  it('the whitelist holds, but for those who may create images (image-api.md §8)', async () => {
    const whitelist = createWhitelist([{ domainName: 'quay.io' }], '')
    const spec = { import: false, images: [from(at(':v1'))] }
    {
      await using lab = await openLab({ settings: { whitelist } })
      const text =
        /spec\.images\[0\]\.from\.name: Forbidden: importing images from registry "127\.0\.0\.1:\d+" is forbidden: registry /
      await assert.rejects(lab.post('app', spec), refuses(422, text))
    }
    await using lab = await openLab({ settings: { whitelist }, mayCreateImages: true })
    assert.equal((await lab.post('app', spec)).status.images?.[0]?.status.status, 'Success')
  })

  it('limits refuse the write; an existing stream keeps a condition (r612)', async () => {
    await using lab = await openLab()
    const limits = [{ type: 'openshift.io/ImageStream', max: { 'openshift.io/image-tags': '1' } }]
    await lab.post('old', { images: [from(at(':v1'))] })
    await lab.client.create(limitRanges, 'demo', { metadata: { name: 'l' }, spec: { limits } } as never)
    const spec = { images: [from(at(':v1')), from(at(':v2'))] }
    const text =
      /ImageStream\.image\.openshift\.io "\w+" is invalid: \[\]: Internal error: .*exceeds the maximum limit per openshift\.io\/ImageStream \(2 > 1\)$/
    await assert.rejects(lab.post('new', spec), refuses(422, text))
    await assert.rejects(lab.stream('new'), refuses(404, /not found/))
    const before = await lab.stream('old')
    lab.turn(60)
    await assert.rejects(lab.post('old', spec), refuses(422, text))
    const after = await lab.stream('old')
    assert.deepEqual(after.spec, before.spec)
    assert.deepEqual(after.metadata.annotations, before.metadata.annotations)
    const condition = statusTag(after, 'v2')?.conditions?.[0]
    assert.equal(condition?.reason, 'Invalid')
    assert.equal(condition.generation, (before.metadata.generation ?? 0) + 1)
  })

  it('uses the namespace’s pull secrets, the excluded ones not, and shows none of them', async () => {
    const { hash } = await import('bcryptjs')
    await using locked = await startRegistry({ htpasswd: `puller:${await hash('canary-91', 4)}\n` })
    await pushImage(
      { url: `http://${locked.host}`, repository: 'private/app', login: 'puller:canary-91' },
      'v1',
      v1,
    )
    await using lab = await openLab()
    const spec = { images: [from(`${locked.host}/private/app:v1`)] }
    const refused = await lab.post('app', spec)
    assert.equal(refused.status.images?.[0]?.status.reason, 'Unauthorized')
    const auths = { [locked.host]: { username: 'puller', password: 'canary-91' } }
    const secret = (annotations: object) => ({
      metadata: { name: 'pull', annotations },
      type: 'kubernetes.io/dockerconfigjson',
      data: { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') },
    })
    await lab.client.create(secrets, 'demo', secret({ 'openshift.io/image.excludeSecret': 'true' }) as never)
    assert.equal((await lab.post('app', spec)).status.images?.[0]?.status.reason, 'Unauthorized')
    await lab.client.delete(secrets, 'demo', 'pull')
    await lab.client.create(secrets, 'demo', secret({}) as never)
    const answer = await lab.post('app', spec)
    assert.equal(answer.status.images?.[0]?.status.status, 'Success')
    assert.ok(!JSON.stringify([refused, answer]).includes('canary-91'))
  })
})
