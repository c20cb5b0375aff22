import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { buildsOf, parseBuildArgument, printBuildLog } from './build-read.ts'

export const logsCommand: Command = {
  usage: '[-f] (build/NAME | bc/NAME) [flags]',
  long: `Show the log of a build, or of the latest build of a build config.

Other logs are where the pods are: Weir runs none.`,
  examples: `# What did the build do?
$0 logs build/app-1

# Follow the latest build of a build config
$0 logs -f bc/app

# An earlier one
$0 logs --version=1 bc/app`,
  flags: [
    { name: 'follow', short: 'f', kind: 'bool', help: 'Go on until the build is over.' },
    { name: 'version', kind: 'int', default: 0, help: 'Number of the build of a build config.' },
    { name: 'tail', kind: 'int', default: -1, help: 'Last lines only.' },
    { name: 'limit-bytes', kind: 'int', default: 0, help: 'Most bytes to show.' },
  ],
  run: runLogs,
}

async function runLogs(context: CommandContext): Promise<void> {
  const { args, flags, session } = context
  const [first, second, ...more] = args
  if (first === undefined || more.length > 0)
    throw new UsageError('one build or build config is needed as argument.')
  const { plural, name } = await parseBuildArgument(
    context,
    second === undefined ? first : `${first}/${second}`,
    'builds',
  )
  const namespace = await session.namespace()
  const tail = flags.int('tail')
  const limit = flags.int('limit-bytes')
  await printBuildLog(context, namespace, await buildName(context, plural, name, namespace), {
    follow: flags.bool('follow'),
    ...(tail < 0 ? {} : { tailLines: tail }),
    ...(limit <= 0 ? {} : { limitBytes: limit }),
  })
}

async function buildName(
  { session, flags }: CommandContext,
  plural: string,
  name: string,
  namespace: string,
) {
  if (plural === 'builds') return name
  if (plural !== 'buildconfigs')
    throw new CliError(`there are logs of builds and build configs only, not of ${plural}`)
  const version = flags.int('version')
  const found = await buildsOf(await session.rest(), namespace, name)
  const build = version > 0 ? found.find(({ metadata }) => metadata.name === `${name}-${version}`) : found[0]
  if (build !== undefined) return build.metadata.name ?? ''
  throw new CliError(version > 0 ? `no build ${name}-${version} found` : `no builds found for "${name}"`)
}
