import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const query = 'fieldManager=kubectl-client-side-apply&fieldValidation=Ignore'
const applied = { 'kubectl.kubernetes.io/last-applied-configuration': '{}' }
const stream = (name: string, annotations: object = applied) => ({
  apiVersion: 'image.openshift.io/v1',
  kind: 'ImageStream',
  metadata: { name, namespace: 'demo', uid: `uid-${name}`, annotations },
})
const files = {
  'is.yaml':
    'apiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {name: kept, labels: {app: x}}\n---\napiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {name: unlabelled}\n',
}
const prune = [
  'apply',
  '-f',
  'is.yaml',
  '--prune',
  '-l',
  'app=x',
  '--prune-allowlist=image.openshift.io/v1/ImageStream',
]

it('deletes what an earlier apply made and the file no longer holds, nothing else', async () => {
  const run = await runAgainst(
    prune,
    [
      { on: `GET ${path}/kept`, answer: stream('kept') },
      { on: `PATCH ${path}/kept?${query}`, answer: stream('kept') },
      {
        on: `GET ${path}?labelSelector=app%3Dx&limit=500`,
        answer: { items: [stream('kept'), stream('gone'), stream('by-hand', {})] },
      },
      { on: `DELETE ${path}/gone`, answer: { kind: 'Status', status: 'Success' } },
    ],
    { files },
  )
  assert.equal(run.stderr, '')
  assert.equal(
    run.stdout,
    'imagestream.image.openshift.io/kept configured\nimagestream.image.openshift.io/gone pruned\n',
  )
  assert.deepEqual(run.bodies.at(-1), { preconditions: { uid: 'uid-gone' }, propagationPolicy: 'Background' })
})

it('deletes nothing when something could not be applied', async () => {
  const run = await runAgainst(prune, [], { files })
  assert.equal(run.code, 1)
  assert.ok(!run.requests.some((request) => request.startsWith('DELETE')))
})

it('wants to be told what may go', async () => {
  const bare = await runAgainst(['apply', '-f', 'is.yaml', '--prune'], [], { files })
  assert.match(bare.stderr, /^error: all resources selected for prune without explicitly passing --all\./)
  const both = await runAgainst(['apply', '-f', 'is.yaml', '--prune', '--all', '-l', 'a=b'], [], { files })
  assert.equal(both.stderr, 'error: cannot set --all and --selector at the same time\n')
})
