import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** Where the recordings of the real system are, and what is known about those that can't match. */

const checkout = join(import.meta.dirname, '..', '..')

/** The folder of the recordings: `$GOLDEN`, or `shared/golden` beside the checkout; undefined when it is not there. */
export function findRecordings(env: NodeJS.ProcessEnv = process.env): string | undefined {
  const dir = env.GOLDEN ?? join(checkout, '..', 'shared', 'golden')
  return existsSync(join(dir, 'compare.mjs')) ? dir : undefined
}

/** A recording that differs on purpose or by nature. */
export interface KnownDifference {
  name: string
  /** Where it may differ: `stdout`, `rc`, `headers`, `headers:etag`, …; everything else has to match. */
  parts: readonly string[]
  /** How fast the replay runs decides whether it matches. */
  mayMatch: boolean
  reason: string
}

/** Lines of `NNN-name<TAB>part,part<TAB>reason`; a `?` before the parts says that it may match. */
export function parseDifferences(text: string): Map<string, KnownDifference> {
  const rows = text
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
    .map((line): [string, KnownDifference] => {
      const [name = '', parts = '', reason = ''] = line.split('\t')
      if (parts === '' || reason === '') throw new Error(`no parts or no reason in ${JSON.stringify(line)}`)
      const mayMatch = parts.startsWith('?')
      return [name, { name, parts: parts.replace('?', '').split(','), mayMatch, reason }]
    })
  return new Map(rows)
}

export function knownDifferences(): Map<string, KnownDifference> {
  return parseDifferences(readFileSync(join(import.meta.dirname, 'differences.tsv'), 'utf8'))
}
