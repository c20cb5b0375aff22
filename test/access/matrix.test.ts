import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { randomImage, type TestImage } from '../lab/random-image.ts'
import { type Cast, everyRole, openCast, type Role } from './cast.ts'

/**
 * Who may do what, cell by cell: every verb on every image kind and every endpoint of the registry, for everyone in the cast.
 * What is expected stands here as the specification of roles has it (auth.md §7, registry.md §12.3); nothing is derived from
 * the roles that the program ships.
 */

const rw = ['get', 'list', 'watch', 'create', 'update', 'patch', 'delete', 'deletecollection'] as const
type Verb = (typeof rw)[number]
const r: readonly Verb[] = ['get', 'list', 'watch']

type Rights = Readonly<Record<string, readonly Verb[]>>

/** auth.md §7, a line for a line of the table. `demo` is where the roles are held. */
const rules = {
  'system:image-puller': { 'imagestreams/layers': ['get'] },
  'system:image-pusher': { 'imagestreams/layers': ['get', 'update'] },
  'system:image-builder': { 'imagestreams/layers': ['get', 'update'], imagestreams: ['create'] },
  'registry-viewer': {
    imagestreamimages: r,
    imagestreammappings: r,
    imagestreams: r,
    imagestreamtags: r,
    imagetags: r,
    'imagestreams/layers': ['get'],
  },
  'registry-editor': {
    imagestreamimages: rw,
    imagestreammappings: rw,
    imagestreams: rw,
    'imagestreams/secrets': rw,
    imagestreamtags: rw,
    imagetags: rw,
    imagestreamimports: ['create'],
    'imagestreams/layers': ['get', 'update'],
  },
  'image part of view': {
    imagestreamimages: r,
    imagestreammappings: r,
    imagestreams: r,
    imagestreamtags: r,
    imagetags: r,
    'imagestreams/status': r,
  },
  'image part of admin, edit': {
    imagestreamimages: rw,
    imagestreammappings: rw,
    imagestreams: rw,
    'imagestreams/secrets': rw,
    imagestreamtags: rw,
    imagetags: rw,
    'imagestreams/status': r,
    'imagestreams/layers': ['get', 'update'],
    imagestreamimports: ['create'],
  },
} as const satisfies Record<string, Rights>

/** The `→` of the table (U-60): what each role is made of. */
const parts: Record<Role, readonly (keyof typeof rules)[]> = {
  anonymous: [],
  'other tenant': [],
  puller: ['system:image-puller'],
  pusher: ['system:image-pusher'],
  builder: ['system:image-builder'],
  view: ['image part of view', 'registry-viewer'],
  edit: ['image part of admin, edit', 'registry-editor', 'system:image-builder'],
  admin: ['image part of admin, edit', 'registry-editor', 'system:image-builder'],
  'cluster-admin': [],
  // U-12: 401, whatever the user may.
  expired: [],
}

/** auth.md §7: cluster-admin may do everything; U-61a: nobody else touches what belongs to the whole cluster. */
function isExpected(role: Role, scope: Scope, resource: string, verb: Verb): boolean {
  if (role === 'cluster-admin') return true
  if (scope !== 'demo') return false
  return parts[role].some((part) => ((rules[part] as Rights)[resource] ?? []).includes(verb))
}

type Scope = 'demo' | 'all namespaces' | 'cluster'

const named: Partial<Record<Verb, string>> = { get: 'GET', update: 'PUT', patch: 'PATCH', delete: 'DELETE' }
const unnamed: Partial<Record<Verb, string>> = {
  list: 'GET',
  watch: 'GET',
  create: 'POST',
  deletecollection: 'DELETE',
}

interface Cell {
  scope: Scope
  resource: string
  verb: Verb
  method: string
  path: string
}

/** Nothing that a request of the matrix asks for is there, or is complete: what is allowed fails later, and leaves nothing. */
function cellsOf(scope: Scope, resource: string): Cell[] {
  const [plural = '', subresource = ''] = resource.split('/')
  const start = `/apis/image.openshift.io/v1/${scope === 'demo' ? 'namespaces/demo/' : ''}${plural}`
  const part = subresource === '' ? '' : `/${subresource}`
  return rw.flatMap((verb): Cell[] => {
    const method = named[verb]
    if (method !== undefined && scope !== 'all namespaces') {
      return [{ scope, resource, verb, method, path: `${start}/none${part}` }]
    }
    if (subresource !== '') {
      return verb === 'create'
        ? [{ scope, resource, verb, method: 'POST', path: `${start}/none${part}` }]
        : []
    }
    const query = verb === 'watch' ? '?watch=1&resourceVersion=bad' : '?labelSelector=none%3Dsuch'
    return unnamed[verb] === undefined
      ? []
      : [{ scope, resource, verb, method: unnamed[verb], path: start + query }]
  })
}

