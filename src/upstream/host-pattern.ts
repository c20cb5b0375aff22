/**
 * Glob patterns of host names, label by label: `*`, `?` and `[a-z]` stay within one label (auth.md U-52). Keys come from
 * tenants, so matching takes linear space and at most quadratic time whatever the pattern is.
 */

type Piece = { kind: 'star' } | { kind: 'one'; accepts(character: string): boolean }

export function matchesLabels(pattern: string, host: string): boolean {
  const patterns = pattern.split('.')
  const labels = host.split('.')
  return (
    patterns.length === labels.length &&
    patterns.every((label, index) => matchesLabel(label, labels[index] ?? ''))
  )
}

function matchesLabel(pattern: string, label: string): boolean {
  const pieces = readPieces(pattern)
  return pieces !== undefined && matchesPieces(pieces, label)
}

/** undefined for a pattern that is malformed: it matches nothing. */
function readPieces(pattern: string): Piece[] | undefined {
  const pieces: Piece[] = []
  for (let at = 0; at < pattern.length; at++) {
    const character = pattern.charAt(at)
    if (character === '*') pieces.push({ kind: 'star' })
    else if (character === '?') pieces.push({ kind: 'one', accepts: () => true })
    else if (character === '[') {
      const end = pattern.indexOf(']', at + 1)
      const accepts = end === -1 ? undefined : readClass(pattern.slice(at + 1, end))
      if (accepts === undefined) return undefined
      pieces.push({ kind: 'one', accepts })
      at = end
    } else pieces.push({ kind: 'one', accepts: (given) => given === character })
  }
  return pieces
}

/** The inside of `[…]`: characters and ranges, negated by a leading `^`. */
function readClass(text: string): ((character: string) => boolean) | undefined {
  const isNegated = text.startsWith('^')
  const body = isNegated ? text.slice(1) : text
  if (body === '') return undefined
  const ranges: [string, string][] = []
  for (let at = 0; at < body.length; at++) {
    const low = body.charAt(at)
    const isRange = body.charAt(at + 1) === '-' && at + 2 < body.length
    ranges.push([low, isRange ? body.charAt(at + 2) : low])
    if (isRange) at += 2
  }
  return (character) => ranges.some(([low, high]) => low <= character && character <= high) !== isNegated
}

function matchesPieces(pieces: readonly Piece[], label: string): boolean {
  let piece = 0
  let at = 0
  let star = -1
  let resume = 0
  while (at < label.length) {
    const current = pieces[piece]
    if (current?.kind === 'one' && current.accepts(label.charAt(at))) {
      piece++
      at++
    } else if (current?.kind === 'star') {
      star = piece++
      resume = at
    } else if (star !== -1) {
      piece = star + 1
      at = ++resume
    } else return false
  }
  return pieces.slice(piece).every(({ kind }) => kind === 'star')
}
