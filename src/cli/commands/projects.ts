import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { visible } from '../io.ts'
import { getProject, listProjects, projectTitle } from '../resources/projects.ts'
import { currentProjectLine } from './project.ts'

/** cli.md §14.4, `projects`. */
export const projectsCommand: Command = {
  usage: '',
  long: 'Show the projects that you may see.',
  flags: [{ name: 'short', short: 'q', kind: 'bool', help: 'Show only names.' }],
  run: runProjects,
}

async function runProjects(context: CommandContext): Promise<void> {
  const { flags, session, io } = context
  const rest = await session.rest()
  const { namespace } = await session.target()
  if (namespace !== '') await getProject(rest, namespace).catch(ignoreMissing)
  const projects = await listProjects(rest)
  if (flags.bool('short')) {
    io.stdout.write(projects.map((project) => `${project.metadata.name}\n`).join(''))
    return
  }
  const [only] = projects
  if (only === undefined) {
    io.stdout.write(
      "You are not a member of any projects. You can request a project to be created with the 'new-project' command.\n",
    )
  } else if (projects.length === 1) {
    io.stdout.write(visible(`You have one project on this server: "${projectTitle(only)}".\n`))
  } else {
    // oc forgets its own name here; who calls us by that name may compare the bytes.
    const command = context.program === 'oc' ? '' : context.program
    io.stdout.write(
      `You have access to the following projects and can switch between them with '${command} project <projectname>':\n\n`,
    )
    for (const project of projects) {
      const { name, annotations } = project.metadata
      const display = annotations?.['openshift.io/display-name']
      const mark = name === namespace ? '  * ' : '    '
      io.stdout.write(visible(`${mark}${name}${display && display !== name ? ` - ${display}` : ''}\n`))
    }
  }
  io.stdout.write(`\n${await currentProjectLine(context, 'Using')}`)
}

function ignoreMissing(error: unknown): void {
  if (!isApiError(error) || (error.code !== 403 && error.code !== 404)) throw error
}
