import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Exchange, runAgainst } from '../test-cli.ts'

const digest = `sha256:${'a'.repeat(64)}`
const run = (line: string, exchanges: readonly Exchange[]) =>
  runAgainst(line.split(' '), [...exchanges], { program: 'weir' })
const other = `sha256:${'b'.repeat(64)}`
const none = { blobs: 0, bytes: 0 }

function collected(status: object) {
  return [{ on: 'POST /apis/weir.dev/v1/blobcollections', status: 201, answer: { status } }]
}

describe('adm gc', () => {
  it('prints what was done, a line each, and the sum', async () => {
    const status = {
      kept: 3,
      waiting: 1,
      records: 2,
      discarded: { blobs: 1, bytes: 2048 },
      restored: none,
      deleted: { blobs: 2, bytes: 3 << 20 },
      trash: { blobs: 1, bytes: 2048 },
      actions: [
        { action: 'discard', digest, size: 2048 },
        { action: 'delete', digest: other, size: 512 },
      ],
    }
    const { stdout, stderr, code, bodies } = await run('adm gc --empty-trash', collected(status))
    assert.equal(
      stdout,
      `Moving into the trash ${digest} (2KiB)
Deleting ${other} (512B)
Summary: moved 1 blob (2KiB) into the trash, deleted 2 blobs (3MiB) for good, dropped 2 records of manifests that are gone, kept 3 blobs, 1 blob in recent use, 1 blob (2KiB) in the trash
`,
    )
    assert.deepEqual([stderr, code], ['', 0])
    assert.deepEqual((bodies[0] as { spec: object }).spec, { dryRun: false, emptyTrash: true })
  })

  it('says when it only looks', async () => {
    const status = {
      kept: 0,
      waiting: 0,
      records: 0,
      discarded: none,
      restored: none,
      deleted: none,
      trash: none,
    }
    const { stdout, stderr } = await run('adm gc --dry-run', collected(status))
    assert.equal(stdout, 'Summary: kept 0 blobs\n')
    assert.equal(stderr, 'Dry run enabled - no modifications will be made.\n')
  })

  it('explains a blob that is kept', async () => {
    const status = {
      state: 'stored',
      size: 1536,
      verdict: 'keep',
      images: 1,
      holders: [
        {
          image: other,
          role: 'layer',
          tags: [{ stream: 'demo/app', tag: 'v1', revision: 2, since: '2026-01-01T00:00:00Z' }],
        },
      ],
      repositories: ['demo/app'],
    }
    const answers = [{ on: 'POST /apis/weir.dev/v1/blobreviews', status: 201, answer: { status } }]
    const { stdout } = await run(`adm gc --why ${digest}`, answers)
    assert.equal(
      stdout,
      `${digest} (1.5KiB)
Kept: 1 image holds it
  layer of image ${other}
    demo/app:v1 (revision 2, since 2026-01-01T00:00:00Z)
Repositories that have it: demo/app
`,
    )
  })

  it('refuses --why together with what changes something', async () => {
    const { code, stderr } = await run(`adm gc --why ${digest} --dry-run`, [])
    assert.equal(code, 1)
    assert.match(stderr, /--why cannot be specified with --dry-run nor --empty-trash/)
  })

  it('is unknown to oc', async () => {
    const { code } = await runAgainst(['adm', 'gc'], [], { program: 'oc' })
    assert.equal(code, 1)
  })
})

describe('undelete', () => {
  it('names what came back, and the tag', async () => {
    const status = { restored: [{ digest, size: 100 }], manifest: true, held: true }
    const answers = [{ on: 'POST /apis/weir.dev/v1/blobrestorations', status: 201, answer: { status } }]
    const { stdout, bodies } = await run(`undelete ${digest} --to demo/app:v1`, answers)
    assert.equal(stdout, `${digest} restored (100B)\nTag demo/app:v1 set to ${digest}.\n`)
    assert.deepEqual((bodies[0] as { spec: object }).spec, { digest, to: 'demo/app:v1' })
  })

  it('warns of what nothing refers to', async () => {
    const status = { restored: [], manifest: true, held: false, until: '2026-01-01T00:00:00Z' }
    const answers = [{ on: 'POST /apis/weir.dev/v1/blobrestorations', status: 201, answer: { status } }]
    const { stdout, stderr } = await run(`undelete ${digest}`, answers)
    assert.equal(stdout, `${digest} is not in the trash, but stored\n`)
    assert.match(stderr, /^Nothing refers to it: it stays until 2026-01-01T00:00:00Z at least; --to/)
  })
})

describe('adm top projects', () => {
  it('lists projects by size, and sums up', async () => {
    const status = {
      projects: [
        { project: 'a', streams: 1, images: 1, bytes: 1024, shared: 1024 },
        { project: 'b', streams: 2, images: 3, bytes: 4096, shared: 1024 },
      ],
      stored: 5120,
      unlisted: 0,
      trash: 100,
    }
    const answers = [{ on: 'POST /apis/weir.dev/v1/storagereports', status: 201, answer: { status } }]
    const { stdout } = await run('adm top projects', answers)
    assert.equal(
      stdout,
      `NAME STORAGE UNIQUE SHARED IMAGES STREAMS 
b    4KiB    3KiB   1KiB   3      2       
a    1KiB    0B     1KiB   1      1       

Stored: 5KiB, of which no stream has 0B; in the trash: 100B
`,
    )
  })
})
