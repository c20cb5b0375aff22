/** The JSONPath dialect of kubectl: text with `{…}` in it (Kubernetes "JSONPath Support"). */

export type Step =
  | { kind: 'field'; name: string }
  | { kind: 'wildcard' }
  | { kind: 'recursive' }
  | { kind: 'index'; start?: number; end?: number; step?: number; single: boolean }
  | { kind: 'union'; paths: Step[][] }
  | { kind: 'filter'; left: Operand; operator: Operator; right: Operand }

export type Operator = 'exists' | '==' | '!=' | '<' | '<=' | '>' | '>='
export type Operand =
  | { kind: 'path'; steps: Step[] }
  | { kind: 'literal'; value: string | number | boolean | null }

export type Part =
  | { kind: 'text'; text: string }
  | { kind: 'path'; steps: Step[] }
  | { kind: 'range'; steps: Step[]; parts: Part[] }

export class JsonPathError extends Error {
  override readonly name = 'JsonPathError'
}

function unquoteText(text: string): string {
  const known: Record<string, string> = { n: '\n', t: '\t', r: '\r' }
  return text.replace(/\\(.)/gs, (_, c: string) => known[c] ?? c)
}

function parseLiteral(text: string): Operand {
  const trimmed = text.trim()
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(trimmed)
  if (quoted !== null) return { kind: 'literal', value: unquoteText(quoted[1] ?? quoted[2] ?? '') }
  if (/^[-+]?\d+(\.\d+)?$/.test(trimmed)) return { kind: 'literal', value: Number(trimmed) }
  if (trimmed === 'true' || trimmed === 'false') return { kind: 'literal', value: trimmed === 'true' }
  if (/^[@$.[]/.test(trimmed)) return { kind: 'path', steps: parseSteps(trimmed) }
  throw new JsonPathError(`unrecognized identifier ${trimmed}`)
}

/** The place of the first of the marks outside of quotes and brackets, or -1. */
function findOutside(text: string, marks: readonly string[], from = 0): { at: number; mark: string } {
  let depth = 0
  let quote = ''
  for (let i = from; i < text.length; i++) {
    const c = text[i] as string
    if (c === '\\') i++
    else if (quote !== '') quote = c === quote ? '' : quote
    else if (c === '"' || c === "'") quote = c
    else {
      const mark = depth === 0 ? marks.find((m) => text.startsWith(m, i)) : undefined
      if (mark !== undefined) return { at: i, mark }
      if (c === '[' || c === '(') depth++
      else if (c === ']' || c === ')') depth--
    }
  }
  return { at: -1, mark: '' }
}

function parseFilter(text: string): Step {
  const { at, mark } = findOutside(text, ['==', '!=', '<=', '>=', '<', '>'])
  if (at === -1) {
    return {
      kind: 'filter',
      left: parseLiteral(text),
      operator: 'exists',
      right: { kind: 'literal', value: null },
    }
  }
  const right = parseLiteral(text.slice(at + mark.length))
  return { kind: 'filter', left: parseLiteral(text.slice(0, at)), operator: mark as Operator, right }
}

function parseElement(text: string): Step {
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/.exec(text)
  if (quoted !== null) return { kind: 'field', name: unquoteText(quoted[1] ?? quoted[2] ?? '') }
  if (text === '*') return { kind: 'wildcard' }
  const slice = /^(-?\d*)(?::(-?\d*)(?::(-?\d*))?)?$/.exec(text)
  if (slice === null) {
    if (/^[\w-]+$/.test(text)) return { kind: 'field', name: text }
    throw new JsonPathError(`invalid array index ${text}`)
  }
  const number = (part: string | undefined) =>
    part === undefined || part === '' ? {} : { value: Number(part) }
  const [start, end, step] = [number(slice[1]).value, number(slice[2]).value, number(slice[3]).value]
  return {
    kind: 'index',
    single: !text.includes(':'),
    ...(start === undefined ? {} : { start }),
    ...(end === undefined ? {} : { end }),
    ...(step === undefined ? {} : { step }),
  }
}

function parseBracket(text: string): Step {
  const trimmed = text.trim()
  const filter = /^\?\((.*)\)$/s.exec(trimmed)
  if (filter !== null) return parseFilter(filter[1] as string)
  const paths: Step[][] = []
  let rest = trimmed
  for (;;) {
    const { at } = findOutside(rest, [','])
    const element = (at === -1 ? rest : rest.slice(0, at)).trim()
    paths.push(/^[.@$]/.test(element) ? parseSteps(element) : [parseElement(element)])
    if (at === -1) break
    rest = rest.slice(at + 1)
  }
  return paths.length === 1 && paths[0]?.length === 1 ? (paths[0][0] as Step) : { kind: 'union', paths }
}

export function parseSteps(text: string): Step[] {
  const steps: Step[] = []
  let at = 0
  while (at < text.length) {
    const c = text[at] as string
    if (c === ' ' || c === '@' || c === '$') at++
    else if (text.startsWith('..', at)) {
      steps.push({ kind: 'recursive' })
      at += text[at + 2] === '[' ? 2 : 1
    } else if (c === '[') {
      const { at: end } = findOutside(text, [']'], at + 1)
      if (end === -1) throw new JsonPathError('unterminated array')
      steps.push(parseBracket(text.slice(at + 1, end)))
      at = end + 1
    } else if (c === '.' || steps.length === 0) {
      const match = /^\.?((?:\\.|[^.[\]\s(){}\\])*)/.exec(text.slice(at)) as RegExpExecArray
      if (match[0] === '')
        throw new JsonPathError(
          `unexpected path string, expected field name or path separator, instead found: ${text.slice(at)}`,
        )
      const name = unquoteText(match[1] as string)
      if (name === '*') steps.push({ kind: 'wildcard' })
      else if (name !== '') steps.push({ kind: 'field', name })
      at += match[0].length
    } else {
      throw new JsonPathError(
        `unexpected path string, expected field name or path separator, instead found: ${text.slice(at)}`,
      )
    }
  }
  return steps
}

/** The parts of a template. Throws {@link JsonPathError}. */
export function parseJsonPath(template: string): Part[] {
  const root: Part[] = []
  const open: Part[][] = [root]
  let at = 0
  while (at < template.length) {
    const parts = open.at(-1) as Part[]
    const brace = template.indexOf('{', at)
    if (brace !== at) {
      const end = brace === -1 ? template.length : brace
      parts.push({ kind: 'text', text: template.slice(at, end) })
      at = end
      continue
    }
    const { at: end } = findOutside(template, ['}'], at + 1)
    if (end === -1) throw new JsonPathError('unclosed action')
    parseAction(template.slice(at + 1, end).trim(), parts, open)
    at = end + 1
  }
  if (open.length > 1) throw new JsonPathError('unterminated range, a matching "{end}" is missing')
  return root
}

function parseAction(action: string, parts: Part[], open: Part[][]): void {
  const quoted = /^(?:'((?:[^'\\]|\\.)*)'|"((?:[^"\\]|\\.)*)")$/s.exec(action)
  if (quoted !== null) parts.push({ kind: 'text', text: unquoteText(quoted[1] ?? quoted[2] ?? '') })
  else if (action === 'end') {
    if (open.length === 1) throw new JsonPathError('not in range, nothing to end')
    open.pop()
  } else if (/^range\b/.test(action)) {
    const inner: Part[] = []
    parts.push({ kind: 'range', steps: parseSteps(action.slice(5).trim()), parts: inner })
    open.push(inner)
  } else if (/^[A-Za-z_]\w*$/.test(action)) throw new JsonPathError(`unrecognized identifier ${action}`)
  else if (action !== '') parts.push({ kind: 'path', steps: parseSteps(action) })
}
