import assert from 'node:assert/strict'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import type { ImageStream } from '../../src/api/index.ts'
import { requireProgram } from './require-program.ts'
import { type Outcome, openSandbox } from './sandbox.ts'
import { startWeir } from './start-weir.ts'

const manifest = (label: string, tagged = 'registry.example.com/app:v1') =>
  JSON.stringify({
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStream',
    metadata: { name: 'app', labels: { tier: label } },
    spec: { tags: [{ name: 'v1', reference: true, from: { kind: 'DockerImage', name: tagged } }] },
  })

interface Desk {
  /** kubectl in namespace default with that on stdin; any exit code. */
  kubectl(stdin: string, ...args: string[]): Promise<Outcome>
  stream(): Promise<ImageStream & { metadata: { managedFields?: { manager: string; operation: string }[] } }>
}

async function withDesk(run: (desk: Desk) => Promise<void>): Promise<void> {
  await using sandbox = await openSandbox()
  await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env })
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const kubectl: Desk['kubectl'] = (stdin, ...args) => sandbox.run('kubectl', args, { env, stdin })
  await run({
    kubectl,
    async stream() {
      const path = '/apis/image.openshift.io/v1/namespaces/default/imagestreams/app'
      return JSON.parse((await kubectl('', 'get', '--raw', path)).stdout)
    },
  })
}

describe('kubectl', () => {
  it('applies on the client, tells what it applied last, and differs when it should', async (test) => {
    if (!requireProgram(test, 'kubectl', 'kubernetes-client')) return
    await withDesk(async ({ kubectl, stream }) => {
      const first = await kubectl(manifest('a'), 'apply', '-f', '-')
      assert.equal(first.stdout, 'imagestream.image.openshift.io/app created\n', first.stderr)
      const { metadata, spec } = await stream()
      assert.equal((await kubectl(manifest('a'), 'apply', '-f', '-')).status, 0)
      assert.deepEqual((await stream()).spec, spec)
      assert.equal((await stream()).metadata.generation, metadata.generation)
      const last = await kubectl('', 'apply', 'view-last-applied', 'is/app', '-o', 'json')
      assert.equal(JSON.parse(last.stdout).metadata.labels.tier, 'a')
      assert.equal((await kubectl(manifest('a'), 'diff', '-f', '-')).status, 0)
      const differs = await kubectl(manifest('b'), 'diff', '-f', '-')
      assert.equal(differs.status, 1, differs.stderr)
      assert.match(differs.stdout, /^-\s+tier: a$/m)
      assert.match(differs.stdout, /^\+\s+tier: b$/m)
      assert.equal((await stream()).metadata.labels?.tier, 'a', 'to look changes nothing')
      await kubectl(manifest('b'), 'apply', '-f', '-')
      assert.equal((await stream()).metadata.labels?.tier, 'b')
    })
  })

  it('applies on the server, is told of conflicts and takes by force', async (test) => {
    if (!requireProgram(test, 'kubectl', 'kubernetes-client')) return
    await withDesk(async ({ kubectl, stream }) => {
      const apply = (label: string, manager: string, ...more: string[]) =>
        kubectl(manifest(label), 'apply', '--server-side', `--field-manager=${manager}`, ...more, '-f', '-')
      const first = await apply('a', 'one')
      assert.equal(first.stdout, 'imagestream.image.openshift.io/app serverside-applied\n', first.stderr)
      const refused = await apply('b', 'two')
      assert.equal(refused.status, 1)
      assert.match(refused.stderr, /conflict with "one".*: \.metadata\.labels\.tier/)
      assert.equal((await stream()).metadata.labels?.tier, 'a')
      const forced = await apply('b', 'two', '--force-conflicts')
      assert.equal(forced.status, 0, forced.stderr)
      const { labels, managedFields = [] } = (await stream()).metadata
      assert.equal(labels?.tier, 'b')
      assert.deepEqual(managedFields.map(({ manager, operation }) => `${manager} ${operation}`).sort(), [
        'one Apply',
        'two Apply',
      ])
      const same = await kubectl(manifest('b'), 'diff', '--server-side', '--field-manager=two', '-f', '-')
      assert.equal(same.status, 0, same.stdout + same.stderr)
    })
  })

  it('moves from the client to the server without a conflict with itself', async (test) => {
    if (!requireProgram(test, 'kubectl', 'kubernetes-client')) return
    await withDesk(async ({ kubectl, stream }) => {
      await kubectl(manifest('a'), 'apply', '-f', '-')
      const moved = await kubectl(
        manifest('b', 'registry.example.com/app:v2'),
        'apply',
        '--server-side',
        '-f',
        '-',
      )
      assert.equal(moved.status, 0, moved.stderr)
      const { metadata, spec } = await stream()
      assert.deepEqual(
        [metadata.labels?.tier, spec.tags?.[0]?.from?.name],
        ['b', 'registry.example.com/app:v2'],
      )
    })
  })
})
