import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const root = '/apis/image.openshift.io/v1/namespaces/demo'
const gone = refusal(404, 'NotFound', 'imagestreamtags.image.openshift.io "ruby:2.0" not found')
const success = { kind: 'Status', apiVersion: 'v1', status: 'Success' }

it('deletes by name without a look first, and waits until it is gone', async () => {
  const path = `${root}/imagestreamtags/ruby:2.0`
  const run = await runAgainst(
    ['delete', 'istag/ruby:2.0'],
    [
      { on: `DELETE ${path}`, answer: success },
      { on: `GET ${path}`, ...gone },
    ],
  )
  assert.equal(run.stdout, 'imagestreamtag.image.openshift.io "ruby:2.0" deleted from demo namespace\n')
  assert.deepEqual(run.requests, [`DELETE ${path}`, `GET ${path}`])
  assert.deepEqual(run.bodies, [{ propagationPolicy: 'Background' }])
  assert.equal(run.code, 0)
})

it('waits through a watch while the object is still there', async () => {
  const path = `${root}/imagestreams/ruby`
  const object = { metadata: { name: 'ruby', uid: 'u', resourceVersion: '5' } }
  const run = await runAgainst(
    ['delete', 'is', 'ruby'],
    [
      { on: `DELETE ${path}`, answer: object },
      { on: `GET ${path}`, answer: object },
      {
        on: `GET ${root}/imagestreams?fieldSelector=metadata.name%3Druby&resourceVersion=5&watch=true`,
        answer: `${JSON.stringify({ type: 'DELETED', object })}\n`,
      },
    ],
  )
  assert.equal(run.code, 0)
  assert.equal(run.requests.length, 3)
})

it('another object of the name ends the wait', async () => {
  const path = `${root}/imagestreams/ruby`
  const run = await runAgainst(
    ['delete', 'is', 'ruby'],
    [
      { on: `DELETE ${path}`, answer: { kind: 'Status', status: 'Success', details: { uid: 'old' } } },
      { on: `GET ${path}`, answer: { metadata: { name: 'ruby', uid: 'new' } } },
    ],
  )
  assert.equal(run.code, 0)
})

it('goes on after a missing one', async () => {
  const run = await runAgainst(
    ['delete', 'istag', 'a:1', 'ruby:2.0', '--wait=false', '-o', 'name'],
    [
      { on: `DELETE ${root}/imagestreamtags/a:1`, ...gone },
      { on: `DELETE ${root}/imagestreamtags/ruby:2.0`, answer: success },
    ],
  )
  assert.equal(run.stdout, 'imagestreamtag.image.openshift.io/ruby:2.0\n')
  assert.equal(
    run.stderr,
    'Error from server (NotFound): imagestreamtags.image.openshift.io "ruby:2.0" not found\n',
  )
  assert.equal(run.code, 1)
})

it('a selector lists first; nothing found is no failure', async () => {
  const run = await runAgainst(
    ['delete', 'is', '-l', 'a=b'],
    [{ on: `GET ${root}/imagestreams?labelSelector=a%3Db&limit=500`, answer: { items: [] } }],
  )
  assert.deepEqual([run.stdout, run.code], ['No resources found\n', 0])
})

it('cluster-scoped objects have no namespace', async () => {
  const run = await runAgainst(
    ['delete', 'image', 'x', '--wait=false', '-n', 'demo'],
    [{ on: 'DELETE /apis/image.openshift.io/v1/images/x', answer: success }],
  )
  assert.equal(run.stdout, 'image.image.openshift.io "x" deleted\n')
  assert.equal(
    run.stderr,
    'Warning: deleting cluster-scoped resources, not scoped to the provided namespace\n',
  )
})

it('a client dry run sends nothing', async () => {
  const run = await runAgainst(['delete', 'is', 'x', '--dry-run=client'], [])
  assert.equal(run.stdout, 'imagestream.image.openshift.io "x" deleted from demo namespace (dry run)\n')
  assert.deepEqual(run.requests, [])
})

it('refuses a type without a name', async () => {
  const run = await runAgainst(['delete', 'is'], [])
  assert.equal(run.stderr, 'error: resource(s) were provided, but no name was specified\n')
})
