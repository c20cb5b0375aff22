/**
 * `npm test`: every *.test.ts under src and test, from source. With arguments: those files or folders only.
 * Tests that drive real clients skip loudly where a client is missing, and fail instead when CI=true.
 */
import { spawnSync } from 'node:child_process'
import { globSync } from 'node:fs'

const roots = process.argv.slice(2)
const files = (roots.length > 0 ? roots : ['src', 'test', 'bin', 'scripts']).flatMap((root) =>
  root.endsWith('.test.ts') ? [root] : globSync(`${root}/**/*.test.ts`),
)
if (files.length === 0) {
  process.stderr.write('no test files found\n')
  process.exit(1)
}
const { status } = spawnSync(
  process.execPath,
  ['--test', '--test-concurrency=2', '--test-reporter=spec', ...files.sort()],
  { stdio: 'inherit' },
)
process.exit(status ?? 1)
