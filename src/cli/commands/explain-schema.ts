import { CliError } from '../errors.ts'

/** A type, or a field of it, in words (cli.md §0.10). Pure. */

export interface OpenApiSchema {
  $ref?: string
  allOf?: OpenApiSchema[]
  type?: string
  format?: string
  description?: string
  enum?: unknown[]
  items?: OpenApiSchema
  additionalProperties?: OpenApiSchema | boolean
  properties?: Record<string, OpenApiSchema>
  required?: string[]
  'x-kubernetes-group-version-kind'?: { group: string; version: string; kind: string }[]
}

type Schemas = Readonly<Record<string, OpenApiSchema>>

interface Gvk {
  group: string
  version: string
  kind: string
}

function refOf(schema: OpenApiSchema): string | undefined {
  const ref = schema.$ref ?? (schema.allOf?.length === 1 ? schema.allOf[0]?.$ref : undefined)
  return ref?.slice(ref.lastIndexOf('/') + 1)
}

function resolve(schemas: Schemas, schema: OpenApiSchema): OpenApiSchema {
  const ref = refOf(schema)
  return ref === undefined ? schema : (schemas[ref] ?? {})
}

/** The schema of what a list or a map holds, else the schema itself. */
function elementOf(schemas: Schemas, schema: OpenApiSchema): OpenApiSchema {
  const full = resolve(schemas, schema)
  if (full.items !== undefined) return elementOf(schemas, full.items)
  if (typeof full.additionalProperties === 'object') return elementOf(schemas, full.additionalProperties)
  return full
}

function typeName(schema: OpenApiSchema): string {
  const ref = refOf(schema)
  if (ref !== undefined) return ref.slice(ref.lastIndexOf('.') + 1)
  if (schema.items !== undefined) return `[]${typeName(schema.items)}`
  if (typeof schema.additionalProperties === 'object')
    return `map[string]${typeName(schema.additionalProperties)}`
  return schema.type === undefined || schema.type === 'object' ? 'Object' : schema.type
}

/** At most `limit` columns a line where words allow it; line ends of the text stay. */
export function wrap(text: string, limit: number): string {
  return text
    .split('\n')
    .map((line) => {
      const lines: string[] = []
      let current = ''
      for (const [, space = '', word = ''] of line.matchAll(/(\s*)(\S+)/g)) {
        if (current !== '' && current.length + space.length + word.length > limit && word.length < limit) {
          lines.push(current)
          current = word
        } else current += space + word
      }
      return [...lines, current].join('\n')
    })
    .join('\n')
}

const indent = (text: string) => text.replace(/^/gm, '    ')

function fieldLines(
  schemas: Schemas,
  schema: OpenApiSchema,
  depth: number,
  recursive: boolean,
  seen: ReadonlySet<string>,
): string {
  const properties = schema.properties ?? {}
  return Object.keys(properties)
    .sort()
    .map((name) => {
      const property = properties[name] as OpenApiSchema
      const required = schema.required?.includes(name) ? ' -required-' : ''
      const head = `${'  '.repeat(depth)}${name}\t<${typeName(property)}>${required}\n`
      if (!recursive) return `${head}${indent(wrap(property.description || '<no description>', 76))}\n\n`
      const inner = elementOf(schemas, property)
      const type = typeName(property)
      if (seen.has(type)) return head
      return head + fieldLines(schemas, inner, depth + 1, true, new Set([...seen, type]))
    })
    .join('')
}

function findKind(schemas: Schemas, gvk: Gvk): OpenApiSchema {
  const found = Object.values(schemas).find((schema) =>
    schema['x-kubernetes-group-version-kind']?.some(
      (one) => one.kind === gvk.kind && one.group === gvk.group && one.version === gvk.version,
    ),
  )
  if (found === undefined)
    throw new CliError(`couldn't find resource for "${gvk.group}/${gvk.version}, Kind=${gvk.kind}"`)
  return found
}

/** The type has no field of that name. */
export class NoFieldError extends CliError {
  override readonly name = 'NoFieldError'
}

/** The lines that name the type, and an empty one. */
export function typeLines({ group, kind, version }: Gvk): string {
  const head = group === '' ? '' : `GROUP:      ${group}\n`
  return `${head}KIND:       ${kind}\nVERSION:    ${version}\n\n`
}

/** Throws {@link NoFieldError}. */
export function explainSchema(
  schemas: Schemas,
  gvk: Gvk,
  path: readonly string[],
  recursive: boolean,
): string {
  let schema = findKind(schemas, gvk)
  let field: OpenApiSchema | undefined
  for (const name of path) {
    const next = elementOf(schemas, schema).properties?.[name]
    if (next === undefined) throw new NoFieldError(`field ${JSON.stringify(name)} does not exist`)
    field = next
    schema = next
  }
  const element = elementOf(schemas, schema)
  const texts = [field?.description, element === field ? undefined : element.description].filter(
    (text) => text,
  )
  const description = texts.length === 0 ? '<empty>' : texts.join('\n')
  const fields = fieldLines(schemas, element, 1, recursive, new Set())
  return [
    typeLines(gvk),
    field === undefined ? '' : `FIELD: ${path.at(-1)} <${typeName(field)}>\n\n\n`,
    `DESCRIPTION:\n${indent(`${wrap(description, 76)}\n`)}\n`,
    fields === '' ? '' : `FIELDS:\n${fields}`,
    '\n',
  ].join('')
}
