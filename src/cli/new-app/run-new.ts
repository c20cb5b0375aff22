import { randomBytes } from 'node:crypto'
import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { CliError, ExitError, messageOf } from '../errors.ts'
import { visible } from '../io.ts'
import type { Flag } from '../parse/flags.ts'
import { createPrinter, objectName, printFlags } from '../print/printer.ts'
import { apiErrorLine } from '../report-error.ts'
import { localResource } from '../resources/local-resource.ts'
import { describeFound, hasService } from './describe-found.ts'
import { defaultLabels, type GenerateOptions, generateObjects } from './generate.ts'
import { listOffers } from './list-offers.ts'
import { type PartsPlan, planParts } from './plan-parts.ts'
import { describeTemplate, isTemplateFile, readTemplates, type TemplateFile } from './template-file.ts'

/** What `new-app` and `new-build` share (cli.md §18). */
export const newFlags: readonly Flag[] = [
  ...printFlags,
  { name: 'allow-missing-imagestream-tags', kind: 'bool', help: 'Take stream tags that have no image yet.' },
  { name: 'code', kind: 'list', help: 'Sources: URLs of repositories, or folders.' },
  { name: 'docker-image', kind: 'list', hidden: true, help: 'Older name of --image.' },
  { name: 'dry-run', kind: 'bool', help: 'Show what would be made; make nothing.' },
  { name: 'env', short: 'e', kind: 'array', help: 'A variable, as NAME=VALUE.' },
  { name: 'image', kind: 'list', help: 'Images in registries.' },
  { name: 'image-stream', short: 'i', kind: 'list', help: 'Tags of image streams.' },
  { name: 'insecure-registry', kind: 'bool', help: 'The registry may speak HTTP.' },
  { name: 'labels', short: 'l', kind: 'list', help: 'Labels of everything that is made, as NAME=VALUE.' },
  { name: 'name', kind: 'string', help: 'Name of everything that is made.' },
  { name: 'strategy', kind: 'string', help: 'How sources are built: docker or source.' },
]

export interface NewKind {
  /** Makes what runs, not only builds. */
  runs: boolean
  generatedBy: GenerateOptions['generatedBy']
}

export async function runNew(context: CommandContext, kind: NewKind): Promise<void> {
  const { flags, io, args } = context
  const strategy = flags.string('strategy')
  if (!['', 'docker', 'source'].includes(strategy))
    throw new CliError(`invalid strategy ${JSON.stringify(strategy)}: it is docker or source`)
  if (kind.runs && (flags.bool('list') || flags.bool('search'))) {
    io.stdout.write(visible(await listOffers(context, flags.bool('list') ? ['*'] : args)))
    return
  }
  const templates = kind.runs ? await findTemplates(context) : []
  if (templates.length > 0) return deployTemplates(context, templates)
  const plan = await planParts(context)
  if (!kind.runs && plan.groups.flat().some(({ part }) => part.source === undefined))
    throw new CliError('sources are needed beside each image, as IMAGE~SOURCE or with --code')
  const { objects, labelText } = toObjects(context, plan, kind)
  const printer = await createPrinter(flags, { cwd: io.cwd, typed: true })
  if (printer !== undefined) {
    const list = { kind: 'List', apiVersion: 'v1', metadata: {}, items: objects }
    io.stdout.write(printer.print(list as unknown as KubeObject, true))
    return
  }
  for (const { part, term } of plan.groups.flat())
    io.stdout.write(visible(describeFound(part, term, io.now())))
  io.stdout.write(`--> Creating resources${labelText} ...\n`)
  if (!(await createAll(context, objects))) {
    io.stdout.write('--> Failed\n')
    throw new ExitError(1)
  }
  io.stdout.write(`--> Success${flags.bool('dry-run') ? ' (dry run)' : ''}\n${hints(plan, kind)}`)
}

/** Those of --file, and words of the command line that are files with one. */
async function findTemplates(context: CommandContext): Promise<TemplateFile[]> {
  const { args, io } = context
  const words: string[] = []
  for (const word of args) if (await isTemplateFile(word, io.cwd)) words.push(word)
  return readTemplates(context, words)
}

function isAlone({ flags, args }: CommandContext, templates: readonly TemplateFile[]): boolean {
  const files = templates.map(({ file }) => file)
  const lists = ['image', 'docker-image', 'image-stream', 'code', 'env']
  return args.every((word) => files.includes(word)) && lists.every((name) => flags.list(name).length === 0)
}

