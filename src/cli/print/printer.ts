import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { KubeObject } from '../../machinery/object.ts'
import { CliError, fileProblem, messageOf } from '../errors.ts'
import type { Flag, Parsed } from '../parse/flags.ts'
import { formatJson } from './format-json.ts'
import { formatYaml } from './format-yaml.ts'
import { formatGoSyntax } from './go-syntax.ts'
import { compileJsonPath, findJsonPath } from './json-path.ts'

/** `-o` of everything but human tables (cli.md §0.3). */

export interface PrintedObject extends KubeObject {
  items?: unknown[]
}

export interface ObjectPrinter {
  /** Also `name`, which says nothing of the operation. */
  format: string
  /** Text of one object; `first` is false for the second and following ones of a run. */
  print(object: PrintedObject, first: boolean): string
}

export const printFlags: readonly Flag[] = [
  {
    name: 'output',
    short: 'o',
    kind: 'string',
    help: 'Form of the output: json, yaml, name, jsonpath=…, go-template=… and their -file forms.',
  },
  { name: 'template', kind: 'string', help: 'Template text, or its file, for the template forms of -o.' },
  {
    name: 'allow-missing-template-keys',
    kind: 'bool',
    default: true,
    help: 'Ignore fields that a template names and an object lacks.',
  },
  { name: 'show-managed-fields', kind: 'bool', help: 'Keep metadata.managedFields in JSON and YAML.' },
]

const common = [
  'go-template',
  'go-template-file',
  'json',
  'jsonpath',
  'jsonpath-as-json',
  'jsonpath-file',
  'kyaml',
  'name',
  'template',
  'templatefile',
  'yaml',
]

export interface PrinterOptions {
  /** Further formats that the command itself prints, for the message about an unknown one. */
  extra?: readonly string[]
  /** Keys keep the server's order, as Go prints objects whose type it knows. */
  typed?: boolean
  cwd: string
}

function withoutManagedFields<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  const object = value as unknown as PrintedObject
  const { managedFields: _, ...metadata } = object.metadata ?? {}
  return {
    ...object,
    ...(object.metadata === undefined ? {} : { metadata }),
    ...(Array.isArray(object.items) ? { items: object.items.map(withoutManagedFields) } : {}),
  } as T
}

export function unknownFormat(format: string, extra: readonly string[] = []): CliError {
  const allowed = [...common, ...extra].sort().join(',')
  return new CliError(
    `unable to match a printer suitable for the output format ${JSON.stringify(format)}, allowed formats are: ${allowed}`,
  )
}

/** `imagestream.image.openshift.io/x` from an object alone. */
export function objectName(object: PrintedObject): string {
  const apiVersion = object.apiVersion ?? ''
  const group = apiVersion.includes('/') ? apiVersion.slice(0, apiVersion.indexOf('/')) : ''
  const kind = (object.kind ?? '').toLowerCase()
  return `${kind || '<unknown>'}${group === '' ? '' : `.${group}`}/${object.metadata?.name ?? ''}`
}

interface Template {
  format: string
  text: string
}

async function readTemplate(flags: Parsed, options: PrinterOptions): Promise<Template> {
  const output = flags.string('output')
  const equals = output.indexOf('=')
  let format = equals === -1 ? output : output.slice(0, equals)
  let text = equals === -1 ? flags.string('template') : output.slice(equals + 1)
  if (format === '' && text !== '') format = 'go-template'
  const fromFile = format === 'jsonpath-file' || format === 'go-template-file' || format === 'templatefile'
  if (fromFile && text !== '') {
    try {
      text = await readFile(resolve(options.cwd, text), 'utf8')
    } catch (error) {
      throw new CliError(`error reading --template ${text}, ${fileProblem(error, text)}`)
    }
  }
  return { format, text }
}

/** Several YAML documents are parted by `---`. */
function yamlPrinter(show: <T>(value: T) => T): ObjectPrinter {
  return { format: 'yaml', print: (object, first) => `${first ? '' : '---\n'}${formatYaml(show(object))}` }
}

/** undefined when -o asks for none of the common forms. Throws CliError for unknown forms and bad templates. */
export async function createPrinter(
  flags: Parsed,
  options: PrinterOptions,
): Promise<ObjectPrinter | undefined> {
  const { format, text } = await readTemplate(flags, options)
  const show = flags.bool('show-managed-fields') ? <T>(value: T) => value : withoutManagedFields
  const allowMissing = flags.bool('allow-missing-template-keys')
  switch (format) {
    case '':
      return undefined
    case 'json':
      return { format, print: (object) => formatJson(show(object), { typed: options.typed === true }) }
    case 'yaml':
      return yamlPrinter(show)
    case 'kyaml': {
      const { formatKyaml } = await import('./format-kyaml.ts')
      return { format, print: (object) => formatKyaml(show(object)) }
    }
    case 'name':
      return { format, print: (object) => nameLines(object) }
    case 'jsonpath':
    case 'jsonpath-file':
    case 'jsonpath-as-json':
      return jsonPathPrinter(format, text, allowMissing)
    case 'go-template':
    case 'go-template-file':
    case 'template':
    case 'templatefile': {
      if (text === '') throw new CliError('template format specified but no template given')
      const { compileGoTemplate } = await import('./go-template.ts')
      const run = compiled(
        () => compileGoTemplate(text, { allowMissing }),
        `template ${text}, template: output:1: `,
      )
      return { format, print: (object) => runTemplate(run, object, text) }
    }
    default:
      if (options.extra?.includes(format)) return undefined
      throw unknownFormat(format, options.extra)
  }
}

function nameLines(object: PrintedObject): string {
  if (Array.isArray(object.items))
    return object.items.map((item) => nameLines(item as PrintedObject)).join('')
  return `${objectName(object)}\n`
}

function jsonPathPrinter(format: string, text: string, allowMissing: boolean): ObjectPrinter {
  if (text === '') throw new CliError('template format specified but no template given')
  const compile = (): ((value: unknown) => string) =>
    format === 'jsonpath-as-json'
      ? (value) => formatJson(findJsonPath(text, value, { allowMissing }))
      : compileJsonPath(text, { allowMissing })
  const run = compiled(compile, `jsonpath ${text}, `)
  return { format, print: (object) => runJsonPath(run, object, text) }
}

function compiled<T>(compile: () => T, where: string): T {
  try {
    return compile()
  } catch (error) {
    throw new CliError(`error parsing ${where}${messageOf(error)}`)
  }
}

/** What a template can't do with an object is told together with the template. */
function runTemplate(run: (value: unknown) => string, object: PrintedObject, template: string): string {
  try {
    return run(object)
  } catch (error) {
    throw new CliError(`error executing template ${JSON.stringify(template)}: ${messageOf(error)}`)
  }
}

/** As for templates, and with the object. */
function runJsonPath(run: (value: unknown) => string, object: PrintedObject, template: string): string {
  try {
    return run(object)
  } catch (error) {
    const lines = [
      `Error executing template: ${messageOf(error)}. Printing more information for debugging the template:`,
      '\ttemplate was:',
      `\t\t${template}`,
      '\tobject given to jsonpath engine was:',
      `\t\t${formatGoSyntax(object)}`,
    ]
    throw new CliError(`error executing jsonpath ${JSON.stringify(template)}: ${lines.join('\n')}\n\n\n`)
  }
}
