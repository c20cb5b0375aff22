import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { pino } from 'pino'
import { imageStreams, images } from '../../src/api/index.ts'
import { openFileBlobs } from '../../src/blobs/index.ts'
import { createHttpClient, type HttpClient } from '../../src/client/index.ts'
import type { Digest } from '../../src/oci/index.ts'
import { loadConfig } from '../../src/server/config.ts'
import { type RunningServer, runServer } from '../../src/server/run-server.ts'
import { digestOf, randomImage, type TestImage } from '../lab/random-image.ts'

/** Backups of a server that works, made by the program itself in a process of its own. */

const weir = new URL('../../bin/weir', import.meta.url).pathname
const log = pino({ level: 'silent' })

async function inFolder(run: (folder: string) => Promise<void>): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-backup-'))
  try {
    await run(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

interface Outcome {
  code: number | null
  stdout: string
  stderr: string
}

function command(folder: string, ...args: string[]): Promise<Outcome> {
  const child = spawn(weir, args, { env: { HOME: folder, PATH: process.env.PATH }, cwd: folder })
  const out = { stdout: '', stderr: '' }
  for (const name of ['stdout', 'stderr'] as const)
    child[name].setEncoding('utf8').on('data', (text) => {
      out[name] += text
    })
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, ...out })))
}

interface Site extends AsyncDisposable {
  server: RunningServer
  client: HttpClient
  push(tag: string, image: TestImage): Promise<void>
  pull(reference: string): Promise<Response>
}

const token = 'backup-test-token'

async function openSite(dataDir: string): Promise<Site> {
  const tokens = `${dataDir}.tokens`
  await writeFile(tokens, `${token},root,,system:cluster-admins\n`)
  const flags = { dataDir, listen: '127.0.0.1:0', registryListen: '127.0.0.1:0', tokenAuthFile: tokens }
  const server = await runServer(await loadConfig(flags, {}), { clock: () => new Date(), log })
  const client = createHttpClient({ server: server.apiUrl, insecure: true, token, userAgent: 'test' })
  const headers = { Authorization: `Bearer ${token}` }
  const url = (path: string) => `${server.registryUrl}/v2/demo/${path}`
  const site: Site = {
    server,
    client,
    async push(tag, image) {
      const [name] = tag.split(':')
      for (const { digest, bytes } of [image.config, ...image.layers]) {
        const path = url(`${name}/blobs/uploads/?digest=${digest}`)
        const put = await fetch(path, { method: 'POST', headers, body: new Uint8Array(bytes) })
        assert.equal(put.status, 201)
      }
      const put = await fetch(url(tag.replace(':', '/manifests/')), {
        method: 'PUT',
        headers: { ...headers, 'Content-Type': image.mediaType },
        body: new Uint8Array(image.bytes),
      })
      assert.equal(put.status, 201, await put.text())
    },
    pull: (reference) => fetch(url(reference), { headers }),
    async [Symbol.asyncDispose]() {
      client[Symbol.dispose]()
      await server[Symbol.asyncDispose]()
    },
  }
  return site
}

async function createProject({ client }: Site): Promise<void> {
  const path = '/apis/project.openshift.io/v1/projectrequests'
  await client.rest.request({ method: 'POST', path, body: { metadata: { name: 'demo' } } })
}

/** Every tag's manifest, config and layers are there and are what their digests say. */
async function checkStreams(site: Site): Promise<number> {
  let count = 0
  for (const stream of (await site.client.list(imageStreams, 'demo')).items) {
    const name = stream.metadata.name as string
    for (const { items } of stream.status.tags ?? []) {
      for (const { image } of items ?? []) {
        await checkBytes(site, `${name}/manifests/${image}`, image)
        const { dockerImageLayers = [] } = await site.client.get(images, '', image)
        for (const layer of dockerImageLayers)
          await checkBytes(site, `${name}/blobs/${layer.name}`, layer.name)
        count++
      }
    }
  }
  return count
}

async function checkBytes(site: Site, path: string, digest: string): Promise<void> {
  const pulled = await site.pull(path)
  assert.equal(pulled.status, 200, path)
  assert.equal(digestOf(new Uint8Array(await pulled.arrayBuffer())), digest)
}

const modeOf = async (path: string) => ((await stat(path)).mode & 0o777).toString(8)

