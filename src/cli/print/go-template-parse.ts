/** The grammar of Go's text/template (pkg.go.dev/text/template). */

export class GoTemplateError extends Error {
  override readonly name = 'GoTemplateError'
}

export interface Pipeline {
  /** Variables that are made, at most two, for `range`. */
  declare?: string[] | undefined
  /** A variable that is set. */
  assign?: string
  commands: Term[][]
}

export type Term =
  | { kind: 'dot' }
  | { kind: 'literal'; value: unknown }
  | { kind: 'function'; name: string }
  | { kind: 'field'; path: string[] }
  | { kind: 'variable'; name: string; path: string[] }
  | { kind: 'pipeline'; pipeline: Pipeline; path: string[] }

export interface Branch {
  pipeline: Pipeline
  body: Node[]
}

export type Node =
  | { kind: 'text'; text: string }
  | { kind: 'action'; pipeline: Pipeline }
  | { kind: 'if'; branches: Branch[]; otherwise: Node[] }
  | { kind: 'with'; pipeline: Pipeline; body: Node[]; otherwise: Node[] }
  | { kind: 'range'; pipeline: Pipeline; body: Node[]; otherwise: Node[] }
  | { kind: 'template'; name: string; pipeline: Pipeline | undefined }
  | { kind: 'stop'; what: 'break' | 'continue' }

interface Piece {
  kind: 'text' | 'action'
  text: string
}

