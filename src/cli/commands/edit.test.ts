import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/x'
const stream = {
  kind: 'ImageStream',
  apiVersion: 'image.openshift.io/v1',
  metadata: { name: 'x', namespace: 'demo' },
  spec: { lookupPolicy: { local: false }, tags: [{ name: 'a', annotations: null }] },
}
const get = { on: `GET ${path}`, answer: stream }
let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-edit-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const edit = (editor: string, exchanges = [get]) =>
  runAgainst(['edit', 'is/x'], exchanges, {
    env: { EDITOR: editor, PATH: process.env.PATH ?? '', TMPDIR: folder },
  })

it('an editor that changes nothing changes nothing', async () => {
  const run = await edit('true')
  assert.deepEqual([run.stdout, run.stderr, run.code], ['', 'Edit cancelled, no changes made.\n', 0])
  assert.equal(run.requests.length, 1)
})

it('sends what was changed', async () => {
  const patched = { on: `PATCH ${path}?fieldManager=kubectl-edit`, answer: stream }
  const run = await edit("sed -i 's/local: false/local: true/'", [get, patched])
  assert.equal(run.stdout, 'imagestream.image.openshift.io/x edited\n')
  assert.deepEqual(run.bodies, [{ spec: { lookupPolicy: { local: true } } }])
})

it('keeps a copy of what it can not send', async () => {
  const named = await edit("sed -i 's/name: x/name: y/'")
  assert.match(
    named.stderr,
    /^A copy of your changes has been stored to ".*oc-edit-\d+\.yaml"\nerror: At least one of apiVersion, kind and name was changed\n$/,
  )
  const broken = await edit("sed -i 's/^kind:.*/bad/'")
  assert.match(broken.stderr, /\nerror: Edit cancelled, no valid changes were saved\.\n$/)
  assert.equal(broken.code, 1)
})
