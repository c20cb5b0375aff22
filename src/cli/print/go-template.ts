import { isTrue, templateFunctions, toText } from './go-template-functions.ts'
import {
  type Branch,
  GoTemplateError,
  type Node,
  type Pipeline,
  parseTemplate,
  type Term,
} from './go-template-parse.ts'

/** Go's text/template over plain JSON values, as `-o go-template` needs it. */

const functions: ReadonlySet<string> = new Set(Object.keys(templateFunctions))

class Stop extends Error {
  readonly what: 'break' | 'continue'
  constructor(what: 'break' | 'continue') {
    super(what)
    this.what = what
  }
}

interface Scope {
  dot: unknown
  /** Innermost last. */
  variables: Map<string, { value: unknown }>
}

interface Run {
  out: string[]
  templates: ReadonlyMap<string, Node[]>
  allowMissing: boolean
}

export function compileGoTemplate(
  text: string,
  options: { allowMissing: boolean },
): (value: unknown) => string {
  const { nodes, templates } = parseTemplate(text, functions)
  return (value) => {
    const run: Run = { out: [], templates, allowMissing: options.allowMissing }
    execute(run, nodes, { dot: value, variables: new Map([['$', { value }]]) })
    return run.out.join('')
  }
}

function inner(scope: Scope, dot: unknown): Scope {
  return { dot, variables: new Map(scope.variables) }
}

function execute(run: Run, nodes: readonly Node[], scope: Scope): void {
  for (const node of nodes) executeOne(run, node, scope)
}

function executeOne(run: Run, node: Node, scope: Scope): void {
  switch (node.kind) {
    case 'text':
      run.out.push(node.text)
      return
    case 'action': {
      const value = evaluate(run, node.pipeline, scope)
      if (node.pipeline.declare === undefined && node.pipeline.assign === undefined)
        run.out.push(toText(value))
      return
    }
    case 'if':
      executeIf(run, node.branches, node.otherwise, scope)
      return
    case 'with': {
      const within = inner(scope, scope.dot)
      const value = evaluate(run, node.pipeline, within)
      if (isTrue(value)) execute(run, node.body, { ...within, dot: value })
      else execute(run, node.otherwise, inner(scope, scope.dot))
      return
    }
    case 'range':
      executeRange(run, node, scope)
      return
    case 'template': {
      const body = run.templates.get(node.name)
      if (body === undefined) throw new GoTemplateError(`template ${JSON.stringify(node.name)} not defined`)
      const value = node.pipeline === undefined ? undefined : evaluate(run, node.pipeline, scope)
      execute(run, body, { dot: value, variables: new Map([['$', { value }]]) })
      return
    }
    case 'stop':
      throw new Stop(node.what)
  }
}

function executeIf(run: Run, branches: readonly Branch[], otherwise: readonly Node[], scope: Scope): void {
  for (const { pipeline, body } of branches) {
    const within = inner(scope, scope.dot)
    if (!isTrue(evaluate(run, pipeline, within))) continue
    execute(run, body, within)
    return
  }
  execute(run, otherwise, inner(scope, scope.dot))
}

function entriesOf(value: unknown): [unknown, unknown][] {
  if (value === null || value === undefined) return []
  if (Array.isArray(value)) return value.map((item, i) => [i, item])
  if (typeof value === 'number') return Array.from({ length: Math.max(0, value) }, (_, i) => [i, i])
  if (typeof value === 'object') {
    const map = value as Record<string, unknown>
    return Object.keys(map)
      .sort()
      .map((key) => [key, map[key]])
  }
  throw new GoTemplateError(`range can't iterate over ${toText(value)}`)
}

function executeRange(run: Run, node: Extract<Node, { kind: 'range' }>, scope: Scope): void {
  const entries = entriesOf(evaluate(run, { ...node.pipeline, declare: undefined }, scope))
  if (entries.length === 0) execute(run, node.otherwise, inner(scope, scope.dot))
  const names = node.pipeline.declare ?? []
  for (const [key, value] of entries) {
    const within = inner(scope, value)
    const last = names.at(-1)
    if (last !== undefined) within.variables.set(last, { value })
    if (names.length === 2) within.variables.set(names[0] as string, { value: key })
    try {
      execute(run, node.body, within)
    } catch (error) {
      if (!(error instanceof Stop)) throw error
      if (error.what === 'break') return
    }
  }
}

function evaluate(run: Run, pipeline: Pipeline, scope: Scope): unknown {
  let value: unknown
  let piped = false
  for (const command of pipeline.commands) {
    value = evaluateCommand(run, command, scope, piped ? [value] : [])
    piped = true
  }
  const [declared] = pipeline.declare ?? []
  if (declared !== undefined) scope.variables.set(declared, { value })
  if (pipeline.assign !== undefined) {
    const variable = scope.variables.get(pipeline.assign)
    if (variable === undefined)
      throw new GoTemplateError(`undefined variable ${JSON.stringify(pipeline.assign)}`)
    variable.value = value
  }
  return value
}

function evaluateCommand(run: Run, terms: readonly Term[], scope: Scope, piped: unknown[]): unknown {
  const [first, ...rest] = terms
  if (first === undefined) throw new GoTemplateError('missing value for command')
  if (first.kind === 'function') {
    const args = (term: Term) => () => evaluateTerm(run, term, scope)
    return callFunction(first.name, [...rest.map(args), ...piped.map((value) => () => value)])
  }
  if (rest.length > 0 || piped.length > 0)
    throw new GoTemplateError(`can't give argument to non-function ${first.kind}`)
  return evaluateTerm(run, first, scope)
}

function callFunction(name: string, args: (() => unknown)[]): unknown {
  const known = templateFunctions[name]
  if (known === undefined) throw new GoTemplateError(`function ${JSON.stringify(name)} not defined`)
  return known(...args)
}

function evaluateTerm(run: Run, term: Term, scope: Scope): unknown {
  switch (term.kind) {
    case 'dot':
      return scope.dot
    case 'literal':
      return term.value
    case 'function':
      return callFunction(term.name, [])
    case 'field':
      return fields(run, scope.dot, term.path)
    case 'variable': {
      const variable = scope.variables.get(term.name)
      if (variable === undefined) throw new GoTemplateError(`undefined variable ${JSON.stringify(term.name)}`)
      return fields(run, variable.value, term.path)
    }
    case 'pipeline':
      return fields(run, evaluate(run, term.pipeline, scope), term.path)
  }
}

function fields(run: Run, start: unknown, path: readonly string[]): unknown {
  let value = start
  for (const name of path) {
    if (value === null || value === undefined) {
      if (run.allowMissing) return undefined
      throw new GoTemplateError(`nil data; no entry for key ${JSON.stringify(name)}`)
    }
    if (typeof value !== 'object' || Array.isArray(value))
      throw new GoTemplateError(`can't evaluate field ${name} in type ${typeName(value)}`)
    const map = value as Record<string, unknown>
    if (!Object.hasOwn(map, name) && !run.allowMissing)
      throw new GoTemplateError(`map has no entry for key ${JSON.stringify(name)}`)
    value = Object.hasOwn(map, name) ? map[name] : undefined
  }
  return value
}

function typeName(value: unknown): string {
  return Array.isArray(value)
    ? '[]interface {}'
    : typeof value === 'number'
      ? 'float64'
      : typeof value === 'boolean'
        ? 'bool'
        : 'string'
}
