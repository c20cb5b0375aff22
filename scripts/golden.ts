/**
 * `npm run golden [g1 … g8]`: the recorded sequence of the real system against this checkout, to the end or to the
 * piece that is named. `GOLDEN` is where the recordings are (default ../shared/golden), `GOLDEN_OUT` where the results
 * stay (default: nowhere), for the recordings' own `compare.mjs --show NAME`.
 */
import { spawnSync } from 'node:child_process'
import { join } from 'node:path'

const [piece = 'g8', ...more] = process.argv.slice(2)
if (!/^g[1-8]$/.test(piece) || more.length > 0) {
  process.stderr.write('usage: npm run golden [g1|g2|g3|g4|g5|g6|g7|g8]\n')
  process.exit(2)
}
const file = join(import.meta.dirname, '..', 'test', 'golden', 'replay.golden.ts')
const { status } = spawnSync(process.execPath, ['--test', '--test-reporter=spec', file], {
  stdio: 'inherit',
  env: { ...process.env, GOLDEN_PIECE: piece },
})
process.exit(status ?? 1)
