import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const apps = '/apis/apps/v1/namespaces/demo/deployments'
const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const key = 'image.openshift.io/triggers'

function deployment(
  options: { triggers?: string; paused?: boolean; annotations?: object; containers?: string[] } = {},
): object {
  return {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: {
      name: 'web',
      namespace: 'demo',
      annotations: options.triggers === undefined ? {} : { [key]: options.triggers },
    },
    spec: {
      ...(options.paused ? { paused: true } : {}),
      template: {
        metadata: { annotations: options.annotations },
        spec: { containers: (options.containers ?? ['web']).map((name) => ({ name, image: 'x' })) },
      },
    },
  }
}
const annotation = (name: string, container = 'web', extra: object = {}) =>
  JSON.stringify([
    {
      from: { kind: 'ImageStreamTag', name },
      fieldPath: `spec.template.spec.containers[?(@.name=="${container}")].image`,
      ...extra,
    },
  ])

async function set(
  argv: string[],
  object: object,
): Promise<{ stdout: string; stderr: string; code: number; bodies: unknown[] }> {
  return runAgainst(
    ['set', 'triggers', 'deploy/web', ...argv],
    [
      { on: `GET ${apps}/web`, answer: object },
      { on: `PATCH ${apps}/web?fieldManager=kubectl-set`, answer: object },
    ],
  )
}

it('lists triggers', async () => {
  const run = await set([], deployment({ triggers: annotation('app:latest') }))
  assert.equal(
    run.stdout,
    'NAME             TYPE    VALUE             AUTO\ndeployments/web  config                    true\ndeployments/web  image   app:latest (web)  true\n',
  )
})

it('lists what nobody can read as an error', async () => {
  for (const triggers of ['not json', annotation('a:b', 'web', { paused: 'true' })]) {
    const run = await set([], deployment({ triggers }))
    assert.equal(
      run.stdout,
      'NAME             TYPE     VALUE  AUTO\ndeployments/web  <error>         false\n',
    )
  }
})

it('adds an image trigger', async () => {
  const run = await set(['--from-image=app:latest', '-c', 'web'], deployment())
  assert.deepEqual(run.bodies, [{ metadata: { annotations: { [key]: annotation('app:latest') } } }])
  assert.equal(run.stdout, 'deployment.apps/web triggers updated\n')
})

it('manual pauses every trigger and the deployment, auto takes both back', async () => {
  const manual = await set(['--manual'], deployment({ triggers: annotation('app:latest') }))
  assert.deepEqual(manual.bodies, [
    {
      metadata: { annotations: { [key]: annotation('app:latest', 'web', { paused: true }) } },
      spec: { paused: true },
    },
  ])
  const auto = await set(
    ['--auto'],
    deployment({ triggers: annotation('app:latest', 'web', { paused: true }), paused: true }),
  )
  assert.deepEqual(auto.bodies, [
    { metadata: { annotations: { [key]: annotation('app:latest') } }, spec: { paused: null } },
  ])
})

it('nothing to change is silent', async () => {
  const run = await set(['--auto'], deployment({ triggers: annotation('app:latest') }))
  assert.deepEqual([run.stdout, run.stderr, run.code, run.bodies], ['', '', 0, []])
})

it('removes one trigger or all', async () => {
  const one = await set(
    ['--remove', '--from-image=app:latest'],
    deployment({ triggers: annotation('app:latest') }),
  )
  assert.deepEqual(one.bodies, [{ metadata: { annotations: { [key]: 'null' } } }])
  const all = await set(['--remove-all'], deployment({ triggers: annotation('app:latest') }))
  assert.deepEqual(all.bodies, [{ metadata: { annotations: { [key]: 'null' } }, spec: { paused: true } }])
})

const refusals: [string[], object, string][] = [
  [
    ['--from-image=app:latest'],
    deployment(),
    'deployments/web you must specify --containers when setting --from-image',
  ],
  [
    ['--from-image=app:latest', '-c', 'no'],
    deployment(),
    'deployments/web not all container names exist: no (accepts: web)',
  ],
  [
    ['--from-image=b:1', '-c', 'web'],
    deployment({ triggers: annotation('a:1') }),
    'deployments/web only one trigger may reference each container: web',
  ],
  [['--from-github'], deployment(), 'deployments/web does not support GitHub web hooks'],
  [['--auto'], deployment({ triggers: 'not json' }), 'deployments/web does not support triggers'],
]
for (const [argv, object, message] of refusals) {
  it(`refuses ${argv.join(' ')}: ${message}`, async () => {
    const run = await set(argv, object)
    assert.deepEqual([run.stderr, run.code, run.bodies], [`error: ${message}\n`, 1, []])
  })
}

