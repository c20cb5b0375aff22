import { createReadStream } from 'node:fs'
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { Readable } from 'node:stream'
import type { Build } from '../../api/index.ts'
import { resourcePath } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { buildConfigs, builds, parseBuildArgument, printBuildLog, waitForBuild } from './build-read.ts'
import { packFolder } from './pack-folder.ts'

export const startBuildCommand: Command = {
  usage: '(BUILDCONFIG | --from-build=BUILD) [flags]',
  long: `Start a build of a build config, or one that is like an earlier build.

The source can be given along: a folder, a file, or an archive. It is then built instead of what the build config names.`,
  examples: `# Build, and see what happens
$0 start-build app --follow

# Build what is in this folder
$0 start-build app --from-dir=. --follow

# Build once more what a build was made of
$0 start-build --from-build=app-1`,
  flags: [
    ...printFlags,
    {
      name: 'follow',
      short: 'F',
      kind: 'bool',
      help: 'Show the log until the build is over; its end is the exit code.',
    },
    {
      name: 'wait',
      short: 'w',
      kind: 'bool',
      help: 'Wait until the build is over; its end is the exit code.',
    },
    { name: 'from-dir', kind: 'string', help: 'Folder to build; - for an archive on stdin.' },
    {
      name: 'from-file',
      kind: 'string',
      help: 'File that is the whole source, such as a Dockerfile; - for stdin.',
    },
    { name: 'from-archive', kind: 'string', help: 'Archive to build: tar, tar.gz or zip; - for stdin.' },
    { name: 'from-build', kind: 'string', help: 'Build to repeat.' },
    { name: 'commit', kind: 'string', help: 'Commit to build instead of the one that the ref shows.' },
    { name: 'env', short: 'e', kind: 'array', help: 'Variable for the build, NAME=VALUE. Repeatable.' },
    { name: 'build-arg', kind: 'array', help: 'Argument of the Dockerfile, NAME=VALUE. Repeatable.' },
    { name: 'no-cache', kind: 'bool', help: 'Use no layers of earlier builds.' },
  ],
  run: runStart,
}

async function runStart(context: CommandContext): Promise<void> {
  const { flags, session } = context
  const source = readSource(context)
  const target = await readTarget(context)
  const build = source === undefined ? await request(context, target) : await upload(context, target, source)
  const printer = await createResultPrinter(context)
  printer.print({ kind: 'Build', apiVersion: 'build.openshift.io/v1', ...build } as never, 'started')
  const namespace = await session.namespace()
  const name = build.metadata.name ?? ''
  if (flags.bool('follow')) await printBuildLog(context, namespace, name, { follow: true })
  if (flags.bool('follow') || flags.bool('wait')) await waitForBuild(context, namespace, name)
}

interface Target {
  plural: 'builds' | 'buildconfigs'
  name: string
}

async function readTarget(context: CommandContext): Promise<Target> {
  const { args, flags } = context
  const from = flags.string('from-build')
  if (from !== '' && args.length === 0) return { plural: 'builds', name: from.replace(/^builds?\//, '') }
  const [text, ...more] = args
  if (text === undefined || more.length > 0) {
    throw new UsageError("must pass a name of a build config or specify build name with '--from-build' flag")
  }
  const { plural, name } = await parseBuildArgument(context, text, 'buildconfigs')
  if (plural === 'builds' || plural === 'buildconfigs') return { plural, name }
  throw new CliError(`invalid resource provided: ${plural}`)
}

function variables(texts: readonly string[]): { name: string; value: string }[] {
  return texts.map((text) => {
    const equals = text.indexOf('=')
    if (equals < 1)
      throw new UsageError(`invalid parameter assignment ${JSON.stringify(text)}: write NAME=VALUE`)
    return { name: text.slice(0, equals), value: text.slice(equals + 1) }
  })
}

async function request({ flags, session }: CommandContext, { plural, name }: Target): Promise<Build> {
  const env = variables(flags.list('env'))
  const buildArgs = variables(flags.list('build-arg'))
  const commit = flags.string('commit')
  const rest = await session.rest()
  const kind = plural === 'builds' ? builds : buildConfigs
  const subresource = plural === 'builds' ? 'clone' : 'instantiate'
  return rest.json<Build>({
    method: 'POST',
    path: `${resourcePath(kind, await session.namespace(), name)}/${subresource}`,
    body: {
      kind: 'BuildRequest',
      apiVersion: 'build.openshift.io/v1',
      metadata: { name },
      triggeredBy: [{ message: 'Manually triggered' }],
      ...(env.length === 0 ? {} : { env }),
      ...(commit === '' ? {} : { revision: { type: 'Git', git: { commit } } }),
      ...(buildArgs.length === 0 && !flags.bool('no-cache')
        ? {}
        : {
            dockerStrategyOptions: {
              ...(buildArgs.length === 0 ? {} : { buildArgs }),
              ...(flags.bool('no-cache') ? { noCache: true } : {}),
            },
          }),
    },
  })
}

type Source = { kind: 'dir' | 'file' | 'archive'; path: string }

function readSource({ flags }: CommandContext): Source | undefined {
  const given = (['dir', 'file', 'archive'] as const).filter((kind) => flags.string(`from-${kind}`) !== '')
  const [kind, ...more] = given
  if (kind === undefined) return undefined
  if (more.length > 0)
    throw new UsageError('only one of --from-file, --from-archive, or --from-dir may be specified')
  if (flags.list('env').length > 0 || flags.list('build-arg').length > 0) {
    throw new UsageError(
      'specifying environment variables or build arguments with binary builds is not supported',
    )
  }
  return { kind, path: flags.string(`from-${kind}`) }
}

async function upload(context: CommandContext, { plural, name }: Target, source: Source): Promise<Build> {
  const { io, flags, session } = context
  if (plural !== 'buildconfigs') throw new CliError('sources can be given for a build config only')
  const body = await openSource(context, source)
  const rest = await session.rest()
  const asFile =
    source.kind === 'file' ? (source.path === '-' ? 'Dockerfile' : basename(source.path)) : undefined
  const commit = flags.string('commit')
  const build = await rest.json<Build>({
    method: 'POST',
    path: `${resourcePath(buildConfigs, await session.namespace(), name)}/instantiatebinary`,
    query: { asFile, 'revision.commit': commit === '' ? undefined : commit },
    contentType: 'application/octet-stream',
    body,
  })
  io.stderr.write('Uploading finished\n')
  return build
}

const words = { dir: 'directory', file: 'file', archive: 'archive file' } as const

async function openSource({ io }: CommandContext, { kind, path }: Source): Promise<Readable> {
  if (path === '-') return io.stdin
  const full = resolve(io.cwd, path)
  const found = await stat(full).catch(() => undefined)
  if (found === undefined) throw new CliError(`unable to access ${path}: no such file or directory`)
  if (found.isDirectory() !== (kind === 'dir')) {
    throw new CliError(kind === 'dir' ? `${path} is no folder` : `${path} is a folder: use --from-dir`)
  }
  io.stderr.write(`Uploading ${words[kind]} ${JSON.stringify(path)} as binary input for the build ...\n`)
  return kind === 'dir' ? packFolder(full) : createReadStream(full)
}
