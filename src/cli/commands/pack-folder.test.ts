import assert from 'node:assert/strict'
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { packFolder } from './pack-folder.ts'

describe('a packed folder', () => {
  let dir = ''
  before(async () => {
    dir = await mkdtemp(join(tmpdir(), 'weir-pack-'))
    await writeFile(join(dir, 'hello'), 'hello')
  })
  after(() => rm(dir, { recursive: true }))

  it('is whole, however late it is read', async () => {
    const packed = packFolder(dir)
    await pause(300)
    const pieces = await packed.toArray()
    const { stdout } = spawnSync('tar', ['--list', '--gzip'], { input: Buffer.concat(pieces) })
    assert.match(stdout.toString(), /^\.\/hello$/m)
  })

  it('that can not be read is an error', async () => {
    await assert.rejects(packFolder(join(dir, 'none')).toArray(), /cannot pack the folder: .*none/)
  })
})
