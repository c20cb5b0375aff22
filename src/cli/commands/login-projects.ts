import type { Rest } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { CommandContext } from '../command.ts'
import { typedAccept } from '../resources/image-api.ts'
import { getProject, tryListProjects } from '../resources/projects.ts'

/** Tells of the projects after a login and picks the one to work in (cli.md §14.1, step 6). */
export async function chooseProject(context: CommandContext, rest: Rest, current: string): Promise<string> {
  const { io, program } = context
  const listed = await tryListProjects(rest)
  if (listed === undefined) {
    io.stdout.write(
      `Using "${current}" namespace.  You can switch namespaces with:\n\n ${program} project <projectname>\n`,
    )
    return current
  }
  const names = listed.map((project) => project.metadata.name ?? '')
  if (!names.includes(current) && (await canSee(rest, current))) names.push(current)
  names.sort()
  if (names.length === 0) {
    io.stdout.write(await noProjects(rest, current, program))
    return current
  }
  const chosen = names.includes(current)
    ? current
    : names.includes('default')
      ? 'default'
      : (names[0] as string)
  io.stdout.write(`${listText(names, chosen, program)}Using project "${chosen}".\n`)
  return chosen
}

function listText(names: readonly string[], chosen: string, program: string): string {
  if (names.length === 1) return `You have one project on this server: "${names[0]}"\n\n`
  if (names.length > 50) {
    return `You have access to ${names.length} projects, the list has been suppressed. You can list all projects with '${program} projects'\n\n`
  }
  const lines = names.map((name) => `${name === chosen ? '  * ' : '    '}${name}\n`)
  return `You have access to the following projects and can switch between them with '${program} project <projectname>':\n\n${lines.join('')}\n`
}

async function canSee(rest: Rest, name: string): Promise<boolean> {
  try {
    await getProject(rest, name)
    return true
  } catch (error) {
    if (isApiError(error)) return false
    throw error
  }
}

/** Both must be allowed: only then is the hint of any use. */
export async function mayRequestProjects(rest: Rest, namespace: string): Promise<boolean> {
  for (const verb of ['list', 'create']) {
    const body = {
      kind: 'SubjectAccessReview',
      apiVersion: 'authorization.openshift.io/v1',
      metadata: {},
      namespace,
      verb,
      resourceAPIGroup: '',
      resourceAPIVersion: '',
      resource: 'projectrequests',
      resourceName: '',
      path: '',
      isNonResourceURL: false,
      content: null,
      user: '',
      groups: null,
      scopes: null,
    }
    const path = '/apis/authorization.openshift.io/v1/subjectaccessreviews'
    const answer = await rest.json<{ allowed?: boolean }>({ method: 'POST', path, body, accept: typedAccept })
    if (answer.allowed !== true) return false
  }
  return true
}

async function noProjects(rest: Rest, namespace: string, program: string): Promise<string> {
  let may: boolean
  try {
    may = await mayRequestProjects(rest, namespace)
  } catch (error) {
    if (!isApiError(error)) throw error
    may = true
  }
  return may
    ? `You don't have any projects. You can try to create a new project, by running\n\n    ${program} new-project <projectname>\n\n`
    : "You don't have any projects. Contact your system administrator to request a project.\n"
}
