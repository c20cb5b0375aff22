/** Challenges of `WWW-Authenticate` (RFC 7235 §4.1; Distribution "Token Authentication"). */

export interface Challenge {
  /** Lower case. */
  scheme: string
  /** Names in lower case; the first of two with the same name counts. */
  parameters: ReadonlyMap<string, string>
}

const token = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const schemeShape = new RegExp(`(${token})(?:[ \\t]+|$|(?=,))`, 'y')
const parameterShape = new RegExp(`(${token})[ \\t]*=[ \\t]*(?:"((?:[^"\\\\]|\\\\.)*)"|(${token}))`, 'y')
const separator = /[ \t,]*/y
const longest = 16 * 1024

/** All challenges of all header lines, in order; what can't be read is skipped. */
export function parseChallenges(header: string | readonly string[] | undefined): Challenge[] {
  const lines = header === undefined ? [] : typeof header === 'string' ? [header] : header
  return lines.flatMap((line) => (line.length > longest ? [] : parseLine(line)))
}

function parseLine(line: string): Challenge[] {
  const found: { scheme: string; parameters: Map<string, string> }[] = []
  let at = skip(separator, line, 0)
  while (at < line.length) {
    const parameter = match(parameterShape, line, at)
    const current = found.at(-1)
    if (parameter !== undefined && current !== undefined) {
      const [whole, name = '', quoted, bare = ''] = parameter
      const value = quoted === undefined ? bare : quoted.replace(/\\(.)/g, '$1')
      if (!current.parameters.has(name.toLowerCase())) current.parameters.set(name.toLowerCase(), value)
      at += whole.length
    } else {
      const scheme = match(schemeShape, line, at)
      if (scheme === undefined) return found
      found.push({ scheme: (scheme[1] ?? '').toLowerCase(), parameters: new Map() })
      at += scheme[0].length
    }
    at = skip(separator, line, at)
  }
  return found
}

function match(shape: RegExp, line: string, at: number): RegExpExecArray | undefined {
  shape.lastIndex = at
  return shape.exec(line) ?? undefined
}

function skip(shape: RegExp, line: string, at: number): number {
  return at + (match(shape, line, at)?.[0].length ?? 0)
}
