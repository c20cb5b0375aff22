import { type Query, resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext, Entry, Group } from '../command.ts'
import { CliError, throwCollected, UsageError } from '../errors.ts'
import { withSource } from '../errors-from-file.ts'
import { type DryRun, readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag, fieldManagerFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { sortKeys } from '../print/format-json.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { type MappedObject, mapObject } from '../resources/file-targets.ts'
import { readObjects } from '../resources/files.ts'
import { withLastApplied } from '../resources/last-applied.ts'

/** `create -f` (cli.md §7.1), and the group of the generators. */

export const saveConfigFlag = {
  name: 'save-config',
  kind: 'bool',
  help: 'Note the object as it was given in an annotation, for apply.',
} as const

export const validateFlag = {
  name: 'validate',
  kind: 'string',
  default: 'ignore',
  bare: 'strict',
  help: 'What to do about unknown fields: strict, warn or ignore.',
} as const

const createFromFile: Command = {
  usage: '-f FILENAME',
  long: 'Create objects from files or standard input, in JSON or YAML.',
  examples: `# All objects of a file
$0 create -f imagestreams.yaml

# An object from standard input
$0 create -f - < secret.json`,
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    dryRunFlag(),
    fieldManagerFlag('kubectl-create'),
    saveConfigFlag,
    validateFlag,
    { name: 'edit', kind: 'bool', help: 'Edit the objects before they are created.' },
    { name: 'raw', kind: 'string', help: 'A path of the server to which the file is posted as it is.' },
    { name: 'windows-line-endings', kind: 'bool', help: 'With --edit: end lines as Windows does.' },
  ],
  run: runCreate,
}

/** `create TYPE …` is a command of its own; anything else is `create -f`. */
export const createGroup: Group = {
  long: createFromFile.long,
  entries: generators(),
  fallback: createFromFile,
}

function generators(): readonly Entry[] {
  const entry = (name: string, aliases: readonly string[], short: string, load: Entry['load']): Entry => ({
    name,
    aliases,
    short,
    load,
  })
  return [
    entry(
      'configmap',
      ['cm'],
      'Create a config map',
      async () => (await import('./create-configmap.ts')).createConfigMapCommand,
    ),
    entry(
      'deployment',
      ['deploy'],
      'Create a deployment',
      async () => (await import('./create-deployment.ts')).createDeploymentCommand,
    ),
    entry(
      'imagestream',
      ['is'],
      'Create an empty image stream',
      async () => (await import('./create-imagestream.ts')).createImageStreamCommand,
    ),
    entry(
      'imagestreamtag',
      ['istag'],
      'Create a tag of an image stream',
      async () => (await import('./create-imagestreamtag.ts')).createImageStreamTagCommand,
    ),
    entry(
      'namespace',
      ['ns'],
      'Create a namespace',
      async () => (await import('./create-simple.ts')).createNamespaceCommand,
    ),
    entry(
      'quota',
      ['resourcequota'],
      'Create a quota',
      async () => (await import('./create-simple.ts')).createQuotaCommand,
    ),
    entry('role', [], 'Create a role', async () => (await import('./create-rbac.ts')).createRoleCommand),
    entry(
      'clusterrole',
      [],
      'Create a cluster role',
      async () => (await import('./create-rbac.ts')).createClusterRoleCommand,
    ),
    entry(
      'rolebinding',
      [],
      'Create a role binding',
      async () => (await import('./create-rbac.ts')).createRoleBindingCommand,
    ),
    entry(
      'clusterrolebinding',
      [],
      'Create a cluster role binding',
      async () => (await import('./create-rbac.ts')).createClusterRoleBindingCommand,
    ),
    entry(
      'secret',
      [],
      'Create a secret of a type',
      async () => (await import('./create-secret.ts')).createSecretGroup,
    ),
    entry(
      'serviceaccount',
      ['sa'],
      'Create a service account',
      async () => (await import('./create-simple.ts')).createServiceAccountCommand,
    ),
    entry(
      'token',
      [],
      'Request a token of a service account',
      async () => (await import('./create-token.ts')).createTokenCommand,
    ),
  ]
}

/** `fieldValidation` that --validate asks for. */
export function fieldValidation(context: CommandContext): string {
  const text = context.flags.string('validate').toLowerCase()
  if (['ignore', 'false'].includes(text)) return 'Ignore'
  if (['strict', 'true'].includes(text)) return 'Strict'
  if (text === 'warn') return 'Warn'
  throw new CliError(
    `invalid - validate option ${JSON.stringify(text)}; must be one of: strict (or true), warn, ignore (or false)`,
  )
}

async function runCreate(context: CommandContext): Promise<void> {
  const { flags, args } = context
  if (flags.string('raw') !== '') return sendRaw(context, 'POST')
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '') {
    if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`)
    throw new CliError('must specify one of -f and -k')
  }
  if (args.length > 0) throw new UsageError(`Unexpected args: [${args.join(' ')}]`)
  if (flags.bool('edit')) return (await import('./create-edit.ts')).createEdited(context)
  const objects = await readObjects(context)
  if (objects.length === 0) throw new CliError('no objects passed to create')
  await createAll(context, objects)
}

export async function createAll(
  context: CommandContext,
  objects: Awaited<ReturnType<typeof readObjects>>,
): Promise<void> {
  const dryRun = readDryRun(context.flags, context.io)
  const printer = await createResultPrinter(context, { dryRun })
  const errors: unknown[] = []
  for (const sourced of objects) {
    try {
      const mapped = await mapObject(context.session, sourced, context.program)
      printer.print(await createOne(context, mapped, dryRun), 'created')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

async function createOne(context: CommandContext, mapped: MappedObject, dryRun: DryRun): Promise<KubeObject> {
  const { flags, session } = context
  const object = flags.bool('save-config') ? withLastApplied(mapped.object) : mapped.object
  if (dryRun === 'client') return object
  const query: Query = {
    dryRun: dryRun === 'server' ? 'All' : undefined,
    fieldManager: flags.string('field-manager') || undefined,
    fieldValidation: fieldValidation(context),
  }
  const rest = await session.rest()
  try {
    return await rest.json<KubeObject>({
      method: 'POST',
      path: resourcePath(mapped.resource, mapped.namespace),
      query,
      body: sortKeys(object),
    })
  } catch (error) {
    throw withSource(error, 'creating', mapped.source)
  }
}

/** `--raw PATH`: one file goes out as it is, and the answer is copied. */
export async function sendRaw({ flags, session, io }: CommandContext, method: 'POST' | 'PUT'): Promise<void> {
  const [file, ...others] = flags.list('filename')
  if (file === undefined) throw new CliError('must specify one of -f and -k')
  if (others.length > 0 || /^https?:/.test(file))
    throw new CliError('--raw can only use a single local file or stdin')
  if (!flags.string('raw').startsWith('/'))
    throw new CliError(
      `--raw must be a valid URL path: parse ${JSON.stringify(flags.string('raw'))}: invalid URI for request`,
    )
  const { readFile } = await import('node:fs/promises')
  const { readAll } = await import('../io.ts')
  const { resolve } = await import('node:path')
  const body = file === '-' ? await readAll(io.stdin) : await readFile(resolve(io.cwd, file), 'utf8')
  const rest = await session.rest()
  const response = await rest.request({
    method,
    path: flags.string('raw'),
    body,
    accept: 'application/json, */*',
  })
  io.stdout.write(response.text)
}
