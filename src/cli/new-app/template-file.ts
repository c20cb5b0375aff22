import { randomInt } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { CommandContext } from '../command.ts'
import { CliError, fileProblem, messageOf } from '../errors.ts'
import type { Flag } from '../parse/flags.ts'
import { parseYaml } from '../parse/yaml.ts'
import { type FilledTemplate, fillTemplate, isTemplate, type Template } from './template.ts'

/** Templates that new-app is given as files. The client fills them in: Weir's server keeps and processes none. */

export const templateFlags: readonly Flag[] = [
  { name: 'file', short: 'f', kind: 'list', help: 'Files with templates.' },
  { name: 'ignore-unknown-parameters', kind: 'bool', help: 'Leave out parameters that no template has.' },
  { name: 'param', short: 'p', kind: 'array', help: 'A parameter of the templates, as NAME=VALUE.' },
  { name: 'param-file', kind: 'array', help: 'A file with parameters, NAME=VALUE a line.' },
]

export interface TemplateFile extends FilledTemplate {
  /** As it was named on the command line. */
  file: string
  template: Template
}

async function readTemplate(path: string, cwd: string): Promise<Template | undefined> {
  const text = await readFile(resolve(cwd, path), 'utf8')
  const value = await parseYaml(text).catch(() => undefined)
  return isTemplate(value) ? value : undefined
}

/** A word of the command line that is a file with a template. */
export async function isTemplateFile(word: string, cwd: string): Promise<boolean> {
  if (!/\.(json|ya?ml)$/.test(word)) return false
  return (await readTemplate(word, cwd).catch(() => undefined)) !== undefined
}

function addPair(pairs: Map<string, string>, text: string): void {
  const equals = text.indexOf('=')
  if (equals < 1) throw new CliError(`invalid parameter assignment in ${JSON.stringify(text)}`)
  pairs.set(text.slice(0, equals), text.slice(equals + 1))
}

async function readParameters({ flags, io }: CommandContext): Promise<Map<string, string>> {
  const pairs = new Map<string, string>()
  for (const path of flags.list('param-file')) {
    const text = await readFile(resolve(io.cwd, path), 'utf8').catch((error: unknown) => {
      throw new CliError(fileProblem(error, path))
    })
    for (const line of text.split(/\r?\n/))
      if (line.trim() !== '' && !line.startsWith('#')) addPair(pairs, line)
  }
  for (const text of flags.list('param')) addPair(pairs, text)
  return pairs
}

/** `words`: template files among the arguments. */
export async function readTemplates(
  context: CommandContext,
  words: readonly string[],
): Promise<TemplateFile[]> {
  const { flags, io } = context
  const files = [...words, ...flags.list('file')]
  const given = await readParameters(context)
  if (files.length === 0 && given.size > 0)
    throw new CliError('--param can only be used when instantiating a template')
  const found: TemplateFile[] = []
  for (const file of files) {
    const template = await readTemplate(file, io.cwd).catch((error: unknown) => {
      throw new CliError(fileProblem(error, file))
    })
    if (template === undefined)
      throw new CliError(`unable to load template file ${JSON.stringify(file)}: it holds no template`)
    try {
      const filled = fillTemplate(template, given, flags.bool('ignore-unknown-parameters'), randomInt)
      found.push({ file, template, ...filled })
    } catch (error) {
      throw new CliError(
        `processing template ${JSON.stringify(template.metadata?.name ?? '')}: ${messageOf(error)}`,
      )
    }
  }
  return found
}

/** What is told before the objects are made. */
export function describeTemplate(found: TemplateFile, namespace: string): string {
  const { template, file, parameters, message } = found
  const { name = '', annotations = {} } = template.metadata
  const head = `--> Deploying template ${JSON.stringify(`${namespace}/${name}`)} for ${JSON.stringify(file)} to project ${namespace}\n\n`
  const description = annotations.description ?? ''
  const title = annotations['openshift.io/display-name'] ?? name
  const texts = [description, message].filter((text) => text !== '').map((text) => `     ${text}\n\n`)
  const about = texts.length === 0 ? '' : `     ${title}\n     ---------\n${texts.join('')}`
  const rows = parameters.map(
    ({ name: own, displayName, value, generate }) =>
      `        * ${displayName || own}=${value}${generate ? ' # generated' : ''}\n`,
  )
  const list = rows.length === 0 ? '' : `     * With parameters:\n${rows.join('')}\n`
  return `${head}${about}${list}`
}
