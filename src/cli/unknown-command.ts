import type { Entry } from './command.ts'
import { BareError } from './errors.ts'

/** Commands of `oc` that have no counterpart here; under its name they are still suggested (cli.md §0.1). */
const onlyInOc = [
  'attach',
  'autoscale',
  'cluster-info',
  'cp',
  'debug',
  'events',
  'exec',
  'expose',
  'extract',
  'get-token',
  'idle',
  'kustomize',
  'observe',
  'options',
  'plugin',
  'port-forward',
  'process',
  'proxy',
  'replace',
  'rsh',
  'rsync',
  'scale',
] as const

/** Levenshtein distance, by single characters. */
export function editDistance(a: string, b: string): number {
  let previous = Array.from({ length: b.length + 1 }, (_, i) => i)
  for (let i = 1; i <= a.length; i++) {
    const current = [i]
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1
      current[j] = Math.min(
        (previous[j] as number) + 1,
        (current[j - 1] as number) + 1,
        (previous[j - 1] as number) + change,
      )
    }
    previous = current
  }
  return previous[b.length] as number
}

export function suggestions(word: string, names: readonly string[]): string[] {
  const lower = word.toLowerCase()
  return names.filter((name) => editDistance(lower, name) <= 2 || name.startsWith(lower)).sort()
}

export function unknownCommand(word: string, program: string, entries: readonly Entry[]): BareError {
  const shown = entries.filter((entry) => entry.hidden !== true).map((entry) => entry.name)
  const names = [...new Set([...shown, ...(program === 'oc' ? onlyInOc : [])])]
  const near = suggestions(word, names)
  const hint =
    near.length === 0 ? '' : `\n\nDid you mean this?\n${near.map((name) => `\t${name}`).join('\n')}`
  return new BareError(`error: unknown command ${JSON.stringify(word)} for "${program}"${hint}`)
}
