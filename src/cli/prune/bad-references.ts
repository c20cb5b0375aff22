import { BareError } from '../errors.ts'

/** References that nobody can read stop everything: what they protect is unknown (P-13). */
export function badReferences(bad: readonly string[]): BareError {
  const lines = bad.map((line) => `  ${line}\n`).join('')
  return new BareError(
    `Failed to build graph!\n\nThe following objects have invalid references:\n\n${lines}\nEither fix the references or delete the objects to make the pruner proceed.\nerror: failed to build graph - no changes made`,
  )
}
