import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { planContext } from '../kubeconfig/entries.ts'
import { saveKubeconfig } from '../kubeconfig/save.ts'
import { whoAmIOrToken } from '../resources/identity.ts'
import { typedAccept } from '../resources/image-api.ts'

/** cli.md §14.4, `new-project`. */
export const newProjectCommand: Command = {
  usage: 'NAME [--display-name=DISPLAYNAME] [--description=DESCRIPTION]',
  long: 'Request a project and work in it from then on.',
  flags: [
    { name: 'description', kind: 'string', help: 'What the project is for.' },
    { name: 'display-name', kind: 'string', help: 'A name for people.' },
    { name: 'skip-config-write', kind: 'bool', help: 'Stay in the current project.' },
  ],
  run: runNewProject,
}

const path = '/apis/project.openshift.io/v1/projectrequests'

async function runNewProject(context: CommandContext): Promise<void> {
  const { flags, args, session, io } = context
  const [name, ...more] = args
  if (name === undefined || more.length > 0) throw new CliError('must have exactly one argument')
  const rest = await session.rest()
  // A 403 here carries what the administrators want people without the right to read.
  await rest.request({ method: 'GET', path, accept: typedAccept })
  const [displayName, description] = [flags.string('display-name'), flags.string('description')]
  await rest.request({
    method: 'POST',
    path,
    accept: typedAccept,
    body: {
      kind: 'ProjectRequest',
      apiVersion: 'project.openshift.io/v1',
      metadata: { name },
      ...(displayName === '' ? {} : { displayName }),
      ...(description === '' ? {} : { description }),
    },
  })
  const target = await session.target()
  if (flags.bool('skip-config-write')) {
    io.stdout.write(
      `Project "${name}" created on server "${target.server}".\n\nTo switch to this project and start adding applications, use:\n\n    ${context.program} project ${name}\n`,
    )
    return
  }
  const config = await session.kubeconfig()
  const planned = planContext(config, target, await whoAmIOrToken(rest, target.token), name)
  await saveKubeconfig(config, planned.changes)
  io.stdout.write(`Now using project "${name}" on server "${target.server}".\n${hints(context.program)}`)
}

/** Under its own name the program points to what it can do itself. */
function hints(program: string): string {
  if (program !== 'oc')
    return `\nTo follow an image from here, try:\n\n    ${program} tag --scheduled docker.io/library/busybox:latest busybox:latest\n\n`
  return `
You can add applications to this project with the 'new-app' command. For example, try:

    oc new-app rails-postgresql-example

to build a new example application in Ruby. Or use kubectl to deploy a simple Kubernetes application:

    kubectl create deployment hello-node --image=registry.k8s.io/e2e-test-images/agnhost:2.43 -- /agnhost serve-hostname

`
}
