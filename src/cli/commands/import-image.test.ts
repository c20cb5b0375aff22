import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const root = '/apis/image.openshift.io/v1/namespaces/demo'
const get = (name: string) => `GET ${root}/imagestreams/${name}`
const post = `POST ${root}/imagestreamimports`
const missing = refusal(404, 'NotFound', 'imagestreams.image.openshift.io "x" not found')
const digest = `sha256:${'ab'.repeat(32)}`
const image = {
  metadata: { name: digest },
  dockerImageReference: `r/a@${digest}`,
  dockerImageMetadata: { Created: '2018-01-01T00:00:00Z' },
}
const tag = (name: string, from: object | undefined, extra: object = {}) => ({
  name,
  ...(from === undefined ? {} : { from }),
  ...extra,
})
const docker = (name: string) => ({ kind: 'DockerImage', name })
const stream = (tags: object[], spec: object = {}) => ({
  metadata: { name: 'x', namespace: 'demo', resourceVersion: '9' },
  spec: { tags, ...spec },
})

it('creates a stream and describes what came', async () => {
  const answer = {
    status: {
      import: { ...stream([]), spec: { lookupPolicy: { local: false } } },
      images: [{ tag: '1', status: { status: 'Success' }, image }],
    },
  }
  const run = await runAgainst(
    ['import-image', 'x', '--from=r/a:1', '--confirm', '--scheduled'],
    [
      { on: get('x'), ...missing },
      { on: post, status: 201, answer },
    ],
  )
  assert.equal(run.code, 0)
  assert.deepEqual(run.bodies, [
    {
      kind: 'ImageStreamImport',
      apiVersion: 'image.openshift.io/v1',
      metadata: { name: 'x', namespace: 'demo' },
      spec: {
        import: true,
        images: [
          {
            from: docker('r/a:1'),
            to: { name: 'latest' },
            importPolicy: { scheduled: true, importMode: 'Legacy' },
            referencePolicy: { type: 'Source' },
          },
        ],
      },
      status: {},
    },
  ])
  assert.match(run.stdout, /^imagestream\.image\.openshift\.io\/x imported\n\nName:\t/)
  assert.match(run.stdout, /\n\nImage Name:\tx:1\n/)
  assert.match(run.stdout, /[^\n]\n\n\n$/)
})

it('tells failures first and ends with an error', async () => {
  const answer = {
    status: {
      import: stream([]),
      images: [{ tag: 'v3', status: { status: 'Failure', message: 'no such image' } }],
    },
  }
  const run = await runAgainst(
    ['import-image', 'x'],
    [
      { on: get('x'), answer: stream([tag('latest', docker('r/a:v3'))]) },
      { on: post, answer },
    ],
  )
  assert.equal(run.stderr, 'error: tag v3 failed: no such image\nerror: imported completed with errors\n')
  assert.match(run.stdout, /^imagestream\.image\.openshift\.io\/x imported with errors\n/)
  assert.equal(run.code, 1)
})

it('imports into the end of a chain of aliases, with the policies of that tag', async () => {
  const tags = [
    tag('a', { kind: 'ImageStreamTag', name: 'x:b' }),
    tag('b', docker('r/a:1'), { importPolicy: { insecure: true } }),
  ]
  const run = await runAgainst(
    ['import-image', 'x:a'],
    [
      { on: get('x'), answer: stream(tags) },
      { on: post, answer: { status: {} } },
    ],
  )
  const [body] = run.bodies as [{ metadata: object; spec: { images: object[] } }]
  assert.deepEqual(body.metadata, { name: 'x', namespace: 'demo', resourceVersion: '9' })
  assert.deepEqual(body.spec.images, [
    {
      from: docker('r/a:1'),
      to: { name: 'b' },
      importPolicy: { insecure: true, importMode: 'Legacy' },
      referencePolicy: { type: 'Source' },
    },
  ])
})

it('imports a repository, or every external tag', async () => {
  const answer = {
    status: { import: stream([]), repository: { images: [{ tag: '1', image }], additionalTags: ['2', '3'] } },
  }
  const repository = await runAgainst(
    ['import-image', 'x', '--all'],
    [
      { on: get('x'), answer: stream([], { dockerImageRepository: 'r/a' }) },
      { on: post, answer },
    ],
  )
  assert.deepEqual((repository.bodies[0] as { spec: { repository: object } }).spec.repository, {
    from: docker('r/a'),
    importPolicy: { importMode: 'Legacy' },
    referencePolicy: { type: 'Source' },
  })
  assert.match(
    repository.stdout,
    /\n\ninfo: The remote repository contained 2 additional tags which were not imported: 2, 3\n\n$/,
  )
  const tags = [tag('1', docker('r/a:1')), tag('2', { kind: 'ImageStreamTag', name: '1' })]
  const images = await runAgainst(
    ['import-image', 'x', '--all'],
    [
      { on: get('x'), answer: stream(tags) },
      { on: post, answer: { status: {} } },
    ],
  )
  assert.equal((images.bodies[0] as { spec: { images: object[] } }).spec.images.length, 1)
})

