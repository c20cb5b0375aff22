import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf, throwCollected } from '../errors.ts'
import { fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { formatYaml } from '../print/format-yaml.ts'
import { mapObject } from '../resources/file-targets.ts'
import { readObjects } from '../resources/files.ts'
import { applyHere, applyOnServer, readCurrent } from './apply.ts'
import { validateFlag } from './create.ts'

export const diffCommand: Command = {
  usage: '-f FILENAME',
  long: 'Show what apply would change: the objects as they are beside what they would be.\n\nThe program diff compares them, or what WEIR_EXTERNAL_DIFF or KUBECTL_EXTERNAL_DIFF says. Exit code 0: no difference, 1: differences, more: an error.',
  examples: `# What a file would change
$0 diff -f imagestreams.yaml`,
  flags: [
    ...fileFlags,
    selectorFlag,
    { ...validateFlag, hidden: true },
    {
      name: 'field-manager',
      kind: 'string',
      default: 'kubectl-client-side-apply',
      help: 'Name of the owner of the fields that would be set.',
    },
    { name: 'force-conflicts', kind: 'bool', help: 'With --server-side: take over fields of other owners.' },
    { name: 'server-side', kind: 'bool', help: 'Let the server merge.' },
    { name: 'show-managed-fields', kind: 'bool', help: 'Compare metadata.managedFields too.' },
  ],
  run: runOrFail,
}

interface Pair {
  file: string
  live: KubeObject | undefined
  merged: KubeObject
}

/** 1 means that there are differences, so a failure has to be more. */
async function runOrFail(context: CommandContext): Promise<number> {
  try {
    return await runDiff(context)
  } catch (error) {
    const { reportError } = await import('../report-error.ts')
    const server = (await context.session.findTarget().catch(() => undefined))?.server ?? ''
    context.io.stderr.write(reportError(error, { server, path: context.path }).text)
    return 2
  }
}

async function runDiff(context: CommandContext): Promise<number> {
  const { flags, args } = context
  if (args.length > 0) throw new CliError(`Unexpected args: [${args.join(' ')}]`)
  if (flags.list('filename').length === 0 && flags.string('kustomize') === '')
    throw new CliError('must specify one of -f and -k')
  const pairs: Pair[] = []
  const errors: unknown[] = []
  for (const sourced of await readObjects(context)) {
    try {
      pairs.push(await compareOne(context, await mapObject(context.session, sourced, context.program)))
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
  return showDifferences(context, pairs)
}

async function compareOne(
  context: CommandContext,
  mapped: Awaited<ReturnType<typeof mapObject>>,
): Promise<Pair> {
  const { flags, session, io } = context
  const rest = await session.rest()
  const live = await readCurrent(rest, mapped)
  // What apply warns of is not for who only looks.
  const quiet = { ...context, io: { ...io, stderr: { isTty: false, write: () => {} } } }
  const { object: merged } = flags.bool('server-side')
    ? await applyOnServer(quiet, rest, mapped, 'server')
    : await applyHere(quiet, rest, mapped, 'server')
  const { group, version, kind } = mapped.resource
  const parts = [group, version, kind, mapped.namespace, mapped.object.metadata.name ?? '']
  return { file: parts.map((part) => part.replaceAll('/', '_')).join('.'), live, merged }
}

/** Values of secrets are not for a terminal: only that they differ is told. */
function masked({ live, merged }: Pair): [string, string] {
  const [before, after] = [live, merged].map(
    (object) => (object as { data?: Record<string, string> } | undefined)?.data,
  )
  const hide = (
    own: Record<string, string> | undefined,
    other: Record<string, string> | undefined,
    mark: string,
  ) =>
    Object.fromEntries(
      Object.entries(own ?? {}).map(([key, value]) => {
        const differs = other !== undefined && key in other && other[key] !== value
        return [key, differs ? `*** (${mark})` : '***']
      }),
    )
  const show = (object: KubeObject | undefined, data: object) =>
    object === undefined ? '' : formatYaml({ ...object, ...(Object.keys(data).length > 0 ? { data } : {}) })
  return [show(live, hide(before, after, 'before')), show(merged, hide(after, before, 'after'))]
}

function texts(pair: Pair, withManagedFields: boolean): [string, string] {
  const bare = (object: KubeObject | undefined): KubeObject | undefined => {
    if (object === undefined || withManagedFields) return object
    const { managedFields: _, ...metadata } = object.metadata as { managedFields?: unknown }
    return { ...object, metadata } as KubeObject
  }
  const own = { ...pair, live: bare(pair.live), merged: bare(pair.merged) as KubeObject }
  if (pair.merged.kind === 'Secret') return masked(own)
  return [own.live === undefined ? '' : formatYaml(own.live), formatYaml(own.merged)]
}

async function showDifferences(context: CommandContext, pairs: readonly Pair[]): Promise<number> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-diff-'))
  try {
    const [live, merged] = [join(folder, 'LIVE'), join(folder, 'MERGED')]
    await mkdir(live)
    await mkdir(merged)
    for (const pair of pairs) {
      const [before, after] = texts(pair, context.flags.bool('show-managed-fields'))
      if (pair.live !== undefined) await writeFile(join(live, pair.file), before, { mode: 0o600 })
      await writeFile(join(merged, pair.file), after, { mode: 0o600 })
    }
    return await runProgram(context, live, merged)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** As kubectl does, words of the variable beyond the first are arguments when they are plain. */
function runProgram({ io }: CommandContext, live: string, merged: string): Promise<number> {
  const text = io.env.WEIR_EXTERNAL_DIFF || io.env.KUBECTL_EXTERNAL_DIFF || 'diff -u -N'
  const [program = 'diff', ...words] = text.split(/\s+/).filter((word) => word !== '')
  return new Promise((resolve, reject) => {
    const child = spawn(program, [...words.filter((word) => /^[-\w=]+$/.test(word)), live, merged], {
      env: io.env as NodeJS.ProcessEnv,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    child.stdout.setEncoding('utf8').on('data', (more: string) => io.stdout.write(more))
    child.stderr.setEncoding('utf8').on('data', (more: string) => io.stderr.write(more))
    child.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        new CliError(
          error.code === 'ENOENT' ? `${program} is not installed: it compares the objects` : messageOf(error),
        ),
      ),
    )
    child.once('close', (code) => resolve(code ?? 2))
  })
}
