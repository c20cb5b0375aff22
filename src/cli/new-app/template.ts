import type { KubeObject } from '../../machinery/object.ts'
import { CliError } from '../errors.ts'

/** Filling in a template (template.openshift.io): parameters into its objects. Pure but for `random`. */

export interface Parameter {
  name: string
  displayName?: string
  value?: string
  generate?: string
  from?: string
  required?: boolean
}

export interface Template extends KubeObject {
  message?: string
  labels?: Record<string, string>
  parameters?: Parameter[] | null
  objects?: KubeObject[] | null
}

export interface FilledTemplate {
  objects: KubeObject[]
  /** With their values. */
  parameters: Parameter[]
  message: string
}

export function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null && (value as KubeObject).kind === 'Template'
}

const classes: Readonly<Record<string, string>> = {
  '\\w': 'a-zA-Z0-9_',
  '\\d': '0-9',
  '\\a': 'a-zA-Z0-9',
  '\\A': '~!@#$%^&*()-_+={}[]\\|<,>.?/"\';:`',
}

function alphabet(set: string): string {
  const wide = set.replace(/\\[wdaA]/g, (name) => classes[name] ?? name)
  return wide.replace(/(\w)-(\w)/g, (_, from: string, to: string) => {
    const [first, last] = [from.charCodeAt(0), to.charCodeAt(0)]
    if (last < first) throw new CliError(`invalid range specified: ${from}-${to}`)
    return String.fromCharCode(...Array.from({ length: last - first + 1 }, (_, i) => first + i))
  })
}

/** `[a-z]{8}` and the like become that many characters of the set. `random(n)`: below n. */
export function generateValue(from: string, random: (below: number) => number): string {
  return from.replace(/(?:\[((?:\\.|[^\]\\])+)\]|(\\[wdaA]))\{(\d+)\}/g, (_, set, short, count) => {
    const length = Number(count)
    if (length < 1 || length > 255) throw new CliError(`range must be within [1-255] characters (${length})`)
    const letters = alphabet((set ?? short) as string)
    return Array.from({ length }, () => letters[random(letters.length)]).join('')
  })
}

function chooseValue(parameter: Parameter, random: (below: number) => number): string {
  const { name, value = '', generate = '', from = '', required = false } = parameter
  if (value !== '') return value
  if (generate === 'expression') return generateValue(from, random)
  if (generate !== '')
    throw new CliError(`template.parameters: unknown generator name '${generate}' for parameter ${name}`)
  if (required) throw new CliError(`template.parameters: parameter ${name} is required and must be specified`)
  return ''
}

const whole = /^\$\{\{([a-zA-Z0-9_]+)\}\}$/
const inner = /\$\{([a-zA-Z0-9_]+)\}/g

function fillText(text: string, values: ReadonlyMap<string, string>): unknown {
  const only = whole.exec(text)
  const value = only === null ? undefined : values.get(only[1] as string)
  if (value !== undefined) {
    try {
      return JSON.parse(value)
    } catch {
      return value
    }
  }
  return text.replace(inner, (all, name: string) => values.get(name) ?? all)
}

/** `${NAME}` within texts and keys; a text that is `${{NAME}}` alone becomes what the value is as JSON. */
function fill(value: unknown, values: ReadonlyMap<string, string>): unknown {
  if (typeof value === 'string') return fillText(value, values)
  if (Array.isArray(value)) return value.map((one) => fill(one, values))
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, one]) => [String(fillText(key, values)), fill(one, values)]),
  )
}

/** `given` replaces the template's own values. Throws CliError for names that it lacks and for what is required. */
export function fillTemplate(
  template: Template,
  given: ReadonlyMap<string, string>,
  ignoreUnknown: boolean,
  random: (below: number) => number,
): FilledTemplate {
  const own = template.parameters ?? []
  const unknown = [...given.keys()].find((name) => !own.some((one) => one.name === name))
  if (unknown !== undefined && !ignoreUnknown)
    throw new CliError(`unexpected parameter name ${JSON.stringify(unknown)}`)
  const parameters = own.map((one) => {
    const value = given.get(one.name)
    const { generate: _, ...fixed } = one
    return value === undefined ? { ...one, value: chooseValue(one, random) } : { ...fixed, value }
  })
  const values = new Map(parameters.map(({ name, value }) => [name, value]))
  const labels = (template.labels === undefined ? {} : fill(template.labels, values)) as Record<
    string,
    string
  >
  const objects = (template.objects ?? []).map((object) => {
    const filled = fill(object, values) as KubeObject
    // A namespace written out in a template is where its author worked, not where it is wanted.
    const { namespace: _, ...metadata } = filled.metadata ?? {}
    return { ...filled, metadata: { ...metadata, labels: { ...metadata.labels, ...labels } } } as KubeObject
  })
  return { objects, parameters, message: String(fill(template.message ?? '', values)) }
}
