import { spawnSync } from 'node:child_process'
import type { TestContext } from 'node:test'

/**
 * Is the program there? Where it is missing the test is skipped, and the reason names the Debian package that has it;
 * with CI=true it fails instead, so that no build is green for want of a client.
 */
export function requireProgram(test: TestContext, name: string, debianPackage: string): boolean {
  const { error } = spawnSync(name, ['--version'], { stdio: 'ignore', timeout: 20_000 })
  if ((error as NodeJS.ErrnoException | undefined)?.code !== 'ENOENT') return true
  const why = `${name} is not installed: apt-get install ${debianPackage}`
  if (process.env.CI === 'true') throw new Error(why)
  test.skip(why)
  process.stderr.write(`SKIPPED ${test.name}: ${why}\n`)
  return false
}