async function deployTemplates(context: CommandContext, templates: readonly TemplateFile[]): Promise<void> {
  const { flags, io, session } = context
  if (!isAlone(context, templates))
    throw new CliError('templates are deployed by themselves, without images and sources')
  const given = flags.list('labels').map((text) => text.split('=') as [string, string])
  const objects = templates.flatMap(({ template, objects: own }) => {
    const labels = given.length > 0 ? Object.fromEntries(given) : { app: template.metadata.name ?? '' }
    return own.map((object) => ({
      ...object,
      metadata: {
        ...object.metadata,
        labels: { ...labels, ...object.metadata.labels },
        annotations: { ...object.metadata.annotations, 'openshift.io/generated-by': 'OpenShiftNewApp' },
      },
    }))
  })
  const printer = await createPrinter(flags, { cwd: io.cwd, typed: true })
  if (printer !== undefined) {
    const list = { kind: 'List', apiVersion: 'v1', metadata: {}, items: objects }
    io.stdout.write(printer.print(list as unknown as KubeObject, true))
    return
  }
  const namespace = await session.namespace()
  for (const one of templates) io.stdout.write(visible(describeTemplate(one, namespace)))
  const labelText = given.length > 0 ? ` with label ${flags.list('labels').join(',')}` : ''
  io.stdout.write(`--> Creating resources${labelText} ...\n`)
  if (!(await createAll(context, objects))) {
    io.stdout.write('--> Failed\n')
    throw new ExitError(1)
  }
  const suffix = flags.bool('dry-run') ? ' (dry run)' : ''
  io.stdout.write(`--> Success${suffix}\n    Run 'oc status' to view your app.\n`)
}

function toObjects({ flags }: CommandContext, plan: PartsPlan, { runs, generatedBy }: NewKind) {
  const given = flags.list('labels')
  const groups = plan.groups.map((group) => group.map(({ part }) => part))
  const labels =
    given.length > 0
      ? Object.fromEntries(given.map((text) => text.split('=') as [string, string]))
      : defaultLabels(groups[0]?.[0]?.name ?? '')
  const options: GenerateOptions = {
    labels: runs || given.length > 0 ? labels : { build: groups[0]?.[0]?.name ?? '' },
    env: plan.env,
    asConfig: runs && flags.bool('as-deployment-config'),
    insecure: flags.bool('insecure-registry'),
    generatedBy,
    newSecret: () => randomBytes(15).toString('base64url'),
  }
  const labelText = given.length > 0 ? ` with label ${given.join(',')}` : ''
  return { objects: generateObjects(groups, options, runs), labelText }
}

/** False when one was refused; the others are made all the same. */
async function createAll(
  { flags, io, session }: CommandContext,
  objects: readonly KubeObject[],
): Promise<boolean> {
  let isWhole = true
  for (const object of objects) {
    const name = JSON.stringify(object.metadata.name)
    try {
      if (!flags.bool('dry-run')) {
        const rest = await session.rest()
        const path = resourcePath(localResource(object), await session.namespace())
        await rest.request({ method: 'POST', path, body: object })
      }
      const type = objectName(object).split('/')[0]
      io.stdout.write(`    ${type} ${name} created${flags.bool('dry-run') ? ' (dry run)' : ''}\n`)
    } catch (error) {
      isWhole = false
      const line = isApiError(error)
        ? apiErrorLine(error).replace(/^Error from server \(\w*\): /, '')
        : messageOf(error)
      io.stderr.write(`    error: ${visible(line)}\n`)
    }
  }
  return isWhole
}

function hints({ groups }: PartsPlan, { runs }: NewKind): string {
  const built = groups.flat().filter(({ part }) => (part.source?.uri ?? '') !== '')
  const logs = (name: string) => `oc logs -f buildconfig/${name}`
  if (!runs)
    return built
      .map(
        ({ part: { name } }) =>
          `    Build configuration ${JSON.stringify(name)} created and build triggered.\n    Run '${logs(name)}' to stream the build progress.\n`,
      )
      .join('')
  const builds = built.map(
    ({ part: { name } }) => `    Build scheduled, use '${logs(name)}' to track its progress.\n`,
  )
  const exposed = groups
    .filter((group) => hasService(group.map(({ part }) => part)))
    .map((group) => `     'oc expose service/${group[0]?.part.name}' \n`)
  const services =
    exposed.length === 0
      ? ''
      : `    Application is not exposed. You can expose services to the outside world by executing one or more of the commands below:\n${exposed.join('')}`
  return `${builds.join('')}${services}    Run 'oc status' to view your app.\n`
}
