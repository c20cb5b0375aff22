import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const root = '/apis/image.openshift.io/v1/namespaces/demo'
const digest = `sha256:${'a1'.repeat(32)}`
const stream = {
  kind: 'ImageStream',
  metadata: { name: 'ruby', namespace: 'demo' },
  status: {
    tags: [
      { tag: '2.0', items: [{ image: digest, dockerImageReference: `docker.io/library/ruby@${digest}` }] },
      { tag: 'ref', items: [{ image: '', dockerImageReference: 'docker.io/library/ruby:3' }] },
    ],
  },
}
const getRuby = { on: `GET ${root}/imagestreams/ruby`, answer: stream }

it('a tag becomes the image that it shows now', async () => {
  const run = await runAgainst(
    ['tag', 'ruby:2.0', 'ruby:static'],
    [getRuby, { on: `PUT ${root}/imagestreamtags/ruby:static`, status: 201, answer: {} }],
  )
  assert.equal(run.stdout, `Tag ruby:static set to ruby@${digest}.\n`)
  assert.equal(run.stderr, '')
  assert.equal(run.code, 0)
  const [body] = run.bodies as [{ tag: object; metadata: object }]
  assert.deepEqual(body.metadata, { name: 'ruby:static', namespace: 'demo' })
  assert.deepEqual(body.tag, {
    name: 'static',
    annotations: null,
    from: { kind: 'ImageStreamImage', name: `ruby@${digest}` },
    generation: null,
    importPolicy: { importMode: 'Legacy' },
    referencePolicy: { type: 'Source' },
  })
})

it('an alias is written without a look at its source', async () => {
  const run = await runAgainst(
    ['tag', '--alias=true', 'ruby:2.0', 'ruby:latest'],
    [{ on: `PUT ${root}/imagestreamtags/ruby:latest`, answer: {} }],
  )
  assert.deepEqual(run.requests, [`PUT ${root}/imagestreamtags/ruby:latest`])
  assert.equal(run.stdout, 'Tag ruby:latest set up to track ruby:2.0.\n')
})

it('a scheduled import into another namespace lacks a word, as in the field', async () => {
  const path = '/apis/image.openshift.io/v1/namespaces/other/imagestreamtags/x:1'
  const run = await runAgainst(
    ['tag', '--scheduled', 'docker.io/a/b:1', 'other/x:1'],
    [{ on: `PUT ${path}`, answer: {} }],
  )
  assert.equal(run.stdout, 'Tag other/x:1 set to docker.io/a/b:1 periodically.\n')
  const [body] = run.bodies as [{ tag: { importPolicy: object; generation: number } }]
  assert.deepEqual(body.tag.importPolicy, { scheduled: true, importMode: 'Legacy' })
  assert.equal(body.tag.generation, 0)
})

it('a mere reference hands on its pull spec', async () => {
  const run = await runAgainst(
    ['tag', 'ruby:ref', 'x:1'],
    [getRuby, { on: `PUT ${root}/imagestreamtags/x:1`, answer: {} }],
  )
  assert.equal(run.stdout, 'Tag x:1 set to docker.io/library/ruby:3.\n')
})

it('falls back to POST and to the stream, and shows the last refusal', async () => {
  const forbidden = (what: string) => refusal(403, 'Forbidden', what)
  const run = await runAgainst(
    ['tag', 'docker.io/a/b:1', 'x:1'],
    [
      { on: `PUT ${root}/imagestreamtags/x:1`, ...forbidden('put') },
      { on: `POST ${root}/imagestreamtags`, ...forbidden('post') },
      { on: `GET ${root}/imagestreams/x`, ...forbidden('get') },
    ],
  )
  assert.equal(run.stderr, 'Error from server (Forbidden): get\n')
  assert.equal(run.code, 1)
})

it('earlier destinations are written when a later one is refused', async () => {
  const run = await runAgainst(
    ['tag', 'docker.io/a/b:1', 'x:1', 'plain'],
    [{ on: `PUT ${root}/imagestreamtags/x:1`, answer: {} }],
  )
  assert.equal(run.stdout, 'Tag x:1 set to docker.io/a/b:1.\n')
  assert.equal(run.stderr, 'error: "plain" must be of the form <stream_name>:<tag>\n')
  assert.equal(run.code, 1)
})

it('tries again after a conflict', async () => {
  const path = `PUT ${root}/imagestreamtags/x:1`
  const run = await runAgainst(
    ['tag', 'docker.io/a/b:1', 'x:1'],
    [
      { on: path, ...refusal(409, 'Conflict', 'changed') },
      { on: path, answer: {} },
    ],
  )
  assert.deepEqual(run.requests, [path, path])
  assert.equal(run.code, 0)
})

it('deletes tags', async () => {
  const run = await runAgainst(
    ['tag', 'ruby:2.0', 'other/x:1', '-d'],
    [
      { on: `DELETE ${root}/imagestreamtags/ruby:2.0`, answer: { kind: 'Status', status: 'Success' } },
      { on: 'DELETE /apis/image.openshift.io/v1/namespaces/other/imagestreamtags/x:1', answer: {} },
    ],
  )
  assert.equal(run.stdout, 'Deleted tag demo/ruby:2.0.\nDeleted tag other/x:1.\n')
  assert.deepEqual(run.bodies[0], { kind: 'DeleteOptions', apiVersion: 'image.openshift.io/v1' })
})

const refusals: [argv: string[], stderr: string][] = [
  [
    [],
    "error: you must specify a source and at least one destination or one or more tags to delete\nSee 'oc tag -h' for help and examples\n",
  ],
  [['-d'], 'error: at least a destination is required\n'],
  [
    ['--reference-policy=foo', 'docker.io/a/b:1', 'x:1'],
    "error: reference policy must be set to 'source' or 'local'\n",
  ],
  [
    ['--scheduled', '--alias', 'ruby:1', 'ruby:2'],
    'error: only container images can have importing flags set\n',
  ],
  [['--alias', 'ruby:1', 'x:2'], 'error: cannot set alias across different Image Streams\n'],
  [['docker.io/a/b:1', 'a/b/c'], 'error: invalid image stream "a/b/c"\n'],
  [
    ['docker.io/a/b:1', 'x:bad tag'],
    `error: invalid tag "bad tag" format, tags must start with an alphanumeric character followed by alphanumeric, '.' or '-' characters, and have a maximum of 128 characters\n`,
  ],
  [['ruby@3a335d7', 'x:1'], 'error: invalid SOURCE: invalid reference format\n'],
  [
    ['--source=foo', 'ruby:1', 'x:1'],
    'error: invalid source "foo"; valid values are docker, dockerimage, imagestreamimage, imagestreamtag, isimage, istag\nSee \'oc tag -h\' for help and examples\n',
  ],
  [
    ['--alias=x', 'a:1', 'a:2'],
    'error: invalid argument "x" for "--alias" flag: strconv.ParseBool: parsing "x": invalid syntax\nSee \'oc tag --help\' for usage.\n',
  ],
]

for (const [argv, stderr] of refusals) {
  it(`refuses tag ${argv.join(' ')}`, async () => {
    const run = await runAgainst(['tag', ...argv], [])
    assert.equal(run.stderr, stderr)
    assert.equal(run.code, 1)
    assert.deepEqual(run.requests, [])
  })
}
