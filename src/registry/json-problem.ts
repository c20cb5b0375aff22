/** Why bytes are no JSON that two readers would read alike. */
export type JsonProblem =
  /** As Go's decoder counts: bytes read when the error was noticed. */
  { kind: 'syntax'; offset: number } | { kind: 'duplicate'; key: string } | { kind: 'depth' }

const maxDepth = 200

const quoteByte = 0x22
const backslash = 0x5c
const openBrace = 0x7b
const closeBrace = 0x7d
const openBracket = 0x5b
const closeBracket = 0x5d
const comma = 0x2c
const colon = 0x3a

class Found extends Error {
  readonly problem: JsonProblem
  constructor(problem: JsonProblem) {
    super(problem.kind)
    this.problem = problem
  }
}

const isSpace = (byte: number | undefined): boolean =>
  byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09
const isDigit = (byte: number | undefined): boolean => byte !== undefined && byte >= 0x30 && byte <= 0x39
const isHex = (byte: number | undefined): boolean =>
  byte !== undefined && /[0-9a-fA-F]/.test(String.fromCharCode(byte))

/**
 * Checks a document strictly, without recursion: syntax, nesting, and that no object names a key twice, where one reader
 * would take the first and another the last (threats.md row 6). undefined when all is well.
 */
export function findJsonProblem(bytes: Uint8Array): JsonProblem | undefined {
  try {
    scan(bytes)
    return undefined
  } catch (error) {
    if (error instanceof Found) return error.problem
    throw error
  }
}

function scan(bytes: Uint8Array): void {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  /** The keys seen of each object that is open; undefined stands for an array. */
  const open: (Set<string> | undefined)[] = []
  let at = 0

  const wrong = (): never => {
    throw new Found({ kind: 'syntax', offset: Math.min(at + 1, bytes.length) })
  }
  const skipSpace = (): void => {
    while (isSpace(bytes[at])) at++
  }
  const expect = (byte: number): void => {
    if (bytes[at] !== byte) wrong()
    at++
  }

  function skipEscape(): void {
    at++
    const byte = bytes[at]
    if (byte === 0x75) {
      for (let digit = 0; digit < 4; digit++) {
        at++
        if (!isHex(bytes[at])) wrong()
      }
    } else if (byte === undefined || !'"\\/bfnrt'.includes(String.fromCharCode(byte))) wrong()
    at++
  }

  function string(): string {
    const start = at
    let isPlain = true
    expect(quoteByte)
    for (;;) {
      const byte = bytes[at]
      if (byte === undefined || byte < 0x20) wrong()
      if (byte === quoteByte) break
      if (byte === backslash) {
        isPlain = false
        skipEscape()
      } else at++
    }
    at++
    const raw = text.toString('utf8', start, at)
    return isPlain ? raw.slice(1, -1) : (JSON.parse(raw) as string)
  }

  /** Over a string that is no key: nothing of it is kept. */
  function skipString(): void {
    expect(quoteByte)
    for (;;) {
      const byte = bytes[at]
      if (byte === undefined || byte < 0x20) wrong()
      if (byte === quoteByte) break
      if (byte === backslash) skipEscape()
      else at++
    }
    at++
  }

  const digits = (): void => {
    if (!isDigit(bytes[at])) wrong()
    while (isDigit(bytes[at])) at++
  }

  function number(): void {
    if (bytes[at] === 0x2d) at++
    if (bytes[at] === 0x30) at++
    else digits()
    if (bytes[at] === 0x2e) {
      at++
      digits()
    }
    if (bytes[at] === 0x65 || bytes[at] === 0x45) {
      at++
      if (bytes[at] === 0x2b || bytes[at] === 0x2d) at++
      digits()
    }
  }

  function literal(word: string): void {
    for (const character of word) expect(character.charCodeAt(0))
  }

  function key(keys: Set<string>): void {
    skipSpace()
    const name = string()
    if (keys.has(name)) throw new Found({ kind: 'duplicate', key: name })
    keys.add(name)
    skipSpace()
    expect(colon)
  }

  /** Reads up to where a value ends or an opened one begins; true when it opened one. */
  function value(): boolean {
    skipSpace()
    const byte = bytes[at]
    if (byte === openBrace || byte === openBracket) {
      at++
      open.push(byte === openBrace ? new Set() : undefined)
      if (open.length > maxDepth) throw new Found({ kind: 'depth' })
      return true
    }
    if (byte === quoteByte) skipString()
    else if (byte === 0x2d || isDigit(byte)) number()
    else if (byte === 0x74) literal('true')
    else if (byte === 0x66) literal('false')
    else literal('null')
    return false
  }

  const closing = (): number => (open.at(-1) === undefined ? closeBracket : closeBrace)

  /** After an opening bracket: closed at once, or ready for the first value. */
  function begin(): boolean {
    skipSpace()
    if (bytes[at] === closing()) return false
    const keys = open.at(-1)
    if (keys !== undefined) key(keys)
    return true
  }

  let opened = value()
  while (open.length > 0) {
    if (opened) {
      if (begin()) {
        opened = value()
        continue
      }
    }
    skipSpace()
    if (bytes[at] === comma) {
      at++
      const keys = open.at(-1)
      if (keys !== undefined) key(keys)
      opened = value()
    } else {
      expect(closing())
      open.pop()
      opened = false
    }
  }
  skipSpace()
  if (at < bytes.length) wrong()
}
