import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const root = '/apis/image.openshift.io/v1/namespaces/demo'
const query = 'fieldManager=kubectl-create&fieldValidation=Ignore'
const stream = (name: string) => ({
  kind: 'ImageStream',
  apiVersion: 'image.openshift.io/v1',
  metadata: { name },
})
const files = {
  'is.yaml':
    'kind: ImageStream\napiVersion: image.openshift.io/v1\nmetadata: {name: b}\nspec:\n  tags: [{name: "2.0"}]\n---\n---\nkind: List\napiVersion: v1\nitems:\n- {kind: ImageStream, apiVersion: image.openshift.io/v1, metadata: {name: c}}\n',
  'old.yaml': 'kind: ImageStream\napiVersion: v1\nmetadata: {name: old}\n',
}

it('creates every object of a file, with the namespace filled in and sorted keys', async () => {
  const on = `POST ${root}/imagestreams?${query}`
  const run = await runAgainst(
    ['create', '-f', 'is.yaml'],
    [
      { on, status: 201, answer: stream('b') },
      { on, status: 201, answer: stream('c') },
    ],
    { files },
  )
  assert.equal(
    run.stdout,
    'imagestream.image.openshift.io/b created\nimagestream.image.openshift.io/c created\n',
  )
  assert.equal(
    JSON.stringify(run.bodies[0]),
    '{"apiVersion":"image.openshift.io/v1","kind":"ImageStream","metadata":{"name":"b","namespace":"demo"},"spec":{"tags":[{"name":"2.0"}]}}',
  )
})

it('tries the later objects too, and says which source failed', async () => {
  const on = `POST ${root}/imagestreams?${query}`
  const run = await runAgainst(
    ['create', '-f', '-'],
    [
      { on, ...refusal(409, 'AlreadyExists', 'imagestreams "b" already exists') },
      { on, answer: stream('c') },
    ],
    { stdin: files['is.yaml'] },
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/c created\n')
  assert.equal(
    run.stderr,
    'Error from server (AlreadyExists): error when creating "STDIN": imagestreams "b" already exists\n',
  )
  assert.equal(run.code, 1)
})

it('a group that is left out is refused as oc does, and filled in as weir', async () => {
  const asOc = await runAgainst(['create', '-f', 'old.yaml'], [], { files })
  assert.equal(
    asOc.stderr,
    'error: resource mapping not found for name: "old" namespace: "" from "old.yaml": no matches for kind "ImageStream" in version "v1"\nensure CRDs are installed first\n',
  )
  const asWeir = await runAgainst(
    ['create', '-f', 'old.yaml'],
    [{ on: `POST ${root}/imagestreams?${query}`, answer: stream('old') }],
    { files, program: 'weir' },
  )
  assert.equal(asWeir.stdout, 'imagestream.image.openshift.io/old created\n')
})

it('a namespace that contradicts the flag is refused', async () => {
  const run = await runAgainst(['create', '-n', 'b', '-f', '-'], [], {
    stdin: JSON.stringify({ ...stream('x'), metadata: { name: 'x', namespace: 'a' } }),
  })
  assert.equal(
    run.stderr,
    `error: the namespace from the provided object "a" does not match the namespace "b". You must pass '--namespace=a' to perform this operation.\n`,
  )
})

it('a server dry run says so', async () => {
  const run = await runAgainst(
    ['create', '-f', '-', '--dry-run=server'],
    [{ on: `POST ${root}/imagestreams?dryRun=All&${query}`, answer: stream('x') }],
    { stdin: JSON.stringify(stream('x')) },
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/x created (server dry run)\n')
})

it('creates image streams and tags', async () => {
  const is = await runAgainst(
    ['create', 'is', 'x', '--lookup-local'],
    [{ on: `POST ${root}/imagestreams`, answer: stream('x') }],
  )
  assert.equal(is.stdout, 'imagestream.image.openshift.io/x created\n')
  assert.deepEqual(is.bodies, [
    { ...stream('x'), spec: { lookupPolicy: { local: true } }, status: { dockerImageRepository: '' } },
  ])
  const tag = await runAgainst(
    ['create', 'istag', 'x:1', '--from=:2.0', '--annotation=a=b', '--reference-policy=LOCAL'],
    [{ on: `POST ${root}/imagestreamtags`, answer: { metadata: { name: 'x:1' } } }],
  )
  assert.equal(tag.stdout, 'imagestreamtag.image.openshift.io/x:1 created\n')
  assert.deepEqual((tag.bodies[0] as { tag: object }).tag, {
    name: '',
    annotations: { a: 'b' },
    from: { kind: 'ImageStreamTag', name: '2.0' },
    generation: null,
    importPolicy: {},
    referencePolicy: { type: 'Local' },
  })
})

it('creates secrets for registries', async () => {
  const argv = [
    'create',
    'secret',
    'docker-registry',
    's',
    '--docker-server=r:5000',
    '--docker-username=u',
    '--docker-password=p',
  ]
  const run = await runAgainst(argv, [
    {
      on: `POST /api/v1/namespaces/demo/secrets?${query}`,
      answer: { kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' } },
    },
  ])
  assert.equal(run.stdout, 'secret/s created\n')
  const [body] = run.bodies as [{ type: string; data: Record<string, string> }]
  assert.equal(body.type, 'kubernetes.io/dockerconfigjson')
  assert.equal(
    Buffer.from(body.data['.dockerconfigjson'] ?? '', 'base64').toString(),
    '{"auths":{"r:5000":{"username":"u","password":"p","auth":"dTpw"}}}',
  )
})

it('a client dry run prints the object', async () => {
  const run = await runAgainst(
    ['create', 'deployment', 'web', '--image=r/x/nginx:1', '--dry-run=client', '-o', 'yaml'],
    [],
  )
  assert.equal(
    run.stdout,
    `apiVersion: apps/v1
kind: Deployment
metadata:
  labels:
    app: web
  name: web
spec:
  replicas: 1
  selector:
    matchLabels:
      app: web
  strategy: {}
  template:
    metadata:
      labels:
        app: web
    spec:
      containers:
      - image: r/x/nginx:1
        name: nginx
        resources: {}
status: {}
`,
  )
  assert.deepEqual(run.requests, [])
})

const refusals: [string[], string][] = [
  [['create'], 'error: must specify one of -f and -k\n'],
  [['create', '-f', 'none.yaml'], 'error: the path "none.yaml" does not exist\n'],
  [
    ['create', 'is'],
    "error: exactly one NAME is required, got 0\nSee 'oc create imagestream -h' for help and examples\n",
  ],
  [
    ['create', 'istag', 'x:1', '--from=a:1', '--from-image=b:1'],
    'error: --from and --from-image may not be used together\n',
  ],
  [['create', 'istag', 'x:1', '--from=r.io/a:1'], 'error: Invalid --from, registry may not be specified\n'],
  [
    ['create', 'secret', 'docker-registry', 's'],
    'error: either --from-file or the combination of --docker-username, --docker-password and --docker-server is required\n',
  ],
  [
    ['create', 'is', 'x', '--dry-run=maybe'],
    'error: Invalid dry-run value (maybe). Must be "none", "server", or "client".\n',
  ],
]
for (const [argv, stderr] of refusals) {
  it(`refuses ${argv.join(' ')}`, async () => {
    const run = await runAgainst(argv, [])
    assert.equal(run.stderr, stderr)
    assert.equal(run.code, 1)
  })
}
