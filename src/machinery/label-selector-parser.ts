import { quote } from './errors.ts'
import { type LabelOperator, type LabelRequirement, requirementProblem } from './label-requirement.ts'
import { labelKeyProblems } from './names.ts'

/** The grammar of label selectors, with the messages of `k8s.io/apimachinery/pkg/labels`. */

type Token = { type: 'word' | 'symbol' | 'end'; text: string }

const symbols = /^(?:==|!=|[=!(),<>])/
const word = /^[^=!(),<>\s]+/
const operators: Record<string, LabelOperator> = {
  in: 'in',
  notin: 'notin',
  '=': '=',
  '==': '==',
  '!=': '!=',
  '>': 'gt',
  '<': 'lt',
}
const operatorNames = 'in, notin, =, ==, !=, gt, lt'

class SelectorSyntaxError extends Error {
  override readonly name = 'SelectorSyntaxError'
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let rest = text.trimStart()
  while (rest !== '') {
    const symbol = symbols.exec(rest)
    const found = (symbol ?? word.exec(rest))?.[0] ?? rest
    tokens.push({ type: symbol === null ? 'word' : 'symbol', text: found })
    rest = rest.slice(found.length).trimStart()
  }
  return tokens
}

interface Cursor {
  peek(): Token
  next(): Token
}

function cursorOver(tokens: Token[]): Cursor {
  let at = 0
  const end: Token = { type: 'end', text: '' }
  return { peek: () => tokens[at] ?? end, next: () => tokens[at++] ?? end }
}

function isSymbol(token: Token, text: string): boolean {
  return token.type === 'symbol' && token.text === text
}

function startsRequirement(token: Token): boolean {
  return token.type === 'word' || isSymbol(token, '!')
}

export function readSelector(text: string): { requirements: LabelRequirement[] } | { problem: string } {
  try {
    return { requirements: readRequirements(cursorOver(tokensOf(text))) }
  } catch (error) {
    if (error instanceof SelectorSyntaxError) return { problem: error.message }
    throw error
  }
}

function readRequirements(cursor: Cursor): LabelRequirement[] {
  const requirements: LabelRequirement[] = []
  if (cursor.peek().type === 'end') return requirements
  if (!startsRequirement(cursor.peek())) {
    throw new SelectorSyntaxError(
      `found '${cursor.peek().text}', expected: !, identifier, or 'end of string'`,
    )
  }
  for (;;) {
    requirements.push(readRequirement(cursor))
    const after = cursor.next()
    if (after.type === 'end') return requirements
    if (!isSymbol(after, ',')) {
      throw new SelectorSyntaxError(`found '${after.text}', expected: ',' or 'end of string'`)
    }
    if (!startsRequirement(cursor.peek())) {
      throw new SelectorSyntaxError(`found '${cursor.peek().text}', expected: identifier after ','`)
    }
  }
}

function readRequirement(cursor: Cursor): LabelRequirement {
  const fail = (problem: string) => new SelectorSyntaxError(`unable to parse requirement: ${problem}`)
  const absent = isSymbol(cursor.peek(), '!')
  if (absent) cursor.next()
  const key = cursor.next()
  if (key.type !== 'word') throw fail(`found '${key.text}', expected: identifier`)
  const problems = labelKeyProblems(key.text)
  if (problems.length > 0) throw fail(`<nil>: Invalid value: ${quote(key.text)}: ${problems.join('; ')}`)
  const next = cursor.peek()
  if (absent) return { key: key.text, operator: '!', values: [] }
  if (next.type === 'end' || isSymbol(next, ',')) return { key: key.text, operator: 'exists', values: [] }
  const sign = cursor.next()
  const operator = operators[sign.text]
  if (operator === undefined) throw fail(`found '${sign.text}', expected: ${operatorNames}`)
  const values =
    operator === 'in' || operator === 'notin' ? readValues(cursor, fail) : [readValue(cursor, fail)]
  const requirement: LabelRequirement = { key: key.text, operator, values: [...new Set(values)].sort() }
  const problem = requirementProblem(requirement)
  if (problem !== undefined) throw fail(problem)
  return requirement
}

type Fail = (problem: string) => SelectorSyntaxError

function readValue(cursor: Cursor, fail: Fail): string {
  const token = cursor.peek()
  if (token.type === 'end' || isSymbol(token, ',')) return ''
  cursor.next()
  if (token.type !== 'word') throw fail(`found '${token.text}', expected: identifier`)
  return token.text
}

/** `(a,b)`; an empty place between commas, or between the parentheses, is the empty value. */
function readValues(cursor: Cursor, fail: Fail): string[] {
  const open = cursor.next()
  if (!isSymbol(open, '(')) throw fail(`found '${open.text}' expected: '('`)
  const values: string[] = []
  if (isSymbol(cursor.peek(), ')')) {
    cursor.next()
    return ['']
  }
  const first = cursor.peek()
  if (first.type !== 'word' && !isSymbol(first, ',')) {
    throw fail(`found '${first.text}', expected: ',', ')' or identifier`)
  }
  for (;;) {
    const token = cursor.peek()
    if (token.type === 'word') values.push(cursor.next().text)
    else if (isSymbol(token, ',') || isSymbol(token, ')')) values.push('')
    else throw fail(`found '${token.text}', expected: ',', or identifier`)
    const after = cursor.next()
    if (isSymbol(after, ')')) return values
    if (!isSymbol(after, ',')) throw fail(`found '${after.text}', expected: ',' or ')'`)
  }
}
