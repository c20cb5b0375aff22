import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Lab, openLab } from '../lab/open-lab.ts'
import { randomImage } from '../lab/random-image.ts'
import { type ImageServer, importFrom, openImageServer } from './image-server.ts'

/** What is here already is served whatever the upstream does, with its age; and what requests to it are counted as. */

const image = randomImage('pulled from an upstream that falls ill')
const missing = `/v2/demo/app/blobs/sha256:${'0'.repeat(64)}`
const paths = ['manifests/v1', `manifests/${image.digest}`].concat(
  [image.config, ...image.layers].map(({ digest }) => `blobs/${digest}`),
)

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return
    await sleep(20)
  }
  assert.fail('it never came true')
}

/** Everything of the image once, until copies of all of it are here. */
async function pullAll(lab: Lab): Promise<void> {
  for (const path of paths) {
    assert.equal((await lab.pull('GET', `/v2/demo/app/${path}`)).status, 200, path)
  }
  for (const path of paths) {
    await eventually(async () => (await lab.pull('HEAD', `/v2/demo/app/${path}`)).headers.age !== undefined)
  }
}

async function openScene(config = ''): Promise<{ lab: Lab; server: ImageServer } & AsyncDisposable> {
  await using stack = new AsyncDisposableStack()
  const server = stack.use(await openImageServer(image))
  const lab = stack.use(await openLab({ config }))
  await lab.project('demo')
  await importFrom(lab, server)
  const parts = stack.move()
  return { lab, server, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

describe('what was pulled is served on, with its age', () => {
  const illnesses: Record<string, (server: ImageServer) => unknown> = {
    'when the upstream is down': (server) => server.die(),
    'when it is slow': (server) => {
      server.mood = 'silent'
    },
    'when it answers 429': (server) => {
      server.mood = 'busy'
    },
  }
  for (const [when, strike] of Object.entries(illnesses)) {
    it(when, async () => {
      await using scene = await openScene()
      const { lab, server } = scene
      await pullAll(lab)
      await strike(server)
      server.requests.length = 0
      lab.clock.advance(90_000)
      for (const method of ['GET', 'HEAD']) {
        for (const path of paths) {
          const { status, headers } = await lab.pull(method, `/v2/demo/app/${path}`)
          assert.deepEqual([status, headers.age], [200, '90'], `${method} ${path}`)
        }
      }
      assert.deepEqual(server.requests, [], 'nobody had to be asked')
    })
  }

  it('what is not here is refused at once with 429, when the upstream says so', async () => {
    await using scene = await openScene()
    const { lab, server } = scene
    server.mood = 'busy'
    const [layer] = image.layers
    const seen = await lab.pull('GET', `/v2/demo/app/blobs/${layer?.digest}`)
    assert.equal(seen.status, 429)
    assert.match(seen.text, /"code":"TOOMANYREQUESTS","message":"unable to pullthrough blob"/)
  })
})

describe('metrics of pull-through (B-92)', () => {
  it('count requests to other registries by host and operation, their failures by code, and known places', async () => {
    await using scene = await openScene('registry: {metrics: true, metricsSecret: secret}\n')
    const { lab, server } = scene
    const [layer, other] = image.layers.map(({ digest }) => `/v2/demo/app/blobs/${digest}`)
    await lab.pull('GET', `/v2/demo/app/manifests/${image.digest}`)
    await lab.pull('HEAD', layer as string)
    await eventually(async () => (await lab.pull('HEAD', layer as string)).headers.age !== undefined)
    await lab.pull('GET', missing)
    server.mood = 'busy'
    assert.equal((await lab.pull('GET', other as string)).status, 429)

    const { text } = await lab.pull('GET', '/extensions/v2/metrics', {
      as: '',
      headers: { authorization: 'Bearer secret' },
    })
    const value = (name: string, labels: string): number => {
      const line = text
        .split('\n')
        .find((each) => each.startsWith(`imageregistry_pullthrough_${name}{${labels}} `))
      return Number(line?.split(' ').at(-1) ?? 0)
    }
    const of = (operation: string, more = '') => `registry="${server.host}",operation="${operation}"${more}`
    assert.equal(value('repository_duration_seconds_count', of('ManifestService.Get')), 1)
    assert.ok(value('repository_duration_seconds_count', of('BlobStore.Stat')) >= 1)
    assert.equal(value('repository_duration_seconds_count', of('BlobStore.Open')), 2)
    assert.equal(value('repository_errors_total', of('BlobStore.Open', ',code="BLOB_UNKNOWN"')), 1)
    assert.equal(value('repository_errors_total', of('BlobStore.Open', ',code="TOOMANYREQUESTS"')), 1)
    assert.ok(value('blobstore_cache_requests_total', 'type="Miss"') >= 3)
  })
})
