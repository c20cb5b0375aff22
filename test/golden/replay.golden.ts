import assert from 'node:assert/strict'
import { test } from 'node:test'
import { requireProgram } from '../clients/require-program.ts'
import { createPartComparer } from './compare-parts.ts'
import { judge, parseComparison } from './judge.ts'
import { openStage } from './open-stage.ts'
import { findRecordings, knownDifferences } from './recordings.ts'
import { readShared } from './shared-parts.ts'

/**
 * `npm run golden [PIECE …]`: the recorded sequence of the real system, with `weir` in the place of `oc`, against
 * `weir start`. A recording that should match and differs fails, and so does one that is listed as differing and
 * matches. Pieces build on one another: asked for `g3`, it runs `g1` to `g3`.
 */

const pieces = [
  { name: 'g1', first: 1, last: 72, title: 'basics, import' },
  { name: 'g2', first: 73, last: 145, title: 'tag, delete, across projects' },
  { name: 'g3', first: 146, last: 280, title: 'get, describe, lookup, triggers, secrets, policy' },
  { name: 'g4', first: 281, last: 383, title: 'registry' },
  { name: 'g5', first: 384, last: 556, title: 'API' },
  { name: 'g6', first: 557, last: 583, title: 'verbose' },
  { name: 'g7', first: 584, last: 629, title: 'extras' },
  { name: 'g8', first: 630, last: 642, title: 'internal imports, restart, deletion' },
] as const

const programs = [
  ['curl', 'curl'],
  ['docker-registry', 'docker-registry'],
  ['jq', 'jq'],
  ['openssl', 'openssl'],
  ['python3', 'python3'],
  ['skopeo', 'skopeo'],
  ['xxd', 'xxd'],
] as const

const last = process.env.GOLDEN_PIECE ?? 'g8'

test(`recordings of the real system, to ${last}`, async (t) => {
  const golden = findRecordings()
  if (golden === undefined) {
    const why = 'no recordings: set GOLDEN, or put shared/golden beside the checkout'
    if (process.env.CI === 'true') throw new Error(why)
    process.stderr.write(`SKIPPED the replay: ${why}\n`)
    t.skip(why)
    return
  }
  if (!programs.every(([name, debian]) => requireProgram(t, name, debian))) return
  await using stage = await openStage(golden, process.env.GOLDEN_OUT)
  const known = knownDifferences()
  let total = ''
  for (const { name, first, last: end, title } of pieces.slice(
    0,
    pieces.findIndex((p) => p.name === last) + 1,
  )) {
    await t.test(`${name}: ${title}`, async (t) => {
      await stage.replay(name)
      const text = await stage.compare()
      const inPiece = (number: number) => number >= first && number <= end
      const parts = await createPartComparer(golden, stage.out)
      const verdict = judge(parseComparison(text), known, parts, inPiece)
      total = /.*identical\s*$/.exec(text.trimEnd())?.[0] ?? ''
      assert.deepEqual(verdict.unexpected, [], `differ:\n${verdict.unexpected.join('\n')}`)
      assert.deepEqual(verdict.more, [], 'differ in more than differences.tsv says')
      assert.deepEqual(verdict.stale, [], 'listed in differences.tsv and identical by now')
      for (const { name, expected, actual } of readShared(parts, inPiece))
        assert.deepEqual(actual, expected, name)
      t.diagnostic(total)
    })
  }
  t.diagnostic(`${total}; ${known.size} are listed with their reason in test/golden/differences.tsv`)
})
