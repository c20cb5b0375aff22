import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const root = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const columns = [
  { name: 'Name', type: 'string' },
  { name: 'Tags', type: 'string' },
  { name: 'Note', type: 'string', priority: 1 },
]
const row = (name: string, tags: string | null, labels?: object) => ({
  cells: [name, tags, 'n'],
  object: {
    metadata: { name, namespace: 'demo', resourceVersion: '7', ...(labels === undefined ? {} : { labels }) },
  },
})
const table = (...rows: object[]) => ({
  kind: 'Table',
  apiVersion: 'meta.k8s.io/v1',
  metadata: { resourceVersion: '9' },
  columnDefinitions: columns,
  rows,
})

it('prints the table of the server', async () => {
  const run = await runAgainst(
    ['get', 'is'],
    [{ on: `GET ${root}?limit=500`, answer: table(row('app', 'a,b'), row('longer', null)) }],
  )
  assert.equal(run.stdout, 'NAME     TAGS\napp      a,b\nlonger   \n')
  assert.equal(run.code, 0)
})

it('several names make one table, those found even if one is not', async () => {
  const run = await runAgainst(
    ['get', 'is', 'a', 'gone', 'b', '-o', 'wide'],
    [
      { on: `GET ${root}/a`, answer: table(row('a', 'x')) },
      {
        on: `GET ${root}/gone`,
        ...refusal(404, 'NotFound', 'imagestreams.image.openshift.io "gone" not found'),
      },
      { on: 'GET /api/v1/namespaces/demo', answer: {} },
      { on: `GET ${root}/b`, answer: table(row('b', 'y')) },
    ],
  )
  assert.equal(run.stdout, 'NAME   TAGS   NOTE\na      x      n\nb      y      n\n')
  assert.equal(run.stderr, 'Error from server (NotFound): imagestreams.image.openshift.io "gone" not found\n')
  assert.equal(run.code, 1)
})

it('a missing namespace is told instead of the missing object', async () => {
  const run = await runAgainst(
    ['get', 'is', 'x'],
    [
      { on: `GET ${root}/x`, ...refusal(404, 'NotFound', 'imagestreams.image.openshift.io "x" not found') },
      { on: 'GET /api/v1/namespaces/demo', ...refusal(404, 'NotFound', 'namespaces "demo" not found') },
    ],
  )
  assert.equal(run.stderr, 'Error from server (NotFound): namespaces "demo" not found\n')
})

it('shows labels, label columns, types and namespaces', async () => {
  const answer = table(row('app', 'x', { b: '2', a: '1' }))
  const labels = await runAgainst(
    ['get', 'is', '--show-labels', '-L', 'x/b,b'],
    [{ on: `GET ${root}?limit=500`, answer }],
  )
  assert.equal(labels.stdout, 'NAME   TAGS   B     B     LABELS\napp    x            2     a=1,b=2\n')
  const all = await runAgainst(
    ['get', 'is', '-A', '--show-kind', '--no-headers'],
    [{ on: 'GET /apis/image.openshift.io/v1/imagestreams?limit=500', answer }],
  )
  assert.equal(all.stdout, 'demo   imagestream.image.openshift.io/app   x\n')
})

