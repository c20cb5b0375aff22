import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { pushBlob, pushImage } from '../../src/upstream/testing/images.ts'
import { openSandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'
import { digestOf, randomImage, type TestImage, toBlob } from '../lab/random-image.ts'
import { type CountingProxy, openCountingProxy } from './counting-proxy.ts'
import { type Pulled, pull } from './pull-client.ts'

/** Content that is elsewhere, by way of the running server and a real registry whose requests are counted. */

const large = 200 << 20
const medium = 20 << 20
const clients = 20

interface Scene extends AsyncDisposable {
  weir: StartedWeir
  proxy: CountingProxy
  image: TestImage
  /** Bytes that the upstream has in the same repository. */
  blob: { digest: string; size: number }
  get(path: string, options?: Partial<Parameters<typeof pull>[1]>): Promise<Pulled>
  /** What the upstream was asked for since the last look. */
  asked(): string[]
}

/** An upstream with an image and a large blob, and a stream that has imported the image. */
async function openScene(size: number): Promise<Scene> {
  const stack = new AsyncDisposableStack()
  const registry = stack.use(await startRegistry())
  const proxy = stack.use(await openCountingProxy(registry.host))
  const target = { url: `http://${registry.host}`, repository: 'team/app' }
  const image = randomImage('pulled through')
  const content = toBlob(randomBytes(size), 'application/octet-stream')
  await pushImage(target, 'v1', { ...image, architecture: 'amd64', os: 'linux' })
  await pushBlob(target, content)
  const sandbox = stack.use(await openSandbox())
  const weir = stack.use(await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env }))
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  await sandbox.must(weirProgram, ['new-project', 'demo'], { env })
  const from = `--from=${proxy.host}/team/app:v1`
  await sandbox.must(weirProgram, ['import-image', 'app:v1', from, '--confirm', '--insecure', '-n', 'demo'], {
    env,
  })
  let seen = proxy.requests.length
  return {
    weir,
    proxy,
    image,
    blob: { digest: content.digest, size },
    get: (path, options) =>
      pull(`${weir.registryUrl}/v2/demo/app/${path}`, { token: weir.adminToken, ...options }),
    asked() {
      const asked = proxy.requests.slice(seen)
      seen = proxy.requests.length
      return asked
    },
    [Symbol.asyncDispose]: () => stack.disposeAsync(),
  }
}

const fileOf = (weir: StartedWeir, digest: string): string => {
  const hex = digest.slice('sha256:'.length)
  return join(weir.dataDir, 'blobs', 'blobs', 'sha256', hex.slice(0, 2), hex, 'data')
}

describe('pull-through, as clients see it', { skip: registryMissing ?? false, timeout: 240_000 }, () => {
  it('twenty clients who ask for one cold blob share one transfer; a second pull asks nobody', async () => {
    await using scene = await openScene(large)
    const { blob, weir } = scene
    const path = `blobs/${blob.digest}`
    const pulls = await Promise.all(
      Array.from({ length: clients }, (_, n) => scene.get(path, n === 0 ? { pause: 1 } : {})),
    )
    for (const { status, bytes, digest, isWhole } of pulls) {
      assert.deepEqual({ status, bytes, digest, isWhole }, { ...ok, bytes: blob.size, digest: blob.digest })
    }
    const upstreamPath = `/v2/team/app/blobs/${blob.digest}`
    assert.deepEqual(
      scene.asked().filter((line) => line.endsWith(upstreamPath)),
      [`GET ${upstreamPath}`],
    )
    const again = await scene.get(path)
    assert.deepEqual([again.digest, again.isWhole], [blob.digest, true])
    const part = await scene.get(path, { headers: { range: 'bytes=5-9' } })
    assert.deepEqual([part.status, part.bytes], [206, 5])
    assert.deepEqual(scene.asked(), [])
    assert.ok(existsSync(fileOf(weir, blob.digest)))
  })

  it('an upstream that dies half-way leaves no blob, and no client believes that it has one', async () => {
    await using scene = await openScene(medium)
    const { blob, weir, proxy } = scene
    proxy.dieAfter(`/v2/team/app/blobs/${blob.digest}`, blob.size / 2)
    const pulls = await Promise.all(Array.from({ length: clients }, () => scene.get(`blobs/${blob.digest}`)))
    for (const { status, bytes, isWhole, headers } of pulls) {
      if (status !== 200) continue
      assert.equal(headers['content-length'], String(blob.size))
      assert.equal(isWhole, false)
      assert.ok(bytes < blob.size)
    }
    assert.equal((await scene.get(`blobs/${blob.digest}`)).status, 404)
    assert.equal((await scene.get(`blobs/${blob.digest}`, { method: 'HEAD' })).status, 404)
    assert.equal(existsSync(fileOf(weir, blob.digest)), false)
    assert.equal((await pull(`${weir.registryUrl}/healthz`, { token: '' })).status, 200)
  })

  it('what was pulled is served when the upstream is gone, with its age', async () => {
    await using scene = await openScene(1000)
    const { image, proxy } = scene
    const paths = ['manifests/v1', ...[image.config, ...image.layers].map(({ digest }) => `blobs/${digest}`)]
    for (const path of paths) {
      const { status, headers } = await scene.get(path)
      assert.equal(status, 200)
      assert.equal(headers.age, undefined, 'fresh from the upstream')
    }
    proxy.die()
    for (const path of [...paths, `manifests/${image.digest}`]) {
      const { status, headers, digest } = await scene.get(path)
      assert.equal(status, 200, path)
      assert.equal(digest, headers['docker-content-digest'])
      await eventually(async () => /^\d+$/.test((await scene.get(path)).headers.age ?? ''), path)
    }
    assert.equal((await scene.get(`blobs/${digestOf(Buffer.from('never pulled'))}`)).status, 404)
  })
})

/** The copy is linked a moment after its first reader has it. */
async function eventually(isSo: () => Promise<boolean>, what: string): Promise<void> {
  for (let tries = 0; tries < 100; tries++) {
    if (await isSo()) return
    await sleep(50)
  }
  assert.fail(`${what}: it never came true`)
}

const ok = { status: 200, isWhole: true }
