import assert from 'node:assert/strict'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { openFileBlobs } from '../../src/blobs/index.ts'
import { fsckCommand } from '../../src/server/fsck-command.ts'
import { hardPruneCommand } from '../../src/server/hard-prune-command.ts'
import { openSqliteStore } from '../../src/store/index.ts'
import { randomImage, type TestImage } from '../lab/random-image.ts'
import { openSite, type Site } from './open-site.ts'

interface Run {
  code: number
  stdout: string
  stderr: string
}

type Runnable = typeof fsckCommand | typeof hardPruneCommand

async function run(command: Runnable, { dataDir }: Site, flags: Record<string, string | true>): Promise<Run> {
  const given: Record<string, string | true> = { 'data-dir': dataDir, ...flags }
  const outcome: Run = { code: 0, stdout: '', stderr: '' }
  const append = (to: 'stdout' | 'stderr') => (text: string) => {
    outcome[to] += text
  }
  outcome.code = await command.run({
    io: {
      env: {},
      stdout: { write: append('stdout') },
      stderr: { write: append('stderr') },
      signal: new AbortController().signal,
    },
    flags: {
      string: (name) => String(given[name] ?? ''),
      bool: (name) => given[name] === true,
      int: (name) => Number(given[name] ?? 0),
      changed: (name) => given[name] !== undefined,
    },
  })
  return outcome
}

const fileOf = ({ dataDir }: Site, digest: string): string => {
  const hex = digest.slice('sha256:'.length)
  return join(dataDir, 'blobs', 'blobs', 'sha256', hex.slice(0, 2), hex, 'data')
}

const deleteImage = (site: Site, { digest }: TestImage) =>
  site.api('DELETE', `/apis/image.openshift.io/v1/images/${digest}`)
const deleteTag = (site: Site, name: string) =>
  site.api('DELETE', `/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags/${name}`)

const bytesOf = (image: TestImage): number =>
  [image, image.config, ...image.layers].reduce((sum, { bytes }) => sum + bytes.length, 0)

/** A stopped site with an image under a tag, and another that nothing refers to any more. */
async function openStopped(): Promise<Site & { kept: TestImage; gone: TestImage }> {
  const site = await openSite()
  await site.start()
  await site.project('demo')
  const kept = randomImage('kept')
  const gone = randomImage('gone', { layerSize: 1200 })
  await site.push('demo/app', 'v1', kept)
  await site.push('demo/app', 'v2', gone)
  await deleteTag(site, 'app:v2')
  await deleteImage(site, gone)
  await site.stop()
  return Object.assign(site, { kept, gone })
}

describe('hard prune', () => {
  it('says what would go, deletes it, and then finds nothing', async () => {
    await using site = await openStopped()
    const size = bytesOf(site.gone)
    const would = await run(hardPruneCommand, site, { prune: 'check', v: '1' })
    assert.deepEqual(
      [would.code, would.stdout],
      [
        0,
        `Would delete 4 blobs\nWould free up ${(size / 1024).toPrecision(4).replace(/0+$/, '')}KiB of disk space\nUse -prune=delete to actually delete the data\n`,
      ],
    )
    assert.match(would.stderr, new RegExp(`^Would delete manifest link: demo/app@${site.gone.digest}$`, 'm'))
    assert.match(would.stderr, new RegExp(`^Would delete blob: ${site.gone.layers[0]?.digest}$`, 'm'))
    const done = await run(hardPruneCommand, site, { prune: 'delete' })
    assert.match(done.stdout, /^Deleted 4 blobs\nFreed up .*KiB of disk space\n$/)
    assert.equal(done.stderr, '')
    const again = await run(hardPruneCommand, site, { prune: 'delete' })
    assert.equal(again.stdout, 'Deleted 0 blobs\nFreed up 0B of disk space\n')
    assert.deepEqual(await run(fsckCommand, site, { deep: true }), {
      code: 0,
      stdout: 'No differences\n',
      stderr: '',
    })
    await site.start()
    for (const { digest, bytes } of [site.kept.config, ...site.kept.layers]) {
      assert.deepEqual((await site.registry('GET', `/v2/demo/app/blobs/${digest}`)).bytes, bytes)
    }
    assert.equal((await site.registry('GET', '/v2/demo/app/manifests/v1')).status, 200)
  })

  it('deletes repositories whose stream is gone, and keeps the content of images', async () => {
    await using site = await openSite()
    await site.start()
    await site.project('demo')
    const image = randomImage('one')
    await site.push('demo/app', 'v1', image)
    await site.api('DELETE', '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app')
    await site.stop()
    const done = await run(hardPruneCommand, site, { prune: 'delete', v: '1' })
    assert.equal(done.stderr, 'Deleting repository: demo/app\n')
    assert.equal(done.stdout, 'Deleted 0 blobs\nFreed up 0B of disk space\n')
    await using store = await openSqliteStore({ file: join(site.dataDir, 'weir.db') })
    assert.deepEqual((await store.list('registry/')).entries, [])
  })

  it('refuses while the server runs, and without a mode', async () => {
    await using site = await openSite()
    await site.start()
    const busy = await run(hardPruneCommand, site, { prune: 'check' })
    assert.deepEqual([busy.code, busy.stdout], [1, ''])
    assert.match(busy.stderr, /^error: weir is running on .*: stop it first.*\n$/)
    const odd = await run(hardPruneCommand, site, { prune: 'all' })
    assert.deepEqual(odd, { code: 1, stdout: '', stderr: 'error: --prune must be check or delete\n' })
  })
})