const namespaced = [
  'imagestreams',
  'imagestreams/layers',
  'imagestreams/secrets',
  'imagestreams/status',
  'imagestreamimages',
  'imagestreamimports',
  'imagestreammappings',
  'imagestreamtags',
  'imagetags',
]
const cells: readonly Cell[] = [
  ...namespaced.flatMap((resource) => cellsOf('demo', resource)),
  ...namespaced.filter((each) => !each.includes('/')).flatMap((each) => cellsOf('all namespaces', each)),
  ...['images', 'imagesignatures'].flatMap((resource) => cellsOf('cluster', resource)),
]

async function openStage(): Promise<{ lab: Lab; cast: Cast; image: TestImage } & AsyncDisposable> {
  await using opened = new AsyncDisposableStack()
  const lab = opened.use(await openLab())
  await lab.project('demo', 'alice')
  await lab.project('theirs', 'bob')
  const image = await lab.push('demo/app:v1', randomImage('matrix'))
  const cast = await openCast(lab)
  const parts = opened.move()
  return { lab, cast, image, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

describe('threat 9, threat 11: the API, role × verb × kind (auth.md §7)', () => {
  it(`${everyRole.length} × ${cells.length} cells are as the table says`, async () => {
    await using stage = await openStage()
    const { lab, cast } = stage
    const wrong: string[] = []
    for (const role of everyRole) {
      for (const cell of cells) {
        const body = cell.method === 'GET' ? {} : { body: '{' }
        const headers = { ...cast.headers(role), 'content-type': 'application/json' }
        const { status } = await lab.call(cell.method, cell.path, { as: '', headers, ...body })
        const allowed = isExpected(role, cell.scope, cell.resource, cell.verb)
        const refusal = role === 'expired' ? 401 : 403
        const isRight = allowed ? status !== 401 && status !== 403 : status === refusal
        if (!isRight) wrong.push(`${role}: ${cell.verb} ${cell.resource} in ${cell.scope}: ${status}`)
      }
    }
    assert.deepEqual(wrong, [])
  })
})

/** registry.md §12.3: what a request to the registry needs. */
type Need =
  | 'nothing'
  | 'a login'
  | 'pull'
  | 'push'
  | 'delete upload'
  | 'delete'
  | 'catalog'
  | 'sign'
  | 'metrics'

/** The rights of auth.md §7 that stand for a need. Cluster-wide ones are nobody's but a cluster admin's (U-61a). */
const needs: Record<Exclude<Need, 'nothing' | 'a login'>, readonly [resource: string, verb: Verb][]> = {
  pull: [['imagestreams/layers', 'get']],
  push: [
    ['imagestreams/layers', 'get'],
    ['imagestreams/layers', 'update'],
  ],
  'delete upload': [['imagestreams/layers', 'update']],
  delete: [['cluster images', 'delete']],
  catalog: [['cluster imagestreams', 'list']],
  sign: [['imagesignatures', 'create']],
  metrics: [['cluster registry/metrics', 'get']],
}

function isGranted(role: Role, need: Need): boolean {
  if (need === 'nothing') return true
  if (role === 'expired' || role === 'anonymous') return false
  if (need === 'a login' || role === 'cluster-admin') return true
  return needs[need].every(([resource, verb]) => isExpected(role, 'demo', resource, verb))
}

const digest = `sha256:${'0'.repeat(64)}`
const upload = '00000000-0000-0000-0000-000000000000'

function endpointsOf(image: TestImage): [method: string, path: string, need: Need][] {
  const repository = '/v2/demo/app'
  const layer = image.layers[0]?.digest
  return [
    ['GET', '/', 'nothing'],
    ['GET', '/healthz', 'nothing'],
    ['GET', '/v2/', 'a login'],
    ['HEAD', '/v2/', 'a login'],
    ['GET', '/v2/_catalog', 'catalog'],
    ['GET', `${repository}/tags/list`, 'pull'],
    ['GET', `${repository}/manifests/v1`, 'pull'],
    ['HEAD', `${repository}/manifests/v1`, 'pull'],
    ['GET', `${repository}/manifests/${image.digest}`, 'pull'],
    ['HEAD', `${repository}/manifests/${image.digest}`, 'pull'],
    ['GET', `${repository}/manifests/none`, 'pull'],
    ['GET', '/v2/demo/none/manifests/v1', 'pull'],
    ['PUT', `${repository}/manifests/bad`, 'push'],
    ['DELETE', `${repository}/manifests/none`, 'delete'],
    ['DELETE', `${repository}/manifests/${digest}`, 'delete'],
    ['GET', `${repository}/blobs/${layer}`, 'pull'],
    ['HEAD', `${repository}/blobs/${layer}`, 'pull'],
    ['GET', `${repository}/blobs/${digest}`, 'pull'],
    ['DELETE', `${repository}/blobs/${digest}`, 'delete'],
    ['POST', `${repository}/blobs/uploads/`, 'push'],
    ['POST', `${repository}/blobs/uploads/?mount=${layer}&from=demo/app`, 'push'],
    ['GET', `${repository}/blobs/uploads/${upload}`, 'pull'],
    ['PATCH', `${repository}/blobs/uploads/${upload}`, 'push'],
    ['PUT', `${repository}/blobs/uploads/${upload}?digest=${digest}`, 'push'],
    ['DELETE', `${repository}/blobs/uploads/${upload}`, 'delete upload'],
    ['GET', `${repository}/referrers/${image.digest}`, 'pull'],
    ['GET', `/extensions/v2/demo/app/signatures/${image.digest}`, 'pull'],
    ['PUT', `/extensions/v2/demo/app/signatures/${digest}`, 'sign'],
    ['DELETE', `/admin/blobs/${digest}`, 'delete'],
    ['POST', '/admin/removals', 'delete'],
  ]
}

describe('threat 9, threat 11: the registry, role × endpoint (registry.md §12.3)', () => {
  it('every cell is as the table says, and a refusal is 401 (B-13)', async () => {
    await using stage = await openStage()
    const { lab, cast, image } = stage
    const wrong: string[] = []
    for (const role of everyRole) {
      for (const [method, path, need] of endpointsOf(image)) {
        const headers = cast.headers(role)
        const { status } = await lab.pull(method, path, {
          as: '',
          headers,
          ...(method === 'PUT' ? { body: '{' } : {}),
        })
        const isRight = isGranted(role, need) ? status !== 401 && status !== 403 : status === 401
        if (!isRight) wrong.push(`${role}: ${method} ${path}: ${status}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('a refusal says the same of what is there and what is not', async () => {
    await using stage = await openStage()
    const { lab, cast, image } = stage
    for (const role of ['anonymous', 'other tenant', 'expired'] as const) {
      const bodies = new Set<string>()
      for (const path of [
        '/v2/demo/app/manifests/v1',
        '/v2/demo/app/manifests/none',
        '/v2/demo/app/blobs/none',
        `/v2/demo/app/blobs/${image.layers[0]?.digest}`,
      ]) {
        const { status, text, headers } = await lab.pull('GET', path, { as: '', headers: cast.headers(role) })
        bodies.add(`${status} ${headers['www-authenticate']} ${text}`)
      }
      assert.equal(bodies.size, 1, role)
      const elsewhere = await lab.pull('GET', '/v2/none/app/manifests/v1', {
        as: '',
        headers: cast.headers(role),
      })
      assert.equal(elsewhere.status, 401)
    }
  })

  it('who may push may push what exists, and makes no stream without the right to (U-62)', async () => {
    await using stage = await openStage()
    const { lab, cast, image } = stage
    const expected: [Role, existing: number, missing: number][] = [
      ['pusher', 201, 403],
      ['builder', 201, 201],
      ['edit', 201, 201],
      ['admin', 201, 201],
    ]
    for (const [role, existing, missing] of expected) {
      const headers = { ...cast.headers(role), 'content-type': image.mediaType }
      const put = (repository: string) =>
        lab.pull('PUT', `/v2/demo/${repository}/manifests/by-${role}`, { as: '', headers, body: image.bytes })
      assert.equal((await put('app')).status, existing, role)
      const repository = `new-${role}`
      for (const { digest: wanted, bytes: body } of [image.config, ...image.layers]) {
        const path = `/v2/demo/${repository}/blobs/uploads/?digest=${wanted}`
        const type = { 'content-type': 'application/octet-stream' }
        assert.equal(
          (await lab.pull('POST', path, { as: '', headers: { ...headers, ...type }, body })).status,
          201,
          `${role} ${repository}`,
        )
      }
      const made = await put(repository)
      assert.equal(made.status, missing, `${role}: ${made.text}`)
      if (missing === 403) assert.equal(made.json<{ errors: { code: string }[] }>().errors[0]?.code, 'DENIED')
    }
  })
})

describe('every service account of a project pulls there, and nowhere else (U-72)', () => {
  it('by the group of all accounts of the project', async () => {
    await using stage = await openStage()
    const { lab } = stage
    const path = '/api/v1/namespaces/theirs/serviceaccounts/default/token'
    const body = { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} }
    const asked = await lab.call('POST', path, { as: 'bob', body })
    assert.equal(asked.status, 201, asked.text)
    const { token } = asked.json<{ status: { token: string } }>().status
    const headers = { authorization: `Basic ${Buffer.from(`<token>:${token}`).toString('base64')}` }
    await lab.push('theirs/app:v1', randomImage('theirs'), 'bob')
    assert.equal((await lab.pull('GET', '/v2/theirs/app/manifests/v1', { as: '', headers })).status, 200)
    assert.equal((await lab.pull('GET', '/v2/demo/app/manifests/v1', { as: '', headers })).status, 401)
    assert.equal((await lab.pull('POST', '/v2/theirs/app/blobs/uploads/', { as: '', headers })).status, 401)
  })
})
