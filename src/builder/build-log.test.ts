import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { describe, it, type TestContext } from 'node:test'
import { openBuildFiles, UploadTooLarge } from './build-files.ts'
import { openBuildLog } from './build-log.ts'

async function folder(t: TestContext): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-build-log-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  return dir
}

describe('openBuildLog()', () => {
  it('hides secrets, however their bytes arrive', async (t) => {
    const file = join(await folder(t), 'log')
    const log = await openBuildLog(file, {
      limit: 10_000,
      secrets: ['swordfish', 'two\nlines of it', 'a"b$c', 'abc'],
    })
    for (const piece of ['say sword', 'fish twice: swordfish', '\nlines of it\nENV X="a\\"b\\$c" abc\nend'])
      log.write(Buffer.from(piece))
    await log.close()
    assert.equal(await readFile(file, 'utf8'), 'say *** twice: ***\n***\nENV X="***" abc\nend')
  })

  it('is bounded, and says so', async (t) => {
    const file = join(await folder(t), 'log')
    const log = await openBuildLog(file, { limit: 100, secrets: [] })
    for (let n = 0; n < 50; n++) log.write(`line ${n}\n`)
    await log.close()
    const text = await readFile(file, 'utf8')
    assert.match(text, /line 5\n[\s\S]*the log is longer than 100 bytes, the rest is left out\n$/)
    assert(text.length < 250)
  })
})

describe('openBuildFiles()', () => {
  it('follows a log until it is closed', async (t) => {
    const files = await openBuildFiles({ dir: await folder(t), logLimit: 10_000, uploadLimit: 10 })
    const log = await files.openLog('u', [])
    const read = (async () => {
      let text = ''
      for await (const piece of files.readLog('u', { follow: true, signal: t.signal })) text += piece
      return text
    })()
    for (const line of ['one\n', 'two\n']) {
      log.write(line)
      await new Promise(setImmediate)
    }
    await log.close()
    assert.equal(await read, 'one\ntwo\n')
  })

  it('refuses what is too large, and keeps nothing of it', async (t) => {
    const dir = await folder(t)
    const files = await openBuildFiles({ dir, logLimit: 10_000, uploadLimit: 10 })
    await assert.rejects(files.receive(Readable.from([Buffer.alloc(6), Buffer.alloc(6)])), UploadTooLarge)
    await using upload = await files.receive(Readable.from([Buffer.from('ten bytes!')]))
    await upload.claim('u')
    assert.equal(await readFile(await files.uploadOf('u'), 'utf8'), 'ten bytes!')
    await files.sweep((uid) => uid === 'other')
    await assert.rejects(readFile(await files.uploadOf('u')))
    await assert.rejects(files.uploadOf('../x'), /no uid/)
  })
})
