import { type Document, parseAllDocuments, parseDocument, stringify } from 'yaml'

/** YAML that can't be read; the message says where. */
export class YamlSyntaxError extends Error {
  override readonly name = 'YamlSyntaxError'
  /** Without what it was read for. */
  readonly detail: string

  constructor(detail: string, options: { cause: unknown }) {
    super(`error converting YAML to JSON: ${detail}`, options)
    this.detail = detail
  }
}

/** How many times aliases may multiply what they stand for. */
const maxAliases = 100

const options = {
  schema: 'core',
  version: '1.2',
  uniqueKeys: false,
  prettyErrors: false,
  merge: true,
} as const

/** One document as JSON data: keys are strings, there are no dates. Throws a YamlSyntaxError. */
export function parseYaml(text: string): unknown {
  return readYaml(text, () => toData(parseDocument(text, options)))
}

/** Every document of a stream, empty ones left out. */
export function parseYamlDocuments(text: string): unknown[] {
  return readYaml(text, () => {
    const documents: readonly Document[] = [...parseAllDocuments(text, options)]
    return documents.map(toData).filter((data) => data !== null)
  })
}

function toData(document: Document): unknown {
  const [error] = document.errors
  if (error !== undefined) throw error
  return toJson(document.toJS({ maxAliasCount: maxAliases }))
}

/** Whatever goes wrong is the text's fault: too many aliases, nested too deeply for the stack. */
function readYaml<T>(text: string, read: () => T): T {
  try {
    return read()
  } catch (cause) {
    const { message, pos } = cause as Error & { pos?: readonly number[] }
    const line = pos?.[0] === undefined ? '' : `line ${text.slice(0, pos[0]).split('\n').length}: `
    throw new YamlSyntaxError(`yaml: ${line}${message}`, { cause })
  }
}

/** What JSON can't say becomes what it can; also unties values that aliases share. */
function toJson(value: unknown): unknown {
  return value === undefined ? null : (JSON.parse(JSON.stringify(value)) as unknown)
}

/** Block form with sorted keys, lists not indented and nothing folded: how Kubernetes' own printer writes it. */
export function formatYaml(value: unknown): string {
  return stringify(value, {
    indentSeq: false,
    lineWidth: 0,
    sortMapEntries: true,
    version: '1.1',
    aliasDuplicateObjects: false,
    defaultStringType: 'PLAIN',
  })
}
