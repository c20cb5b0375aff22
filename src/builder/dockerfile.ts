/** As much of Dockerfiles as a build must know: which images it needs, and its last FROM. */

export interface Instruction {
  /** Upper case. */
  word: string
  /** Its text with continued lines joined. */
  text: string
  /** Lines that it takes: the first, and the one after its last. */
  from: number
  to: number
}

export function parseDockerfile(text: string): Instruction[] {
  const lines = text.split(/\r?\n/)
  const continued = escapeOf(lines)
  const found: Instruction[] = []
  for (let at = 0; at < lines.length; ) {
    const from = at
    let joined = ''
    for (let more = true; more && at < lines.length; at++) {
      const line = lines[at] ?? ''
      if (isComment(line) || (line.trim() === '' && at > from)) continue
      more = line.trimEnd().endsWith(continued)
      joined += more ? `${line.trimEnd().slice(0, -1)} ` : line
    }
    const [, word = '', rest = ''] = /^\s*([A-Za-z]+)\s*([\s\S]*)$/.exec(joined) ?? []
    if (word !== '') found.push({ word: word.toUpperCase(), text: rest.trim(), from, to: at })
  }
  return found
}

const isComment = (line: string) => /^\s*#/.test(line)

/** `# escape=` in the first comments changes what continues a line. */
function escapeOf(lines: readonly string[]): string {
  for (const line of lines) {
    const directive = /^\s*#\s*(\w+)\s*=\s*(\S+)\s*$/.exec(line)
    if (directive === null) return '\\'
    if (directive[1]?.toLowerCase() === 'escape') return directive[2] ?? '\\'
  }
  return '\\'
}

/** The text with the image of its last FROM replaced; undefined where it has none. */
export function replaceLastFrom(text: string, image: string): string | undefined {
  const last = parseDockerfile(text).findLast(({ word }) => word === 'FROM')
  if (last === undefined) return undefined
  const { flags, rest } = splitFlags(last.text)
  const alias = /\s+(AS\s+\S+)\s*$/i.exec(rest)?.[1]
  const line = ['FROM', ...flags, image, ...(alias === undefined ? [] : [alias])].join(' ')
  const lines = text.split(/\r?\n/)
  return [...lines.slice(0, last.from), line, ...lines.slice(last.to)].join('\n')
}

/** The text with the variables set in each of its stages; a value of several lines can't be written there and is left out. */
export function withVariables(text: string, variables: readonly { name: string; value: string }[]): string {
  const lines = text.split(/\r?\n/)
  const escaping = escapeOf(lines)
  const words = variables
    .filter(({ name, value }) => /^[^\s="'`]+$/.test(name) && !/[\r\n]/.test(value))
    .map(
      ({ name, value }) =>
        `${name}="${value.replace(/[\\"$`]/g, (sign) => (needsEscape(sign, escaping) ? escaping + sign : sign))}"`,
    )
  if (words.length === 0) return text
  const after = new Set(parseDockerfile(text).flatMap(({ word, to }) => (word === 'FROM' ? [to] : [])))
  const added = `ENV ${words.join(' ')}`
  return (
    lines.flatMap((line, at) => (after.has(at) ? [added, line] : [line])).join('\n') +
    (after.has(lines.length) ? `\n${added}` : '')
  )
}

const needsEscape = (sign: string, escaping: string) => sign === '"' || sign === '$' || sign === escaping

/** Images that are needed to build it, each once, with arguments filled in; `scratch` and its own stages are none. */
export function neededImages(text: string, args: ReadonlyMap<string, string>): string[] {
  const known = new Map<string, string>()
  const stages = new Set<string>()
  const images = new Set<string>()
  let isFirstStage = true
  const add = (image: string, isStage: boolean) => {
    if (image === '' || image === 'scratch' || isStage) return
    images.add(image)
  }
  for (const { word, text: rest } of parseDockerfile(text)) {
    if (word === 'ARG' && isFirstStage) addDefaults(rest, args, known)
    if (word === 'FROM') {
      isFirstStage = false
      const [, image = '', alias] = /^(\S+)(?:\s+AS\s+(\S+))?/i.exec(splitFlags(rest).rest) ?? []
      const filled = fill(image, known)
      add(filled, stages.has(filled.toLowerCase()))
      if (alias !== undefined) stages.add(alias.toLowerCase())
    }
    if (word === 'COPY') {
      const from = splitFlags(rest).flags.find((flag) => flag.startsWith('--from='))
      const image = fill(from?.slice('--from='.length) ?? '', known)
      add(image, stages.has(image.toLowerCase()) || /^\d+$/.test(image))
    }
  }
  return [...images]
}

function splitFlags(text: string): { flags: string[]; rest: string } {
  const flags: string[] = []
  let rest = text
  for (let match = /^(--\S+)\s+/.exec(rest); match !== null; match = /^(--\S+)\s+/.exec(rest)) {
    flags.push(match[1] ?? '')
    rest = rest.slice(match[0].length)
  }
  return { flags, rest }
}

function addDefaults(text: string, args: ReadonlyMap<string, string>, known: Map<string, string>): void {
  for (const [, name = '', value] of text.matchAll(/([A-Za-z_]\w*)(?:=("[^"]*"|'[^']*'|\S*))?/g)) {
    const given = args.get(name) ?? value?.replace(/^(["'])(.*)\1$/, '$2')
    if (given !== undefined) known.set(name, fill(given, known))
  }
}

/** `$NAME`, `${NAME}`, `${NAME:-default}` and `${NAME:+other}`. */
function fill(text: string, known: ReadonlyMap<string, string>): string {
  return text.replace(
    /\$(?:(\w+)|\{(\w+)(?::([-+])([^}]*))?\})/g,
    (_all, plain?: string, braced?: string, sign?: string, other = '') => {
      const value = known.get(plain ?? braced ?? '') ?? ''
      if (sign === '-') return value === '' ? other : value
      if (sign === '+') return value === '' ? '' : other
      return value
    },
  )
}