it('a dry run shows the images alone', async () => {
  const run = await runAgainst(
    ['import-image', 'x', '--from=r/a', '--confirm', '--dry-run'],
    [
      { on: get('x'), ...missing },
      { on: post, answer: { status: { images: [{ tag: '', image }] } } },
    ],
  )
  assert.equal((run.bodies[0] as { spec: { import: boolean } }).spec.import, false)
  assert.match(
    run.stdout,
    /^imagestream\.image\.openshift\.io\/x imported \(dry run\)\n\nImage Name:\tx:latest\n/,
  )
})

it('the annotation of the stream and the flag decide about insecure', async () => {
  const annotated = {
    ...stream([tag('latest', docker('r/a'))]),
    metadata: { name: 'x', annotations: { 'openshift.io/image.insecureRepository': 'true' } },
  }
  const policy = async (...argv: string[]) => {
    const run = await runAgainst(
      ['import-image', 'x', ...argv],
      [
        { on: get('x'), answer: annotated },
        { on: post, answer: { status: {} } },
      ],
    )
    return (run.bodies[0] as { spec: { images: [{ importPolicy: object }] } }).spec.images[0].importPolicy
  }
  assert.deepEqual(await policy(), { insecure: true, importMode: 'Legacy' })
  assert.deepEqual(await policy('--insecure=false'), { importMode: 'Legacy' })
})

const refusals: [string[], object | undefined, string][] = [
  [['x'], undefined, 'no image stream named "x" exists, pass --confirm to create and import'],
  [
    ['x', '--from=b'],
    stream([tag('latest', docker('a'))]),
    `the tag "latest" points to "a" - use the 'tag' command if you want to change the source to "b"`,
  ],
  [
    ['x:l', '--from=b'],
    stream([tag('l', { kind: 'ImageStreamTag', name: 'u' }), tag('u', docker('a'))]),
    `the tag "l" points to the tag "u" which points to "a" - use the 'tag' command if you want to change the source to "b"`,
  ],
  [
    ['x:n'],
    stream([]),
    `the tag "n" does not exist on the image stream - choose an existing tag to import or use the 'tag' command to create a new tag`,
  ],
  [
    ['x:l'],
    stream([tag('l', { kind: 'ImageStreamTag', name: 'l' })]),
    'tag "l" on the image stream is a reference to same tag',
  ],
  [
    ['x:l'],
    stream([tag('l', { kind: 'ImageStreamTag', name: 'y:l' })]),
    'tag "l" points to an imagestreamtag from another ImageStream',
  ],
  [
    ['x:l'],
    stream([tag('l', { kind: 'ImageStreamImage', name: 'x@sha256:1' })]),
    'tag "l" points to existing ImageStreamImage "x@sha256:1", it cannot be re-imported',
  ],
  [['x', '--all'], stream([]), 'image stream does not have tags pointing to external container images'],
  [
    ['x', '--all', '--from=b'],
    stream([], { dockerImageRepository: 'a' }),
    'the image stream has a different import spec "a", pass --confirm to update',
  ],
]
for (const [argv, existing, message] of refusals) {
  it(`refuses import-image ${argv.join(' ')}: ${message.slice(0, 40)}…`, async () => {
    const run = await runAgainst(
      ['import-image', ...argv],
      [{ on: get('x'), ...(existing === undefined ? missing : { answer: existing }) }],
    )
    assert.equal(run.stderr, `error: ${message}\n`)
    assert.equal(run.requests.length, 1)
  })
}

const early: [string[], string][] = [
  [['x:1', '--all'], 'cannot specify a tag "x:1" as well as --all'],
  [[`x@${digest}`], "to import images by ID, use the 'tag' command"],
  [['x', '--import-mode=w'], 'valid ImportMode values are Legacy or PreserveOriginal'],
  [['x', '--reference-policy=w'], 'valid reference policy values are source or local'],
  [
    [],
    'the image name must be a valid container image pull spec or reference to an image stream (e.g. myregistry/myteam/image:tag)',
  ],
]
for (const [argv, message] of early) {
  it(`refuses import-image ${argv.join(' ')} without a request`, async () => {
    const run = await runAgainst(['import-image', ...argv], [])
    assert.deepEqual([run.stderr, run.requests], [`error: ${message}\n`, []])
  })
}
