import type { Build } from '../../api/index.ts'
import { patchContentTypes, resourcePath } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected, UsageError } from '../errors.ts'
import { builds, buildsOf, parseBuildArgument, printBuildLog, waitForBuild } from './build-read.ts'

export const cancelBuildCommand: Command = {
  usage: '(BUILD | BUILDCONFIG) [...] [flags]',
  long: `Cancel builds that are new, waiting or running.

With a build config all of its builds are cancelled, or those in the states that --state names.`,
  examples: `# One build
$0 cancel-build app-2

# Every build of a build config that has not started
$0 cancel-build bc/app --state=new --state=pending

# Cancel, and start it again
$0 cancel-build app-2 --restart`,
  flags: [
    { name: 'state', kind: 'list', help: 'Only builds in these states: new, pending, running.' },
    { name: 'dump-logs', kind: 'bool', help: 'Show the log of each build that is cancelled.' },
    { name: 'restart', kind: 'bool', help: 'Start a build that is like the one cancelled.' },
  ],
  run: runCancel,
}

const states: Readonly<Record<string, string>> = { new: 'New', pending: 'Pending', running: 'Running' }
const isOver = ({ status }: Build) => ['Complete', 'Failed', 'Error', 'Cancelled'].includes(status.phase)

async function runCancel(context: CommandContext): Promise<void> {
  const { args, flags } = context
  if (args.length === 0) throw new UsageError('build or a buildconfig name is required')
  const wanted = flags.list('state').map((state) => {
    const phase = states[state.toLowerCase()]
    if (phase === undefined)
      throw new UsageError(
        "the '--state' flag has invalid value. Must be one of 'new', 'pending', or 'running'",
      )
    return phase
  })
  const errors: unknown[] = []
  for (const build of await findBuilds(context, wanted)) {
    await cancel(context, build).catch((error) => errors.push(error))
  }
  throwCollected(errors)
}

async function findBuilds(context: CommandContext, wanted: readonly string[]): Promise<Build[]> {
  const { args, session } = context
  const namespace = await session.namespace()
  const rest = await session.rest()
  const found: Build[] = []
  for (const text of args) {
    const { plural, name } = await parseBuildArgument(context, text, 'builds')
    if (plural === 'buildconfigs') {
      const all = (await buildsOf(rest, namespace, name)).filter((build) => !isOver(build))
      found.push(...all.filter(({ status }) => wanted.length === 0 || wanted.includes(status.phase)))
    } else if (plural === 'builds') {
      const build = await rest.json<Build>({ method: 'GET', path: resourcePath(builds, namespace, name) })
      if (isOver(build)) {
        const phase = build.status.phase
        context.io.stderr.write(
          `A cancellation event was already triggered or the build ${name} is ${phase}.\n`,
        )
      } else if (wanted.length === 0 || wanted.includes(build.status.phase)) found.push(build)
    } else throw new CliError(`invalid resource provided: ${plural}, must be a build or a build config`)
  }
  return found
}

async function cancel(context: CommandContext, { metadata }: Build): Promise<void> {
  const { io, flags, session } = context
  const name = metadata.name ?? ''
  const namespace = await session.namespace()
  const rest = await session.rest()
  if (flags.bool('dump-logs')) {
    io.stdout.write(`Build ${name} logs:\n`)
    await printBuildLog(context, namespace, name, { follow: false })
  }
  await rest.request({
    method: 'PATCH',
    path: resourcePath(builds, namespace, name),
    body: { status: { cancelled: true } },
    contentType: patchContentTypes.merge,
  })
  io.stdout.write(`build.build.openshift.io/${name} marked for cancellation, waiting to be cancelled\n`)
  await waitForBuild(context, namespace, name, new Set(['Cancelled']))
  io.stdout.write(`build.build.openshift.io/${name} cancelled\n`)
  if (!flags.bool('restart')) return
  const next = await rest.json<Build>({
    method: 'POST',
    path: `${resourcePath(builds, namespace, name)}/clone`,
    body: { kind: 'BuildRequest', apiVersion: 'build.openshift.io/v1', metadata: { name } },
  })
  io.stdout.write(`build.build.openshift.io/${next.metadata.name} restarted build ${name}\n`)
}
