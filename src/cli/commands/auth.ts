import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext, Group } from '../command.ts'
import { CliError } from '../errors.ts'
import { typedAccept } from '../resources/image-api.ts'
import { builtin } from './create-one.ts'

/** cli.md §13, `auth can-i`. */
const canICommand: Command = {
  usage: 'VERB [TYPE | TYPE/NAME | NONRESOURCEURL]',
  long: 'Ask whether you may do something. The exit code is 0 for yes and 1 for no.',
  examples: `# May I push to streams of the project?
$0 auth can-i update imagestreams/layers`,
  flags: [
    { name: 'all-namespaces', short: 'A', kind: 'bool', help: 'Ask about all namespaces.' },
    { name: 'list', kind: 'bool', help: 'Show all that may be done.' },
    { name: 'quiet', short: 'q', kind: 'bool', help: 'Only the exit code.' },
    { name: 'subresource', kind: 'string', help: 'The subresource asked about.' },
  ],
  run: canI,
}

export const authGroup: Group = {
  long: 'Ask about permissions.',
  entries: [
    { name: 'can-i', short: 'May I do this?', load: () => Promise.resolve(canICommand) },
    {
      name: 'whoami',
      short: 'Show who you are',
      load: async () => (await import('./whoami.ts')).whoamiCommand,
    },
  ],
}

interface Attributes {
  resourceAttributes?: Record<string, string>
  nonResourceAttributes?: { verb: string; path: string }
}

async function readQuestion({ args, flags, session, io }: CommandContext): Promise<Attributes> {
  const [verb = '', what = '', extraName] = args
  if (args.length < 2 || args.length > 3)
    throw new CliError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    )
  if (what.startsWith('/')) return { nonResourceAttributes: { verb, path: what } }
  const [type = '', second = ''] = what.split('/')
  const resource = await session.resource(type).catch(() => undefined)
  if (resource === undefined && type !== '*') {
    io.stderr.write(`Warning: the server doesn't have a resource type '${type}'\n\n`)
  }
  let [subresource, name] = [flags.string('subresource'), extraName ?? '']
  if (second !== '') {
    if (resource !== undefined && (await isSubresource({ session, resource, name: second })))
      subresource = second
    else name = second
  }
  const namespaced = resource?.namespaced !== false
  const namespace = flags.bool('all-namespaces') || !namespaced ? '' : await session.namespace()
  return {
    resourceAttributes: {
      ...(namespace === '' ? {} : { namespace }),
      verb,
      ...(resource?.group ? { group: resource.group } : {}),
      resource: resource?.plural ?? type,
      ...(subresource === '' ? {} : { subresource }),
      ...(name === '' ? {} : { name }),
    },
  }
}

/** `TYPE/x` is a subresource when the group says so; who can't ask is taken at the usual ones. */
async function isSubresource({
  session,
  resource,
  name,
}: {
  session: CommandContext['session']
  resource: { group: string; version: string; plural: string }
  name: string
}): Promise<boolean> {
  const path =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  try {
    const list = await (await session.rest()).json<{ resources?: { name: string }[] }>({
      method: 'GET',
      path,
      accept: typedAccept,
    })
    return (list.resources ?? []).some((one) => one.name === `${resource.plural}/${name}`)
  } catch (error) {
    if (!isApiError(error)) throw error
    return ['status', 'scale', 'layers', 'secrets', 'log', 'exec', 'token'].includes(name)
  }
}

async function canI(context: CommandContext): Promise<number> {
  const { flags, session, io } = context
  if (flags.bool('list')) return listRules(context)
  const reviews = builtin(
    'authorization.k8s.io',
    'v1',
    'selfsubjectaccessreviews',
    'SelfSubjectAccessReview',
    false,
  )
  const spec = await readQuestion(context)
  const rest = await session.rest()
  const answer = await rest.json<{
    status?: { allowed?: boolean; reason?: string; evaluationError?: string }
  }>({
    method: 'POST',
    path: resourcePath(reviews, ''),
    body: {
      kind: reviews.kind,
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec,
      status: { allowed: false },
    },
  })
  const { allowed = false, reason = '', evaluationError = '' } = answer.status ?? {}
  if (!flags.bool('quiet')) {
    const detail = allowed
      ? ''
      : `${reason === '' ? '' : ` - ${reason}`}${evaluationError === '' ? '' : ` - ${evaluationError}`}`
    io.stdout.write(`${allowed ? 'yes' : 'no'}${detail}\n`)
  }
  return allowed ? 0 : 1
}

interface Rule {
  verbs?: string[]
  apiGroups?: string[]
  resources?: string[]
  resourceNames?: string[]
  nonResourceURLs?: string[]
}

async function listRules({ session, io, args }: CommandContext): Promise<number> {
  if (args.length > 0) throw new CliError('list option must be specified with no arguments')
  const { formatTabs, tableLayout } = await import('../print/tab-writer.ts')
  const rest = await session.rest()
  const answer = await rest.json<{ status?: { resourceRules?: Rule[]; nonResourceRules?: Rule[] } }>({
    method: 'POST',
    path: '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews',
    body: {
      kind: 'SelfSubjectRulesReview',
      apiVersion: 'authorization.k8s.io/v1',
      metadata: {},
      spec: { namespace: await session.namespace() },
      status: { resourceRules: null, nonResourceRules: null, incomplete: false },
    },
  })
  const list = (values: string[] = []) => `[${values.join(' ')}]`
  const rows = [...(answer.status?.resourceRules ?? []), ...(answer.status?.nonResourceRules ?? [])].flatMap(
    (rule) => {
      const names = (rule.resources ?? ['']).flatMap((resource) =>
        (rule.apiGroups ?? ['']).map((group) =>
          group === '' || resource === '' ? resource : `${resource}.${group}`,
        ),
      )
      return names.map(
        (name) =>
          `${name}\t${list(rule.nonResourceURLs)}\t${list(rule.resourceNames)}\t${list(rule.verbs)}\n`,
      )
    },
  )
  io.stdout.write(
    formatTabs(`Resources\tNon-Resource URLs\tResource Names\tVerbs\n${rows.join('')}`, tableLayout),
  )
  return 0
}