describe('fsck', () => {
  it('finds nothing in what a server left in order', async () => {
    await using site = await openSite()
    await site.start()
    await site.project('demo')
    await site.push('demo/app', 'v1', randomImage('one'))
    await site.stop()
    assert.equal((await run(fsckCommand, site, { deep: true })).stdout, 'No differences\n')
  })

  it('lists every kind of difference, changes nothing, and repairs what it can when asked', async () => {
    await using site = await openStopped()
    const { kept, gone, dataDir } = site
    const stray = randomImage('stray')
    await site.start()
    await site.push('demo/app', 'v3', stray)
    await deleteImage(site, stray)
    await site.stop()
    // A layer with other bytes of the same length, one that is gone, one in the trash.
    const [damaged, missing] = kept.layers
    await writeFile(fileOf(site, damaged?.digest as string), Buffer.alloc(damaged?.bytes.length ?? 0))
    await rm(fileOf(site, missing?.digest as string))
    {
      await using blobs = await openFileBlobs({ dir: join(dataDir, 'blobs') })
      await blobs.trash.discard(kept.config.digest)
      await using store = await openSqliteStore({ file: join(dataDir, 'weir.db') })
      const ghost = `sha256:${'0'.repeat(64)}`
      const put = (key: string, value: object) => ({
        key,
        value: Buffer.from(JSON.stringify(value)),
        expect: 'any' as const,
      })
      await store.commit([
        put(`registry/links/nowhere/app/${ghost}`, { size: 3 }),
        put(`registry/holders/${ghost}/nowhere/app`, {}),
        put(`registry/manifests/demo/app/${ghost}`, { mediaType: 'x/y', size: 3 }),
        put(`registry/referrers/demo/app/${ghost}/${ghost.replace('0', '1')}`, {}),
        put(`registry/pruned/${ghost}`, { at: 0, links: {} }),
      ])
      await writeFile(join(dataDir, 'blobs', 'tmp', 'left'), 'x')
    }
    const found = await run(fsckCommand, site, { deep: true })
    assert.equal(found.code, 4)
    const expected = [
      /^leftover: .*tmp\/left was left by a crash$/m,
      new RegExp(`^damaged-blob: blob ${damaged?.digest} holds other bytes`, 'm'),
      new RegExp(`^missing-blob: image ${kept.digest} lacks ${missing?.digest}; push it again$`, 'm'),
      new RegExp(
        `^discarded-blob: image ${kept.digest} needs ${kept.config.digest}, which lies in the trash$`,
        'm',
      ),
      new RegExp(
        `^missing-image: image stream demo/app, tag v3, revision 1: there is no Image ${stray.digest}$`,
        'm',
      ),
      /^unknown-project: nowhere\/app links blob sha256:0+, and there is no project nowhere$/m,
      new RegExp(`^dangling-record: demo/app links blob ${missing?.digest}, which is not stored$`, 'm'),
      /^dangling-record: demo\/app has manifest sha256:0+, which is not stored$/m,
      /^dangling-record: demo\/app lists sha256:10+ among the referrers of/m,
      /^dangling-record: blob sha256:0+ is remembered as pruned/m,
      new RegExp(
        `^unreferenced-blob: blob ${gone.layers[0]?.digest} is needed by nothing; the trash takes it$`,
        'm',
      ),
    ]
    for (const line of expected) assert.match(found.stdout, line)
    assert.deepEqual(await run(fsckCommand, site, { deep: true }), found, 'looking changes nothing')

    const repaired = await run(fsckCommand, site, { deep: true, repair: true })
    assert.equal(repaired.code, 4)
    assert.match(repaired.stdout, new RegExp(`tag v3.*${stray.digest} \\(repaired\\)`))
    assert.match(repaired.stdout, /lacks .*; push it again \(cannot be repaired\)$/m)
    const rest = await run(fsckCommand, site, { deep: true })
    const lines = rest.stdout.trim().split('\n')
    assert.equal(lines.length, 3, rest.stdout)
    assert(lines.slice(0, 2).every((line) => line.startsWith(`missing-blob: image ${kept.digest} lacks`)))

    await site.start()
    await site.push('demo/app', 'v1', kept)
    assert.deepEqual((await site.registry('GET', '/v2/demo/app/manifests/v3')).bytes, stray.bytes)
    await site.stop()
    assert.equal((await run(fsckCommand, site, { deep: true })).stdout, 'No differences\n')
  })

  it('says that the server runs, and where there is no data', async () => {
    await using site = await openSite()
    const nothing = await run(fsckCommand, site, {})
    assert.equal(nothing.code, 8)
    assert.match(nothing.stderr, /^error: there is no data in /)
    await site.start()
    const busy = await run(fsckCommand, site, {})
    assert.equal(busy.code, 8)
    assert.match(busy.stderr, /weir is running/)
  })
})
