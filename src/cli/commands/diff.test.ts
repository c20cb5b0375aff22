import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const query = 'dryRun=All&fieldManager=kubectl-client-side-apply&fieldValidation=Ignore'
const stream = (local: boolean) => ({
  apiVersion: 'image.openshift.io/v1',
  kind: 'ImageStream',
  metadata: { name: 'app', namespace: 'demo', managedFields: [{ manager: 'x' }] },
  spec: { lookupPolicy: { local } },
})
const files = {
  'is.yaml':
    'apiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {name: app}\nspec: {lookupPolicy: {local: true}}\n',
  'secret.yaml': 'apiVersion: v1\nkind: Secret\nmetadata: {name: s}\ndata: {same: YQ==, other: Yg==}\n',
}
const env = { PATH: process.env.PATH ?? '' }

it('shows what apply would change, without managed fields, and says so by its exit code', async () => {
  const run = await runAgainst(
    ['diff', '-f', 'is.yaml'],
    [
      { on: `GET ${path}/app`, answer: stream(false) },
      { on: `GET ${path}/app`, answer: stream(false) },
      { on: `PATCH ${path}/app?${query}`, answer: stream(true) },
    ],
    { files, env },
  )
  assert.equal(run.stderr, '')
  assert.match(run.stdout, /^--- .*LIVE\/image\.openshift\.io\.v1\.ImageStream\.demo\.app.*\n\+\+\+ /m)
  assert.match(run.stdout, /^-\s+local: false\n\+\s+local: true$/m)
  assert.doesNotMatch(run.stdout, /managedFields|Warning/)
  assert.equal(run.code, 1)
})

it('shows an object that is not there yet whole, and nothing where nothing would change', async () => {
  const missing = { on: `GET ${path}/app`, ...refusal(404, 'NotFound', 'imagestreams "app" not found') }
  const created = await runAgainst(
    ['diff', '-f', 'is.yaml'],
    [missing, missing, { on: `POST ${path}?${query}`, status: 201, answer: stream(true) }],
    { files, env },
  )
  assert.match(created.stdout, /^\+kind: ImageStream$/m)
  assert.equal(created.code, 1)
  const same = await runAgainst(
    ['diff', '-f', 'is.yaml', '--server-side'],
    [
      { on: `GET ${path}/app`, answer: stream(true) },
      { on: `PATCH ${path}/app?dryRun=All&fieldManager=kubectl&force=false`, answer: stream(true) },
    ],
    { files, env },
  )
  assert.equal(same.stdout + same.stderr, '')
  assert.equal(same.code, 0)
})

it('never shows what is in a secret', async () => {
  const secret = (other: string) => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 's', namespace: 'demo' },
    data: { same: 'YQ==', other },
  })
  const at = '/api/v1/namespaces/demo/secrets'
  const run = await runAgainst(
    ['diff', '-f', 'secret.yaml'],
    [
      { on: `GET ${at}/s`, answer: secret('Yw==') },
      { on: `GET ${at}/s`, answer: secret('Yw==') },
      { on: `PATCH ${at}/s?${query}`, answer: secret('Yg==') },
    ],
    { files, env },
  )
  assert.match(run.stdout, /^-\s+other: '\*\*\* \(before\)'\n\+\s+other: '\*\*\* \(after\)'$/m)
  assert.doesNotMatch(run.stdout, /Y[abcgw]==/)
})

it('ends with 2 when it cannot compare', async () => {
  const run = await runAgainst(['diff', '-f', 'none.yaml'], [], { env })
  assert.equal(run.stderr, 'error: the path "none.yaml" does not exist\n')
  assert.equal(run.code, 2)
})
