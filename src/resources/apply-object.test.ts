import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import type { ImageStream } from '../api/image/index.ts'
import { allKinds, configMaps, deployments, imageStreams, namespaces, secrets } from '../api/index.ts'
import type { Client, Patch, WriteOptions } from '../client/client.ts'
import { applyConfig } from '../machinery/apply/index.ts'
import { ApiError } from '../machinery/errors.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import { openSqliteStore } from '../store/index.ts'
import { createResources } from './resources.ts'

interface Entry {
  manager: string
  operation: string
  subresource?: string
  time?: string
  fieldsV1: unknown
}

async function open() {
  const store = await openSqliteStore({ file: ':memory:' })
  let now = Date.parse('2026-05-06T12:00:00Z')
  const resources = createResources({
    kinds: allKinds,
    store,
    clock: () => new Date(now),
    randomUuid: randomUUID,
    random: Math.random,
  })
  const client: Client = resources.system
  await client.create(namespaces, '', { metadata: { name: 'demo' } } as never)
  const apply = (kind: Kind, body: object, options: WriteOptions = {}) => {
    const { name } = (body as KubeObject).metadata
    const patch: Patch = { type: 'apply', body }
    return client.patch(kind, 'demo', name ?? '', patch, { fieldManager: 'flux', ...options })
  }
  const pass = (seconds: number) => {
    now += seconds * 1000
  }
  return { client, apply, pass, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

const configMap = (data: Record<string, unknown>, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name: 'c', ...metadata },
  data,
})

const entriesOf = (object: KubeObject) =>
  ((object.metadata.managedFields ?? []) as Entry[]).map(({ manager, operation, fieldsV1, subresource }) => [
    `${manager} ${operation}${subresource === undefined ? '' : ` ${subresource}`}`,
    fieldsV1,
  ])

const dataOf = (object: KubeObject) => (object as KubeObject & { data?: object }).data

const refused = (code: number, text: RegExp) => (error: unknown) => {
  assert(error instanceof ApiError, String(error))
  assert.equal(error.code, code)
  assert.match(error.message, text)
  return true
}

