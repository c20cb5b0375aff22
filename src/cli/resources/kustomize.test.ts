import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const files = {
  'kustomization.yaml': 'namePrefix: team-\nresources: [is.yaml]\n',
  'is.yaml': 'apiVersion: image.openshift.io/v1\nkind: ImageStream\nmetadata: {name: app}\n',
}
const stream = { kind: 'ImageStream', apiVersion: 'image.openshift.io/v1', metadata: { name: 'team-app' } }
const create = {
  on: 'POST /apis/image.openshift.io/v1/namespaces/demo/imagestreams?fieldManager=kubectl-create&fieldValidation=Ignore',
  status: 201,
  answer: stream,
}

/** A folder with a program of this name that runs the shell text. */
async function withProgram(name: string, text: string, act: (path: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-kustomize-'))
  try {
    await writeFile(join(folder, name), `#!/bin/sh\n${text}\n`)
    await chmod(join(folder, name), 0o755)
    await act(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const hasKubectl = spawnSync('kubectl', ['kustomize', '--help'], { stdio: 'ignore' }).error === undefined
if (!hasKubectl && process.env.CI === 'true') throw new Error('kubectl is not installed')

it('creates what a kustomization builds', {
  skip: hasKubectl ? false : 'kubectl is not installed',
}, async () => {
  const env = { PATH: process.env.PATH ?? '' }
  const run = await runAgainst(['create', '-k', '.'], [create], { files, env })
  assert.equal(run.stderr, '')
  assert.equal(run.stdout, 'imagestream.image.openshift.io/team-app created\n')
  assert.deepEqual(run.bodies[0], {
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStream',
    metadata: { name: 'team-app', namespace: 'demo' },
  })
})

it('takes kustomize itself first, and tells what it complains of in one line', async () => {
  await withProgram('kustomize', 'echo "Error: no kustomization in $2" >&2; exit 1', async (path) => {
    const run = await runAgainst(['apply', '-k', '.'], [], { files, env: { PATH: `${path}:/bin:/usr/bin` } })
    assert.equal(run.stderr, 'error: no kustomization in .\n')
    assert.equal(run.code, 1)
  })
})

it('says what to install where nothing can build', async () => {
  const run = await runAgainst(['delete', '-k', '.'], [], { files, env: { PATH: '/nowhere' } })
  assert.match(run.stderr, /^error: -k needs kustomize: install 'kustomize' or 'kubectl' \(.*\)\n$/)
  assert.equal(run.code, 1)
})

it('refuses a folder that is not there, and -f beside -k', async () => {
  const gone = await runAgainst(['create', '-k', 'nowhere'], [])
  assert.equal(gone.stderr, 'error: the path "nowhere" does not exist\n')
  const both = await runAgainst(['create', '-k', '.', '-f', 'is.yaml'], [], { files })
  assert.equal(both.stderr, 'error: only one of -f or -k can be specified\n')
})
