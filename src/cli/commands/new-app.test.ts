import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Exchange, refusal, runAgainst } from '../test-cli.ts'

const id = `sha256:${'57b08d9'.padEnd(64, '0')}`
const streams = '/apis/image.openshift.io/v1/namespaces'
const ruby = {
  metadata: { name: 'ruby', namespace: 'openshift' },
  spec: { tags: [{ name: '2.0', annotations: { tags: 'builder,ruby', supports: 'ruby' } }] },
  status: { tags: [{ tag: '2.0', items: [{ image: id }] }] },
}
const image = {
  metadata: { name: id },
  dockerImageMetadata: {
    Id: id,
    Created: '2025-12-18T00:10:00Z',
    Config: { ExposedPorts: { '8080/tcp': {} }, Labels: { 'io.k8s.display-name': 'Ruby 2.0' } },
  },
}
interface Made {
  metadata: { annotations?: Record<string, string> }
  spec: Record<string, unknown>
}

const list = (namespace: string, ...items: object[]): Exchange => ({
  on: `GET ${streams}/${namespace}/imagestreams?limit=500`,
  answer: { items },
})
const search = [list('demo'), list('openshift', ruby)]
const isimage: Exchange = { on: `GET ${streams}/openshift/imagestreamimages/ruby@${id}`, answer: { image } }

describe('new-app', () => {
  it('deploys a stream tag and tells what it found', async () => {
    const created: Exchange[] = [
      { on: 'POST /apis/apps/v1/namespaces/demo/deployments' },
      { on: 'POST /api/v1/namespaces/demo/services' },
    ]
    const run = await runAgainst(['new-app', 'ruby:2.0'], [...search, isimage, ...created])
    assert.equal(run.stderr, '')
    assert.equal(
      run.stdout,
      `--> Found image 57b08d9 (2 weeks old) in image stream "openshift/ruby" under tag "2.0" for "ruby:2.0"

    Ruby 2.0 
    -------- 
    Tags: builder, ruby

--> Creating resources ...
    deployment.apps "ruby" created
    service "ruby" created
--> Success
    Application is not exposed. You can expose services to the outside world by executing one or more of the commands below:
     'oc expose service/ruby' 
    Run 'oc status' to view your app.
`,
    )
    const [deployment, service] = run.bodies as [Made, Made]
    const { annotations = {} } = deployment.metadata
    assert.deepEqual(JSON.parse(annotations['image.openshift.io/triggers'] ?? ''), [
      {
        from: { kind: 'ImageStreamTag', name: 'ruby:2.0', namespace: 'openshift' },
        fieldPath: 'spec.template.spec.containers[?(@.name=="ruby")].image',
      },
    ])
    assert.deepEqual(service.spec, {
      selector: { deployment: 'ruby' },
      ports: [{ name: '8080-tcp', port: 8080, protocol: 'TCP', targetPort: 8080 }],
    })
  })

  it('says what else a word may have meant', async () => {
    const run = await runAgainst(
      ['new-app', 'ruby:2.1'],
      [
        ...search,
        {
          on: `POST ${streams}/demo/imagestreamimports`,
          answer: { status: { images: [{ status: { status: 'Failure', reason: 'NotFound' } }] } },
        },
      ],
    )
    assert.equal(run.code, 1)
    assert.match(
      run.stderr,
      /^error: only a partial match was found for "ruby:2\.1": "openshift\/ruby:2\.0"\n/,
    )
    assert.match(
      run.stderr,
      /^ {2}Use --image-stream="openshift\/ruby:2\.0" to specify this image or template$/m,
    )
  })

  it('follows an image of a registry with a stream, and goes on after a refusal', async () => {
    const run = await runAgainst(
      ['new-app', '--image=docker.io/library/ruby:3', '-e', 'A=b,c'],
      [
        {
          on: `POST ${streams}/demo/imagestreamimports`,
          answer: { status: { images: [{ status: { status: 'Success' }, image }] } },
        },
        {
          on: `POST ${streams}/demo/imagestreams`,
          ...refusal(409, 'AlreadyExists', 'imagestreams.image.openshift.io "ruby" already exists'),
        },
        { on: 'POST /apis/apps/v1/namespaces/demo/deployments' },
        { on: 'POST /api/v1/namespaces/demo/services' },
      ],
    )
    assert.equal(run.code, 1)
    assert.equal(run.stderr, '    error: imagestreams.image.openshift.io "ruby" already exists\n')
    assert.match(run.stdout, /^--> Found container image 57b08d9 \(2 weeks old\) from Docker Hub for /)
    assert.match(run.stdout, /An image stream tag will be created as "ruby:3" that will track this image\n/)
    assert.match(run.stdout, /\n--> Failed\n$/)
    const [asked, stream, deployment] = run.bodies as [Made, Made, Made]
    assert.equal(asked.spec.import, false)
    const [tag] = stream.spec.tags as { annotations: object }[]
    assert.deepEqual(tag?.annotations, { 'openshift.io/imported-from': 'docker.io/library/ruby:3' })
    assert.match(JSON.stringify(deployment), /"env":\[\{"name":"A","value":"b,c"\}\]/)
  })

  it('makes nothing in a dry run', async () => {
    const run = await runAgainst(['new-app', 'ruby:2.0', '--dry-run'], [...search, isimage])
    assert.match(run.stdout, /\n--> Success \(dry run\)\n/)
    assert.deepEqual(run.bodies, [])
  })

  it('lists what there is', async () => {
    const run = await runAgainst(['new-app', '-S', 'rub'], search)
    assert.match(
      run.stdout,
      /^Image streams \(oc new-app .*\)\n-----\nruby\n {2}Project: openshift\n {2}Tags: {4}2\.0\n\n$/,
    )
    const none = await runAgainst(['new-app', '-S', 'perl'], search)
    assert.equal(none.stderr, 'error: no matches found\n')
  })
})