describe('server-side apply', () => {
  it('makes what is missing, and changes nothing when it is told the same again', async () => {
    await using api = await open()
    const made = await api.apply(configMaps, configMap({ a: '1' }))
    assert.deepEqual(entriesOf(made), [['flux Apply', { 'f:data': { 'f:a': {} } }]])
    assert.deepEqual([made.metadata.name, made.metadata.namespace], ['c', 'demo'])
    api.pass(60)
    assert.deepEqual(await api.apply(configMaps, configMap({ a: '1' })), made)
    assert.deepEqual(await api.apply(configMaps, configMap({ a: '1' }), { dryRun: true }), made)
    assert.deepEqual(await api.client.get(configMaps, 'demo', 'c'), made)
  })

  it('takes away what it no longer says, unless another says it', async () => {
    await using api = await open()
    await api.apply(configMaps, configMap({ a: '1', b: '2', c: '3' }))
    await api.apply(configMaps, configMap({ b: '2' }), { fieldManager: 'argo' })
    const left = await api.apply(configMaps, configMap({ a: '1' }))
    assert.deepEqual(dataOf(left), { a: '1', b: '2' })
    assert.deepEqual(entriesOf(left).sort(), [
      ['argo Apply', { 'f:data': { 'f:b': {} } }],
      ['flux Apply', { 'f:data': { 'f:a': {} } }],
    ])
  })

  it('keeps tags that came without an account when its own last tag goes', async () => {
    await using api = await open()
    const stream = (tags: object[]) => ({
      apiVersion: 'image.openshift.io/v1',
      kind: 'ImageStream',
      metadata: { name: 's' },
      spec: { lookupPolicy: { local: true }, tags },
    })
    const from = { kind: 'DockerImage', name: 'registry.example/app:1' }
    const made = await api.apply(imageStreams as Kind, stream([{ name: 'x', from }]))
    const managedFields = made.metadata.managedFields
    const both = stream([
      { name: 'x', from },
      { name: 'y', from },
    ])
    const untracked = { ...both, metadata: { ...made.metadata, managedFields } }
    const live = { ...made, ...untracked, metadata: untracked.metadata }
    const options = {
      manager: 'flux',
      subresource: '',
      now: '2026-05-06T12:00:00Z',
      force: false,
      name: 's',
      namespace: 'demo',
    }
    const left = applyConfig(imageStreams as Kind, live, stream([]), options) as ImageStream
    assert.deepEqual(left.spec.tags, [{ name: 'y', from }])
    const none = applyConfig(imageStreams as Kind, made, stream([]), options) as ImageStream
    assert.equal(none.spec.tags, undefined)
  })

  it('refuses to change what others own, and takes it by force', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap({ a: '1', b: '2' }) as never, {
      fieldManager: 'kubectl-create',
    })
    await assert.rejects(api.apply(configMaps, configMap({ a: '9' })), (error) => {
      refused(
        409,
        /^Apply failed with 1 conflict: conflict with "kubectl-create" using v1: \.data\.a$/,
      )(error)
      assert.deepEqual((error as ApiError).details, {
        causes: [
          {
            reason: 'FieldManagerConflict',
            message: 'conflict with "kubectl-create" using v1',
            field: '.data.a',
          },
        ],
      })
      return true
    })
    await assert.rejects(
      api.apply(configMaps, configMap({ a: '9', b: '9' })),
      refused(
        409,
        /^Apply failed with 2 conflicts: conflicts with "kubectl-create" using v1:\n- \.data\.a\n- \.data\.b$/,
      ),
    )
    const forced = await api.apply(configMaps, configMap({ a: '9' }), { force: true })
    assert.deepEqual(dataOf(forced), { a: '9', b: '2' })
    assert.deepEqual(entriesOf(forced), [
      ['flux Apply', { 'f:data': { 'f:a': {} } }],
      ['kubectl-create Update', { 'f:data': { '.': {}, 'f:b': {} } }],
    ])
  })

  it('gives to those before it what nobody kept account of', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap({ a: '1' }, { labels: { l: 'x' } }) as never)
    const patched = await api.client.patch(
      configMaps,
      'demo',
      'c',
      { type: 'merge', body: { data: { b: '2' } } },
      { fieldManager: 'edit' },
    )
    assert.equal(patched.metadata.managedFields, undefined)
    await assert.rejects(
      api.apply(configMaps, configMap({ a: '2' })),
      refused(409, /conflict with "before-first-apply" using v1: \.data\.a$/),
    )
    const applied = await api.apply(configMaps, configMap({ a: '1', c: '3' }))
    assert.deepEqual(entriesOf(applied), [
      ['flux Apply', { 'f:data': { 'f:a': {}, 'f:c': {} } }],
      [
        'before-first-apply Update',
        { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { '.': {}, 'f:l': {} } } },
      ],
    ])
  })

  it('keeps account of updates, patches and subresources', async () => {
    await using api = await open()
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'd' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: {
          metadata: { labels: { a: 'b' } },
          spec: { containers: [{ name: 'web', image: 'x', ports: [{ containerPort: 80 }] }] },
        },
      },
    }
    await api.apply(deployments, deployment)
    await api.client.patch(
      deployments,
      'demo',
      'd',
      { type: 'merge', body: { spec: { replicas: 3 } } },
      { subresource: 'scale', fieldManager: 'hpa' },
    )
    await api.client.patch(
      deployments,
      'demo',
      'd',
      { type: 'merge', body: { spec: { paused: true }, status: { replicas: 7 } } },
      { subresource: 'status', fieldManager: 'controller' },
    )
    const scale = {
      apiVersion: 'autoscaling/v1',
      kind: 'Scale',
      metadata: { name: 'd' },
      spec: { replicas: 4 },
    }
    await api.apply(deployments, scale, { subresource: 'scale', fieldManager: 'hpa' })
    const left = await api.client.get(deployments, 'demo', 'd')
    assert.equal(left.spec.replicas, 4)
    const containers = {
      'k:{"name":"web"}': {
        '.': {},
        'f:image': {},
        'f:name': {},
        'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
      },
    }
    assert.deepEqual(entriesOf(left), [
      [
        'flux Apply',
        {
          'f:spec': {
            'f:selector': {},
            'f:template': {
              'f:metadata': { 'f:labels': { 'f:a': {} } },
              'f:spec': { 'f:containers': containers },
            },
          },
        },
      ],
      ['controller Update status', { 'f:status': { 'f:replicas': {} } }],
      ['hpa Update scale', { 'f:spec': { 'f:replicas': {} } }],
    ])
    const again = await api.apply(deployments, deployment)
    assert.deepEqual(again, left, 'no drift beside an autoscaler and a controller')
    await assert.rejects(
      api.apply(deployments, { ...deployment, spec: { ...deployment.spec, replicas: 1 } }),
      refused(409, /conflict with "hpa" with subresource "scale" using apps\/v1: \.spec\.replicas$/),
    )
  })

  it('lets kubectl take over what it applied on the client', async () => {
    await using api = await open()
    const manifest = configMap({ a: '1', b: '2' })
    const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(manifest) }
    const sent = configMap({ a: '1', b: '2' }, { annotations })
    await api.client.create(configMaps, 'demo', sent as never, { fieldManager: 'kubectl-client-side-apply' })
    await assert.rejects(
      api.apply(configMaps, configMap({ a: '9' })),
      refused(409, /kubectl-client-side-apply/),
    )
    const taken = await api.apply(configMaps, configMap({ a: '9' }), { fieldManager: 'kubectl' })
    assert.deepEqual(dataOf(taken), { a: '9', b: '2' })
    assert.equal(
      taken.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'],
      '{"apiVersion":"v1","data":{"a":"9"},"kind":"ConfigMap","metadata":{"name":"c"}}\n',
    )
  })

  it('lets a client rewrite and forget the account', async () => {
    await using api = await open()
    const made = await api.apply(configMaps, configMap({ a: '1' }))
    const renamed = (made.metadata.managedFields as Entry[]).map((entry) => ({ ...entry, manager: 'other' }))
    const patch = (body: unknown): Patch => ({ type: 'merge', body: { metadata: { managedFields: body } } })
    const moved = await api.client.patch(configMaps, 'demo', 'c', patch(renamed))
    assert.deepEqual(entriesOf(moved), [['other Apply', { 'f:data': { 'f:a': {} } }]])
    const kept = await api.client.patch(configMaps, 'demo', 'c', patch(null))
    assert.deepEqual(entriesOf(kept), entriesOf(moved))
    const bare = await api.client.patch(configMaps, 'demo', 'c', patch([{}]))
    assert.equal(bare.metadata.managedFields, undefined)
  })

  it('keeps ten updaters and one for those before', async () => {
    await using api = await open()
    await api.client.create(configMaps, 'demo', configMap({ a: '1' }) as never, { fieldManager: 'm0' })
    for (let i = 1; i <= 14; i++) {
      api.pass(1)
      const patch: Patch = { type: 'merge', body: { data: { [`k${i}`]: '1' } } }
      await api.client.patch(configMaps, 'demo', 'c', patch, { fieldManager: `m${i}` })
    }
    const names = entriesOf(await api.client.get(configMaps, 'demo', 'c')).map(([name]) => name)
    assert.equal(names.length, 10)
    assert.deepEqual(names.slice(0, 2), ['ancient-changes Update', 'm6 Update'])
  })

  it('refuses what it cannot apply and writes nothing of it', async () => {
    await using api = await open()
    const before = (await api.client.list(configMaps, 'demo')).metadata.resourceVersion
    const bad: [object, number, RegExp][] = [
      [
        { ...configMap({}), spec: {} },
        500,
        /^failed to create typed patch object \(demo\/c; \/v1, Kind=ConfigMap\): \.spec: field not declared in schema$/,
      ],
      [configMap({ a: 1 }), 500, /: \.data\.a: expected string, got &value\.valueUnstructured\{Value:1\}$/],
      [
        { ...configMap({}), apiVersion: 'v2' },
        400,
        /^Incorrect version specified in apply patch\. Specified patch version: v2, expected: v1$/,
      ],
      [configMap({}, { managedFields: [] }), 400, /^metadata\.managedFields must be nil$/],
      [configMap({}, { namespace: 'other' }), 400, /^the namespace of the provided object does not match/],
      [
        configMap({}, { uid: 'x' }),
        409,
        /uid mismatch: the provided object specified uid x, and no existing object was found$/,
      ],
      [
        configMap({}, { resourceVersion: '3' }),
        500,
        /resourceVersion should not be set on objects to be created$/,
      ],
    ]
    for (const [body, code, text] of bad)
      await assert.rejects(api.apply(configMaps, body), refused(code, text))
    const elsewhere: Patch = { type: 'apply', body: configMap({}) }
    await assert.rejects(
      api.client.patch(configMaps, 'demo', 'd', elsewhere),
      refused(400, /^the name of the object \(c\) does not match the name on the URL \(d\)$/),
    )
    assert.equal((await api.client.list(configMaps, 'demo')).metadata.resourceVersion, before)
    await api.apply(configMaps, configMap({ a: '1' }))
    await assert.rejects(
      api.apply(configMaps, configMap({ a: '2' }, { resourceVersion: '1' })),
      refused(409, /the object has been modified/),
    )
  })

  it('writes data of a Secret by stringData', async () => {
    await using api = await open()
    const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 's' }, stringData: { a: 'b' } }
    const made = await api.apply(secrets, secret)
    assert.deepEqual(dataOf(made), { a: 'Yg==' })
    api.pass(5)
    assert.deepEqual(await api.apply(secrets, secret), made)
  })
})