describe('backup and restore', { concurrency: 1 }, () => {
  it('of a server that is being pushed to is whole, and the next one copies what is new', () =>
    inFolder(async (folder) => {
      const [data, backup, restored] = ['data', 'backup', 'restored'].map((name) => join(folder, name)) as [
        string,
        string,
        string,
      ]
      let revision = ''
      {
        await using site = await openSite(data)
        await createProject(site)
        for (let n = 0; n < 5; n++) await site.push(`app:v${n}`, randomImage(`first ${n}`))
        let isOver = false
        const pushing = (async () => {
          for (let n = 0; !isOver; n++) await site.push(`busy:v${n % 7}`, randomImage(`busy ${n}`))
        })()
        const first = await command(folder, 'backup', backup, '--data-dir', data)
        isOver = true
        await pushing
        assert.deepEqual([first.code, first.stderr], [0, ''])
        assert.match(
          first.stdout,
          /^Snapshot {2}\d{8}T\d{6}Z, revision \d+\nBlobs {5}(\d+) copied \(.*\), \1 in all/,
        )

        const quiet = await command(folder, 'backup', backup, '--data-dir', data)
        const again = await command(folder, 'backup', backup, '--data-dir', data)
        assert.match(quiet.stdout, /\nBlobs/)
        assert.match(again.stdout, /\nBlobs {5}0 copied \(0B\), \d+ in all/)
        // What clients see after the snapshot.
        await site.push('app:later', randomImage('later'))
        revision = (await site.client.list(imageStreams, '')).metadata.resourceVersion ?? ''
      }
      const list = await command(folder, 'restore', backup, '--list')
      const names = list.stdout.split('\n').flatMap((line) => /^\S+/.exec(line)?.[0] ?? [])
      assert.equal(names.length, 3)
      for (const [place, snapshot] of [
        [join(folder, 'oldest'), names[0] as string],
        [restored, names[2] as string],
      ] as const) {
        const run = await command(folder, 'restore', backup, '--data-dir', place, '--snapshot', snapshot)
        assert.deepEqual([run.code, run.stderr], [0, ''])
        await using site = await openSite(place)
        assert((await checkStreams(site)) >= 5)
        const { status } = await site.client.get(imageStreams, 'demo', 'app')
        assert.equal(
          status.tags?.some(({ tag }) => tag === 'later'),
          false,
        )
      }
      await using site = await openSite(restored)
      const seen: unknown[] = []
      for await (const { type, object } of site.client.watch(imageStreams, '', { resourceVersion: revision }))
        seen.push([type, (object as { code?: number }).code])
      assert.deepEqual(seen, [['ERROR', 410]])
      // The server writes on.
      await site.push('app:v9', randomImage('after'))
      assert.deepEqual(
        await Promise.all(
          [join(restored, 'weir.db'), join(restored, 'pki/ca.key'), join(restored, 'admin-password')].map(
            modeOf,
          ),
        ),
        ['600', '600', '600'],
      )
      assert.deepEqual(
        [
          await modeOf(join(backup, 'blobs')),
          await modeOf(join(backup, 'snapshots')),
          await modeOf(join(backup, 'snapshots', names[0] as string, 'weir.db')),
        ],
        ['700', '700', '600'],
      )
    }))

  it('keeps the trust and the tokens, unless keys are left out', () =>
    inFolder(async (folder) => {
      const data = join(folder, 'data')
      await (await openSite(data))[Symbol.asyncDispose]()
      const read = (dir: string) => readFile(join(dir, 'pki/ca.crt'), 'utf8').catch(() => '')
      for (const [args, same] of [
        [[], true],
        [['--without-keys'], false],
      ] as const) {
        const [backup, place] = [join(folder, `backup${same}`), join(folder, `place${same}`)]
        assert.equal((await command(folder, 'backup', backup, '--data-dir', data, ...args)).code, 0)
        assert.equal((await command(folder, 'restore', backup, '--data-dir', place)).code, 0)
        assert.equal((await read(place)) === (await read(data)), same)
        assert.equal((await readdir(place)).includes('admin-password'), same)
      }
    }))

  it('forgets old snapshots and the blobs that only they had', () =>
    inFolder(async (folder) => {
      const [data, backup] = [join(folder, 'data'), join(folder, 'backup')]
      await using site = await openSite(data)
      await createProject(site)
      const gone = randomImage('gone')
      await site.push('app:v1', gone)
      await command(folder, 'backup', backup, '--data-dir', data)
      await site.push('app:v2', randomImage('stays'))
      for (const { digest } of [gone, gone.config, ...gone.layers]) {
        const headers = { Authorization: `Bearer ${token}` }
        const deleted = await fetch(`${site.server.registryUrl}/admin/blobs/${digest}`, {
          method: 'DELETE',
          headers,
        })
        assert.equal(deleted.status, 204)
      }
      const second = await command(folder, 'backup', backup, '--data-dir', data, '--keep', '1')
      assert.equal(second.code, 0)
      assert.match(second.stdout, /\nForgotten \d{8}T\d{6}Z\n$/)
      const hex = gone.layers[0]?.digest.slice('sha256:'.length) ?? ''
      await assert.rejects(stat(join(backup, 'blobs/sha256', hex.slice(0, 2), hex)))
    }))

  it('has what a collection moved into the trash and a repository still counts on', () =>
    inFolder(async (folder) => {
      const [data, backup, place] = [join(folder, 'data'), join(folder, 'backup'), join(folder, 'place')]
      const image = randomImage('trashed')
      const layer = image.layers[0] as { digest: Digest }
      {
        await using site = await openSite(data)
        await createProject(site)
        await site.push('app:v1', image)
      }
      {
        await using blobs = await openFileBlobs({ dir: join(data, 'blobs') })
        assert.notEqual(await blobs.trash.discard(layer.digest), undefined)
      }
      const first = await command(folder, 'backup', backup, '--data-dir', data)
      assert.deepEqual([first.code, first.stderr], [0, ''])
      assert.equal((await command(folder, 'restore', backup, '--data-dir', place)).code, 0)
      await using blobs = await openFileBlobs({ dir: join(place, 'blobs') })
      assert.notEqual(await blobs.stat(layer.digest), undefined)
    }))

  it('clears away what a killed one left, which was never a snapshot', () =>
    inFolder(async (folder) => {
      const [data, backup] = [join(folder, 'data'), join(folder, 'backup')]
      await using site = await openSite(data)
      await createProject(site)
      for (let n = 0; n < 10; n++)
        await site.push(`app:v${n}`, randomImage(`one ${n}`, { layerSize: 300_000 }))
      const killed = spawn(weir, ['backup', backup, '--data-dir', data], {
        env: { HOME: folder, PATH: process.env.PATH },
        stdio: 'ignore',
      })
      const isCopying = async () => (await readdir(join(backup, 'snapshots')).catch(() => [])).length > 0
      while (killed.exitCode === null && !(await isCopying())) await new Promise(setImmediate)
      killed.kill('SIGKILL')
      await new Promise((resolve) => (killed.exitCode === null ? killed.once('close', resolve) : resolve(0)))
      await writeFile(join(backup, 'tmp', 'left over'), 'x')
      assert.equal((await command(folder, 'restore', backup, '--list')).stdout, '')
      assert.equal((await command(folder, 'backup', backup, '--data-dir', data)).code, 0)
      assert.deepEqual(await readdir(join(backup, 'tmp')), [])
      assert.deepEqual(
        (await readdir(join(backup, 'snapshots'))).filter((name) => name.startsWith('partial-')),
        [],
      )
      const restored = await command(folder, 'restore', backup, '--data-dir', join(folder, 'restored'))
      assert.equal(restored.code, 0, restored.stderr)
    }))

  it('refuses what it must not touch, and says what to do', () =>
    inFolder(async (folder) => {
      const [data, backup] = [join(folder, 'data'), join(folder, 'backup')]
      const none = await command(folder, 'backup', backup, '--data-dir', join(folder, 'nowhere'))
      assert.equal(
        none.stderr,
        `error: there is no weir.db in ${join(folder, 'nowhere')}; give the data directory with --data-dir\n`,
      )
      await using site = await openSite(data)
      await createProject(site)
      await site.push('app:v1', randomImage('one'))
      await command(folder, 'backup', backup, '--data-dir', data)
      const full = await command(folder, 'restore', backup, '--data-dir', data)
      assert.equal(
        full.stderr,
        `error: ${data} is not empty; give another with --data-dir, or --force to replace it\n`,
      )
      const running = await command(folder, 'restore', backup, '--data-dir', data, '--force')
      assert.equal(running.stderr, `error: a weir is running on ${join(data, 'weir.db')}; stop it first\n`)
      assert.equal(await checkStreams(site), 1)
      const empty = await command(folder, 'restore', join(folder, 'other'), '--data-dir', join(folder, 'new'))
      assert.equal(empty.stderr, `error: there is no whole snapshot in ${join(folder, 'other')}\n`)
    }))

  it('finds a damaged blob, in the data as in the backup', () =>
    inFolder(async (folder) => {
      const [data, backup] = [join(folder, 'data'), join(folder, 'backup')]
      const [one, two] = [randomImage('one'), randomImage('two')]
      {
        await using site = await openSite(data)
        await createProject(site)
        await site.push('app:v1', one)
        await site.push('app:v2', two)
      }
      const spoil = async (root: string, image: TestImage) => {
        const hex = image.layers[0]?.digest.slice('sha256:'.length) ?? ''
        const file = join(root, 'blobs/sha256', hex.slice(0, 2), hex, 'data')
        await chmod(file, 0o600)
        await writeFile(file, 'x'.repeat(500))
      }
      await spoil(join(data, 'blobs'), one)
      const first = await command(folder, 'backup', backup, '--data-dir', data)
      assert.equal(first.code, 0)
      assert.match(
        first.stderr,
        new RegExp(`not what their digest says, and were left out: ${one.layers[0]?.digest}\\n$`),
      )
      await spoil(backup, two)
      const place = join(folder, 'place')
      const restored = await command(folder, 'restore', backup, '--data-dir', place)
      assert.equal(restored.code, 1)
      assert.match(
        restored.stderr,
        new RegExp(`^error: the backup is damaged: 1 blobs .*${two.layers[0]?.digest}`),
      )
      assert.equal((await readdir(place)).includes('weir.db'), false)
    }))
})