/** Text and actions, with `{{-` and `-}}` applied and comments dropped. */
function split(template: string): Piece[] {
  const pieces: Piece[] = []
  const action =
    /\{\{(- )?((?:"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|\/\*[\s\S]*?\*\/|[^"`'])*?)( -)?\}\}/y
  let at = 0
  let trimNext = false
  while (at < template.length) {
    const open = template.indexOf('{{', at)
    const end = open === -1 ? template.length : open
    let text = template.slice(at, end)
    if (trimNext) text = text.trimStart()
    if (open === -1) {
      if (text !== '') pieces.push({ kind: 'text', text })
      break
    }
    action.lastIndex = open
    const match = action.exec(template)
    if (match === null) throw new GoTemplateError('unclosed action')
    if (match[1] !== undefined) text = text.trimEnd()
    if (text !== '') pieces.push({ kind: 'text', text })
    const body = (match[2] as string).trim()
    if (!/^\/\*[\s\S]*\*\/$/.test(body)) pieces.push({ kind: 'action', text: body })
    trimNext = match[3] !== undefined
    at = action.lastIndex
  }
  return pieces
}

const token =
  /\s+|"(?:[^"\\]|\\.)*"|`[^`]*`|'(?:[^'\\]|\\.)*'|:=|[-+]?\d[\w.]*|\$[A-Za-z_]\w*|\$|\.[A-Za-z_]\w*|\.|[A-Za-z_]\w*|[|()=,]/y

function tokenize(text: string): string[] {
  const tokens: string[] = []
  token.lastIndex = 0
  while (token.lastIndex < text.length) {
    const start = token.lastIndex
    const match = token.exec(text)
    if (match === null) throw new GoTemplateError(`unexpected ${JSON.stringify(text[start])} in command`)
    // Blanks matter only in parting `.a .b` from `.a.b`.
    tokens.push(/^\s/.test(match[0]) ? ' ' : match[0])
  }
  return tokens
}

function unquote(text: string): string {
  if (text.startsWith('`')) return text.slice(1, -1)
  const known: Record<string, string> = { n: '\n', t: '\t', r: '\r', '\\': '\\', '"': '"', "'": "'" }
  return text.slice(1, -1).replace(/\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|.)/g, (_, c: string) => {
    if (c.length > 1) return String.fromCodePoint(Number.parseInt(c.slice(1), 16))
    return known[c] ?? c
  })
}

/** Reads the tokens of one action. */
class Reader {
  readonly #tokens: string[]
  readonly #functions: ReadonlySet<string>
  #at = 0
  constructor(text: string, functions: ReadonlySet<string>) {
    this.#tokens = tokenize(text)
    this.#functions = functions
  }
  peek(): string | undefined {
    return this.#tokens[this.#at]
  }
  next(): string | undefined {
    return this.#tokens[this.#at++]
  }
  skip(): void {
    while (this.peek() === ' ') this.#at++
  }
  mark(): number {
    return this.#at
  }
  back(mark: number): void {
    this.#at = mark
  }

  pipeline(end: ')' | undefined): Pipeline {
    const { declare, assign } = this.#targets()
    const commands: Term[][] = []
    for (;;) {
      commands.push(this.#command(end))
      this.skip()
      const separator = this.next()
      if (separator === end) break
      if (separator !== '|')
        throw new GoTemplateError(`unexpected ${JSON.stringify(separator ?? 'end of action')}`)
    }
    return {
      commands,
      ...(declare === undefined ? {} : { declare }),
      ...(assign === undefined ? {} : { assign }),
    }
  }

  /** `$x :=`, `$i, $x :=` or `$x =` before a pipeline. */
  #targets(): { declare?: string[]; assign?: string } {
    const start = this.mark()
    const names: string[] = []
    for (;;) {
      this.skip()
      const name = this.next()
      if (name === undefined || !/^\$\w/.test(name)) break
      names.push(name)
      this.skip()
      const sign = this.next()
      if (sign === ',') continue
      if (sign === ':=') return { declare: names }
      if (sign === '=' && names.length === 1) return { assign: name }
      break
    }
    this.back(start)
    return {}
  }

  #command(end: ')' | undefined): Term[] {
    const terms: Term[] = []
    for (;;) {
      this.skip()
      const next = this.peek()
      if (next === undefined || next === '|' || next === end) break
      terms.push(this.#term())
    }
    if (terms.length === 0) throw new GoTemplateError('missing value for command')
    return terms
  }

  #path(): string[] {
    const path: string[] = []
    while (/^\.[A-Za-z_]/.test(this.peek() ?? '')) path.push((this.next() as string).slice(1))
    return path
  }

  #function(name: string): Term {
    if (!this.#functions.has(name)) throw new GoTemplateError(`function ${JSON.stringify(name)} not defined`)
    return { kind: 'function', name }
  }

  #term(): Term {
    const text = this.next() as string
    if (text === '.') return { kind: 'dot' }
    if (text === '(') return { kind: 'pipeline', pipeline: this.pipeline(')'), path: this.#path() }
    if (text.startsWith('$')) return { kind: 'variable', name: text, path: this.#path() }
    if (text.startsWith('.')) return { kind: 'field', path: [text.slice(1), ...this.#path()] }
    if (/^["`]/.test(text)) return { kind: 'literal', value: unquote(text) }
    if (text.startsWith("'")) return { kind: 'literal', value: unquote(text).codePointAt(0) }
    if (/^[-+]?\d/.test(text)) return { kind: 'literal', value: Number(text) }
    if (text === 'true' || text === 'false') return { kind: 'literal', value: text === 'true' }
    if (text === 'nil') return { kind: 'literal', value: null }
    if (/^[A-Za-z_]/.test(text)) return this.#function(text)
    throw new GoTemplateError(`unexpected ${JSON.stringify(text)} in operand`)
  }
}

export interface ParsedTemplate {
  nodes: Node[]
  templates: Map<string, Node[]>
}

/** `functions`: what may be called. Throws {@link GoTemplateError}. */
export function parseTemplate(template: string, functions: ReadonlySet<string>): ParsedTemplate {
  const pieces = split(template)
  const parsePipeline = (text: string) => new Reader(text, functions).pipeline(undefined)
  const templates = new Map<string, Node[]>()
  let at = 0

  /** Nodes up to one of `end`, `else…`; the word that ended them is returned, '' at the end of the text. */
  function list(inside: boolean): { nodes: Node[]; ended: string } {
    const nodes: Node[] = []
    while (at < pieces.length) {
      const piece = pieces[at++] as Piece
      if (piece.kind === 'text') {
        nodes.push({ kind: 'text', text: piece.text })
        continue
      }
      const word = /^[a-z]+(?=\s|$)/.exec(piece.text)?.[0] ?? ''
      if (word === 'end' || word === 'else') {
        if (!inside) throw new GoTemplateError(`unexpected {{${word}}}`)
        return { nodes, ended: piece.text }
      }
      const node = parseAction(word, piece.text)
      if (node !== undefined) nodes.push(node)
    }
    if (inside) throw new GoTemplateError('unexpected EOF')
    return { nodes, ended: '' }
  }

  function parseAction(word: string, text: string): Node | undefined {
    const rest = text.slice(word.length).trim()
    switch (word) {
      case 'if':
        return parseIf(rest)
      case 'with':
      case 'range': {
        const { nodes, ended } = list(true)
        const otherwise = ended === 'end' ? [] : closed()
        return { kind: word, pipeline: parsePipeline(rest), body: nodes, otherwise }
      }
      case 'define':
      case 'block': {
        const name = /^"(?:[^"\\]|\\.)*"|^`[^`]*`/.exec(rest)?.[0]
        if (name === undefined)
          throw new GoTemplateError(`unexpected ${JSON.stringify(rest)} in ${word} clause`)
        templates.set(unquote(name), closed())
        if (word === 'define') return undefined
        return { kind: 'template', name: unquote(name), pipeline: parsePipeline(rest.slice(name.length)) }
      }
      case 'template': {
        const name = /^"(?:[^"\\]|\\.)*"|^`[^`]*`/.exec(rest)?.[0]
        if (name === undefined)
          throw new GoTemplateError(`unexpected ${JSON.stringify(rest)} in template clause`)
        const argument = rest.slice(name.length).trim()
        return {
          kind: 'template',
          name: unquote(name),
          pipeline: argument === '' ? undefined : parsePipeline(argument),
        }
      }
      case 'break':
      case 'continue':
        return { kind: 'stop', what: word }
      default:
        return { kind: 'action', pipeline: parsePipeline(text) }
    }
  }

  function closed(): Node[] {
    const { nodes, ended } = list(true)
    if (ended !== 'end') throw new GoTemplateError(`expected end; found {{${ended}}}`)
    return nodes
  }

  function parseIf(condition: string): Node {
    const branches: Branch[] = []
    let pipeline = parsePipeline(condition)
    for (;;) {
      const { nodes, ended } = list(true)
      branches.push({ pipeline, body: nodes })
      if (ended === 'end') return { kind: 'if', branches, otherwise: [] }
      const elseIf = /^else\s+if\s+(.*)$/s.exec(ended)
      if (elseIf === null) return { kind: 'if', branches, otherwise: closed() }
      pipeline = parsePipeline(elseIf[1] as string)
    }
  }

  const { nodes } = list(false)
  return { nodes, templates }
}
