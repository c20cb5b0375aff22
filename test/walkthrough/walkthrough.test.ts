import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { registryMissing } from '../../src/upstream/testing/docker-registry.ts'
import { requireProgram } from '../clients/require-program.ts'
import { documentedLines } from './documented-lines.ts'
import { openSite, type Site } from './open-site.ts'
import { readBlocks } from './read-blocks.ts'

/** What the documentation tells people to type does what it says, against a server and registries that are real. */

const page = new URL('../../docs/managing-images.md', import.meta.url)

async function must(site: Site, text: string, where: string): Promise<string> {
  const { status, stdout, stderr } = await site.shell(text)
  assert.equal(status, 0, `${where}\n${text}\n${stdout}${stderr}`)
  return stdout
}

function canRun(test: TestContext): boolean {
  if (registryMissing !== undefined && process.env.CI !== 'true') {
    test.skip(registryMissing)
    return false
  }
  return requireProgram(test, 'skopeo', 'skopeo')
}

describe('docs/managing-images.md', () => {
  it('runs from top to bottom', { timeout: 300_000 }, async (test) => {
    if (!canRun(test)) return
    const blocks = readBlocks(await readFile(page, 'utf8'))
    assert.ok(blocks.length > 20, `${blocks.length} blocks`)
    await using site = await openSite()
    for (const { heading, line, text } of blocks) {
      await must(site, text, `docs/managing-images.md:${line} (${heading})`)
    }
    const tags = await must(site, "weir get is ruby -o 'jsonpath={.status.tags[*].tag}'", 'at the end')
    assert.deepEqual(tags.split(' ').sort(), ['3.3', 'here', 'latest', 'static-3.3'])
  })
})

describe("the command lines of OpenShift's chapter on managing images", () => {
  it('work, in its order', { timeout: 300_000 }, async (test) => {
    if (!canRun(test)) return
    await using site = await openSite()
    for (const { line, run, shows } of documentedLines) {
      const stdout = await must(site, run, line)
      if (shows !== undefined) assert.match(stdout, shows, line)
    }
  })
})