const flags: [string[], string][] = [
  [['--auto', '--manual'], 'you must specify at most one of --auto or --manual'],
  [['--remove'], '--remove requires a flag defining a trigger type to be specified'],
  [['--remove-all', '--auto'], '--remove-all may not be used with any other flag'],
  [['--from-config', '--from-image=a:1'], 'you may only set one trigger type at a time'],
  [['--from-image=a'], 'the value of --from-image must include the tag you wish to pull from'],
  [['--from-image=r.io/a:1'], 'the value of --from-image must point to an image stream tag on this server'],
]
for (const [argv, message] of flags) {
  it(`refuses ${argv.join(' ')}`, async () => {
    assert.equal((await set(argv, deployment())).stderr, `error: ${message}\n`)
  })
}

const stream = (name: string, local: boolean) => ({
  kind: 'ImageStream',
  apiVersion: 'image.openshift.io/v1',
  metadata: { name },
  spec: { lookupPolicy: { local } },
})

it('lists which streams may be named', async () => {
  const run = await runAgainst(
    ['set', 'image-lookup'],
    [{ on: `GET ${streams}`, answer: { items: [stream('mysql', false), stream('ruby', true)] } }],
  )
  assert.equal(run.stdout, 'NAME   LOCAL\nmysql  false\nruby   true\n')
})

it('turns the lookup on for streams, and says nothing where it is on', async () => {
  const run = await runAgainst(
    ['set', 'image-lookup', 'mysql', 'ruby'],
    [
      { on: `GET ${streams}/mysql`, answer: stream('mysql', false) },
      { on: `GET ${streams}/ruby`, answer: stream('ruby', true) },
      { on: `PATCH ${streams}/mysql?fieldManager=kubectl-set`, answer: stream('mysql', true) },
    ],
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/mysql image lookup updated\n')
  assert.deepEqual(run.bodies, [{ spec: { lookupPolicy: { local: true } } }])
})

it('a missing stream stops everything before a change', async () => {
  const run = await runAgainst(
    ['set', 'image-lookup', 'mysql', 'gone'],
    [
      { on: `GET ${streams}/mysql`, answer: stream('mysql', false) },
      {
        on: `GET ${streams}/gone`,
        ...refusal(404, 'NotFound', 'imagestreams.image.openshift.io "gone" not found'),
      },
      { on: 'GET /api/v1/namespaces/demo', answer: {} },
    ],
  )
  assert.equal(run.stderr, 'Error from server (NotFound): imagestreams.image.openshift.io "gone" not found\n')
  assert.deepEqual(run.bodies, [])
})

const lookup = 'alpha.image.policy.openshift.io/resolve-names'
const nested = (annotations: unknown) => ({ spec: { template: { metadata: { annotations } } } })

for (const [argv, annotations, body] of [
  [[], {}, nested({ [lookup]: '*' })],
  [['--enabled=false'], { [lookup]: '*' }, nested(null)],
  [['--enabled=false'], { [lookup]: '*', other: '1' }, nested({ [lookup]: null })],
] as [string[], object, object][]) {
  it(`workloads are annotated: ${argv.join(' ')} ${JSON.stringify(annotations)}`, async () => {
    const object = deployment({ annotations })
    const run = await runAgainst(
      ['set', 'image-lookup', 'deploy/web', ...argv],
      [
        { on: `GET ${apps}/web`, answer: object },
        { on: `PATCH ${apps}/web?fieldManager=kubectl-set`, answer: object },
      ],
    )
    assert.deepEqual(run.bodies, [body])
  })
}

it('sets images by container, those found even if one is not', async () => {
  const object = deployment({ containers: ['web', 'side'] })
  const run = await runAgainst(
    ['set', 'image', 'deploy/web', 'web=ruby:2.0', 'no=x', '--source=istag'],
    [
      { on: `GET ${apps}/web`, answer: object },
      {
        on: 'GET /apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/ruby:2.0',
        answer: { image: { dockerImageReference: 'r/ruby@sha256:1' } },
      },
      {
        on: 'GET /apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/x',
        answer: { image: { dockerImageReference: 'r/x@sha256:2' } },
      },
      { on: `PATCH ${apps}/web?fieldManager=kubectl-set`, answer: object },
    ],
  )
  assert.equal(run.stdout, 'deployment.apps/web image updated\n')
  assert.equal(run.stderr, 'error: unable to find container named "no"\n')
  assert.deepEqual(run.bodies, [
    {
      spec: {
        template: {
          spec: {
            '$setElementOrder/containers': [{ name: 'web' }, { name: 'side' }],
            containers: [{ image: 'r/ruby@sha256:1', name: 'web' }],
          },
        },
      },
    },
  ])
})
