import assert from 'node:assert/strict'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { commandDocs, commandDocsFolder } from './write-command-docs.ts'

describe('docs/commands', () => {
  it('are what the definitions of the commands say: node scripts/write-command-docs.ts', async () => {
    const wanted = await commandDocs()
    assert.deepEqual((await readdir(commandDocsFolder)).sort(), [...wanted.keys()].sort())
    for (const [file, text] of wanted) {
      assert.equal(await readFile(join(commandDocsFolder, file), 'utf8'), text, file)
    }
  })

  it('link only to pages that there are', async () => {
    const wanted = await commandDocs()
    for (const [file, text] of wanted) {
      for (const [, target = ''] of text.matchAll(/\]\(([^)#]+)/g))
        assert.ok(wanted.has(target), `${file}: ${target}`)
    }
  })
})
