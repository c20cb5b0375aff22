import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const query = 'fieldManager=kubectl-replace&fieldValidation=Ignore'
const stream = (metadata: object = {}) => ({
  kind: 'ImageStream',
  apiVersion: 'image.openshift.io/v1',
  metadata: { name: 'x', ...metadata },
})
const files = { 'x.json': JSON.stringify(stream()) }

it('replaces the version that is there now', async () => {
  const run = await runAgainst(
    ['replace', '-f', 'x.json'],
    [
      { on: `GET ${streams}/x`, answer: stream({ resourceVersion: '7' }) },
      { on: `PUT ${streams}/x?${query}`, answer: stream({ resourceVersion: '8' }) },
    ],
    { files },
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/x replaced\n')
  assert.deepEqual(run.bodies, [stream({ namespace: 'demo', resourceVersion: '7' })])
})

it('says which file holds what is missing', async () => {
  const missing = refusal(404, 'NotFound', 'imagestreams.image.openshift.io "x" not found')
  const run = await runAgainst(
    ['replace', '-f', 'x.json'],
    [
      { on: `GET ${streams}/x`, ...missing },
      { on: `PUT ${streams}/x?${query}`, ...missing },
    ],
    { files },
  )
  assert.equal(
    run.stderr,
    'Error from server (NotFound): error when replacing "x.json": imagestreams.image.openshift.io "x" not found\n',
  )
})

it('with --force deletes first and creates anew', async () => {
  const run = await runAgainst(
    ['replace', '--force', '-f', 'x.json'],
    [
      { on: `DELETE ${streams}/x`, answer: { kind: 'Status', details: { uid: 'u' } } },
      { on: `GET ${streams}/x`, ...refusal(404, 'NotFound', 'gone') },
      { on: `POST ${streams}?${query}`, answer: stream() },
    ],
    { files },
  )
  assert.equal(
    run.stdout,
    'imagestream.image.openshift.io "x" deleted from demo namespace\nimagestream.image.openshift.io/x replaced\n',
  )
  assert.deepEqual(run.bodies[0], { propagationPolicy: 'Background' })
})

const refused: [string[], string][] = [
  [[], 'error: must specify one of -f and -k\n'],
  [['-f', 'x.json', '--grace-period=3'], 'error: --grace-period must have --force specified\n'],
  [['-f', 'x.json', '--timeout=3s'], 'error: --timeout must have --force specified\n'],
  [['-f', 'x.json', '--force', '--dry-run=server'], 'error: --dry-run can not be used when --force is set\n'],
  [['-f', 'none'], 'error: the path "none" does not exist\n'],
]
for (const [args, text] of refused) {
  it(`replace ${args.join(' ')} is refused`, async () => {
    const run = await runAgainst(['replace', ...args], [], { files })
    assert.deepEqual([run.stderr, run.requests], [text, []])
  })
}