describe('new-build', () => {
  it('builds sources on a tag of a stream', async () => {
    const created: Exchange[] = [
      { on: `POST ${streams}/demo/imagestreams` },
      { on: 'POST /apis/build.openshift.io/v1/namespaces/demo/buildconfigs' },
    ]
    const run = await runAgainst(
      ['new-build', 'ruby:2.0~https://git.example.com/team/app.git#main'],
      [...search, isimage, ...created],
    )
    assert.equal(run.stderr, '')
    assert.match(
      run.stdout,
      /\n--> Success\n {4}Build configuration "app" created and build triggered\.\n {4}Run 'oc logs -f buildconfig\/app' to stream the build progress\.\n$/,
    )
    const { spec } = run.bodies[1] as Made
    assert.deepEqual(spec.source, {
      type: 'Git',
      git: { uri: 'https://git.example.com/team/app.git', ref: 'main' },
    })
    assert.deepEqual(spec.strategy, {
      type: 'Source',
      sourceStrategy: { from: { kind: 'ImageStreamTag', name: 'ruby:2.0', namespace: 'openshift' } },
    })
  })

  it('finds the builder by the language of a folder', async () => {
    const unlike = { ...ruby, metadata: { name: 'interpreter', namespace: 'openshift' } }
    const found = { ...isimage, on: isimage.on.replace('ruby@', 'interpreter@') }
    const run = await runAgainst(
      ['new-build', '.', '--name=app', '--dry-run'],
      [list('demo'), list('openshift', unlike), list('demo'), list('openshift', unlike), found],
      { files: { Gemfile: '' } },
    )
    assert.equal(run.stderr, '')
    assert.match(
      run.stdout,
      /^--> Found image 57b08d9 .* "openshift\/interpreter" under tag "2\.0" for "ruby"\n/,
    )
  })

  it('refuses a build that would start itself', async () => {
    const own = {
      ...ruby,
      metadata: { name: 'app', namespace: 'demo' },
      status: { tags: [{ tag: 'latest', items: [{ image: id }] }] },
    }
    const builder = { ...image, dockerImageMetadata: { Config: { Env: ['STI_BUILDER=1'] } } }
    const run = await runAgainst(
      ['new-build', 'app~https://git.example.com/app.git'],
      [
        list('demo', own),
        { on: `GET ${streams}/demo/imagestreamimages/app@${id}`, answer: { image: builder } },
      ],
    )
    assert.equal(run.code, 1)
    assert.match(run.stderr, /^error: the build would push to "app:latest", the tag that it builds on\n/)
    assert.deepEqual(run.bodies, [])
  })
})