it('follows the pages of a long list', async () => {
  const run = await runAgainst(
    ['get', 'is', '--chunk-size=1', '-o', 'name'],
    [
      {
        on: `GET ${root}?limit=1`,
        answer: {
          kind: 'ImageStreamList',
          apiVersion: 'image.openshift.io/v1',
          metadata: { continue: 'c' },
          items: [{ metadata: { name: 'a' } }],
        },
      },
      {
        on: `GET ${root}?continue=c&limit=1`,
        answer: {
          kind: 'ImageStreamList',
          apiVersion: 'image.openshift.io/v1',
          metadata: {},
          items: [{ metadata: { name: 'b' } }],
        },
      },
    ],
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/a\nimagestream.image.openshift.io/b\n')
})

it('says that there is nothing', async () => {
  const nothing = await runAgainst(['get', 'is'], [{ on: `GET ${root}?limit=500`, answer: table() }])
  assert.deepEqual(
    [nothing.stdout, nothing.stderr, nothing.code],
    ['', 'No resources found in demo namespace.\n', 0],
  )
  const json = await runAgainst(
    ['get', 'is', '-l', 'a=b', '-o', 'json'],
    [
      {
        on: `GET ${root}?labelSelector=a%3Db&limit=500`,
        answer: { kind: 'ImageStreamList', metadata: {}, items: null },
      },
    ],
  )
  assert.deepEqual(JSON.parse(json.stdout), {
    apiVersion: 'v1',
    items: [],
    kind: 'List',
    metadata: { resourceVersion: '' },
  })
})

it('one named object is printed itself, with sorted keys and escapes', async () => {
  const answer = {
    kind: 'ImageStream',
    apiVersion: 'image.openshift.io/v1',
    metadata: { name: 'app', managedFields: [1], annotations: { b: '<x> & y', a: '1' } },
  }
  const run = await runAgainst(['get', 'is/app', '-o', 'json'], [{ on: `GET ${root}/app`, answer }])
  assert.equal(
    run.stdout,
    `{
    "apiVersion": "image.openshift.io/v1",
    "kind": "ImageStream",
    "metadata": {
        "annotations": {
            "a": "1",
            "b": "\\u003cx\\u003e \\u0026 y"
        },
        "name": "app"
    }
}
`,
  )
})

it('sorts, picks columns and fills templates', async () => {
  const list = {
    kind: 'ImageStreamList',
    apiVersion: 'image.openshift.io/v1',
    metadata: {},
    items: ['b', 'a'].map((name) => ({ metadata: { name } })),
  }
  const on = `GET ${root}?limit=500`
  const columnsRun = await runAgainst(
    ['get', 'is', '--sort-by=.metadata.name', '-o', 'custom-columns=N:.metadata.name,X:.spec.none'],
    [{ on: `GET ${root}`, answer: list }],
  )
  assert.equal(columnsRun.stdout, 'N     X\na     <none>\nb     <none>\n')
  const path = await runAgainst(
    ['get', 'is', '-o', 'jsonpath={.items[*].metadata.name}'],
    [{ on, answer: list }],
  )
  assert.equal(path.stdout, 'b a')
})

it('several types are parted by an empty line and carry their type', async () => {
  const run = await runAgainst(
    ['get', 'all'],
    [
      { on: 'GET /api/v1/namespaces/demo/pods?limit=500', answer: table(row('p', 'x')) },
      { on: 'GET /apis/apps/v1/namespaces/demo/deployments?limit=500', answer: table() },
      { on: `GET ${root}?limit=500`, answer: table(row('s', 'y')) },
    ],
  )
  assert.equal(
    run.stdout,
    'NAME    TAGS\npod/p   x\n\nNAME                               TAGS\nimagestream.image.openshift.io/s   y\n',
  )
})

it('watches from where the list ended, keeping the columns', async () => {
  const event = (type: string, cells: object) =>
    `${JSON.stringify({ type, object: { kind: 'Table', columnDefinitions: null, rows: [cells] } })}\n`
  const run = await runAgainst(
    ['get', 'is', 'app', '-w'],
    [
      { on: `GET ${root}/app`, answer: table(row('app', 'a-long-tag')) },
      {
        on: `GET ${root}?fieldSelector=metadata.name%3Dapp&resourceVersion=9&watch=true`,
        answer: event('MODIFIED', row('app', 'b')),
      },
    ],
  )
  assert.equal(run.stdout, 'NAME   TAGS\napp    a-long-tag\napp    b\n')
})

it('a watch types the items of its list, and pads the kinds of events', async () => {
  const answer = {
    kind: 'ImageStreamList',
    apiVersion: 'image.openshift.io/v1',
    metadata: { resourceVersion: '9' },
  }
  const watch = { on: `GET ${root}?resourceVersion=9&watch=true`, answer: '' }
  const names = await runAgainst(
    ['get', 'is', '-w', '-o', 'name'],
    [{ on: `GET ${root}?limit=500`, answer: { ...answer, items: [{ metadata: { name: 'a' } }] } }, watch],
  )
  assert.equal(names.stdout, 'imagestream.image.openshift.io/a\n')
  const events = await runAgainst(
    ['get', 'is', '-w', '--output-watch-events'],
    [{ on: `GET ${root}?limit=500`, answer: table(row('a', 'x')) }, watch],
  )
  assert.equal(events.stdout, 'EVENT      NAME   TAGS\nADDED      a      x\n')
})

it('a watch of several names shows them and refuses', async () => {
  const run = await runAgainst(
    ['get', 'is', 'a', 'b', '-w'],
    [
      { on: `GET ${root}/a`, answer: table(row('a', 'x')) },
      { on: `GET ${root}/b`, answer: table(row('b', 'y')) },
    ],
  )
  assert.equal(run.stdout, 'NAME   TAGS\na      x\nb      y\n')
  assert.equal(run.stderr, 'error: you may only watch a single resource or type of resource at a time\n')
})

it('copies a raw answer as it is', async () => {
  const run = await runAgainst(['get', '--raw', '/x?y=1'], [{ on: 'GET /x?y=1', answer: '{"a": 1}' }])
  assert.equal(run.stdout, '{"a": 1}')
})

it('refuses what it can not do', async () => {
  const type = await runAgainst(['get', 'nope'], [])
  assert.equal(type.stderr, `error: the server doesn't have a resource type "nope"\n`)
  const format = await runAgainst(['get', 'is', '-o', 'x'], [])
  assert.match(
    format.stderr,
    /^error: unable to match a printer suitable for the output format "x", allowed formats are: custom-columns,.*,wide,yaml\n$/,
  )
  const slashes = await runAgainst(['get', 'is', 'is/x'], [])
  assert.match(slashes.stderr, /^error: there is no need to specify a resource type as a separate argument/)
})

it('never sends control characters of a server to a terminal', async () => {
  const run = await runAgainst(
    ['get', 'is'],
    [{ on: `GET ${root}?limit=500`, answer: table(row('a\u001b[2J', 'x\ny')) }],
  )
  assert.equal(run.stdout, 'NAME     TAGS\na^[[2J   x...\n')
})
