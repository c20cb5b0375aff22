import type { Rest } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { isGeneratedContext, planContext } from '../kubeconfig/entries.ts'
import { saveKubeconfig } from '../kubeconfig/save.ts'
import { whoAmIOrToken } from '../resources/identity.ts'
import { confirmProject, getProject, tryListProjects } from '../resources/projects.ts'

/** cli.md §14.4, `project`. */
export const projectCommand: Command = {
  usage: '[NAME]',
  long: 'Show or change the project that commands work in.',
  flags: [{ name: 'short', short: 'q', kind: 'bool', help: 'Show only the name.' }],
  run: async (context) => {
    const { args } = context
    if (args.length > 1) throw new CliError('Only one argument is supported (project name or context name).')
    return args.length === 0 ? showProject(context) : switchProject(context, args[0] as string)
  },
}

/** `Using project "p" on server "…".`, with the context where its name is the user's own. */
export async function currentProjectLine({ session }: CommandContext, verb: string): Promise<string> {
  const target = await session.target()
  const config = await session.kubeconfig()
  const generated = isGeneratedContext(target.contextName, config.contexts.get(target.contextName))
  const from = generated || target.contextName === '' ? '' : ` from context named "${target.contextName}"`
  return `${verb} project "${target.namespace}"${from} on server "${target.server}".\n`
}

async function showProject(context: CommandContext): Promise<void> {
  const { session, flags, io } = context
  const { namespace } = await session.target()
  if (namespace === '') {
    io.stdout.write('No project has been set. Pass a project name to make that the default.\n')
    return
  }
  try {
    await getProject(await session.rest(), namespace)
  } catch (error) {
    if (!isApiError(error)) throw error
    // Where namespaces are the cluster's own there may be no projects at all.
    await confirmProject(await session.rest(), namespace).catch(() => {
      throw new CliError(
        `you do not have rights to view project "${namespace}" specified in your config or the project doesn't exist`,
      )
    })
  }
  io.stdout.write(flags.bool('short') ? `${namespace}\n` : await currentProjectLine(context, 'Using'))
}

async function switchProject(context: CommandContext, name: string): Promise<void> {
  const { session, io, flags } = context
  const config = await session.kubeconfig()
  const target = await session.target()
  const named = config.contexts.get(name)
  if (named !== undefined) {
    await saveKubeconfig(config, { currentContext: name })
    const server = config.clusters.get(named.cluster ?? '')?.server ?? target.server
    const project = named.namespace || 'default'
    if (flags.bool('short')) io.stdout.write(`${project}\n`)
    else
      io.stdout.write(`Now using project "${project}" from context named "${name}" on server "${server}".\n`)
    return
  }
  const rest = await session.rest()
  try {
    await confirmProject(rest, name)
  } catch (error) {
    if (!isApiError(error)) throw error
    throw await explainRefusal(context, rest, name, error.code)
  }
  const planned = planContext(config, target, await whoAmIOrToken(rest, target.token), name)
  await saveKubeconfig(config, planned.changes)
  if (flags.bool('short')) {
    io.stdout.write(`${name}\n`)
    return
  }
  const verb = target.namespace === name && target.contextName === planned.name ? 'Already on' : 'Now using'
  io.stdout.write(`${verb} project "${name}" on server "${target.server}".\n`)
}

async function explainRefusal(
  { session }: CommandContext,
  rest: Rest,
  name: string,
  code: number,
): Promise<CliError> {
  const { server } = await session.target()
  const config = await session.kubeconfig()
  const lines = [
    code === 403
      ? `You are not a member of project "${name}".`
      : `A project named "${name}" does not exist on "${server}".`,
  ]
  const projects = ((await tryListProjects(rest)) ?? []).map((project) => project.metadata.name ?? '')
  if (projects.length === 0) {
    lines.push(
      "You are not a member of any projects. You can request a project to be created with the 'new-project' command.",
    )
  } else if (projects.length === 1) lines.push(`You have one project on this server: ${projects[0]}`)
  else lines.push('Your projects are:', ...projects.map((project) => `* ${project}`))
  const servers = new Set([...config.clusters.values()].map((cluster) => cluster.server))
  if (servers.size > 1) lines.push("To see projects on another server, pass '--server=<server>'.")
  return new CliError(lines.join('\n'))
}
