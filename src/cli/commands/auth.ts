import { type ApiResource, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext, Group } from '../command.ts'
import type { Json } from '../describe/kube-lines.ts'
import { ruleLines } from '../describe/rbac.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { typedAccept } from '../resources/image-api.ts'
import type { Session } from '../session.ts'
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
    { name: 'no-headers', kind: 'bool', help: 'With --list: no line of titles.' },
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
      load: async () => (await import('./auth-whoami.ts')).authWhoamiCommand,
    },
  ],
}

interface Attributes {
  resourceAttributes?: Record<string, string>
  nonResourceAttributes?: { verb: string; path: string }
}

const resourceVerbs = new Set(
  'get list watch create update patch delete deletecollection use bind impersonate * approve sign escalate attest'.split(
    ' ',
  ),
)
const urlVerbs = new Set('get put post head options delete patch *'.split(' '))

function warnAboutVerb({ io }: CommandContext, verb: string, known: ReadonlySet<string>): void {
  if (!known.has(verb)) io.stderr.write(`Warning: verb '${visible(verb)}' is not a known verb\n\n`)
}

async function readQuestion(context: CommandContext): Promise<Attributes> {
  const { args, flags, session } = context
  const [verb = '', what = ''] = args
  if (args.length !== 2)
    throw new CliError(
      "you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.",
    )
  if (what.startsWith('/')) {
    if (flags.string('subresource') !== '')
      throw new CliError('--subresource can not be used with NonResourceURL')
    warnAboutVerb(context, verb, urlVerbs)
    return { nonResourceAttributes: { verb, path: what } }
  }
  const [type = '', second = ''] = what.split('/')
  const resource = await session.resource(type).catch(() => undefined)
  if (resource === undefined && type !== '*') warnAboutType(context, type)
  const served = resource === undefined ? undefined : await readServed(session, resource)
  const isNamespaced = served?.find(({ name }) => name === resource?.plural)?.namespaced !== false
  warnAboutVerb(context, verb, resourceVerbs)
  if (!isNamespaced && !flags.bool('all-namespaces')) warnAboutScope(context, resource)
  const isSub = context.program !== 'oc' && isSubresource(served, `${resource?.plural}/${second}`)
  const subresource = flags.string('subresource') || (isSub ? second : '')
  const name = isSub ? '' : second
  const namespace = flags.bool('all-namespaces') ? '' : await session.namespace()
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

function warnAboutType({ io }: CommandContext, type: string): void {
  const [name = '', ...group] = type.split('.')
  const where = group.length === 0 ? '' : ` in group '${group.join('.')}'`
  io.stderr.write(visible(`Warning: the server doesn't have a resource type '${name}'${where}\n\n`))
}

function warnAboutScope({ io }: CommandContext, resource: ApiResource | undefined): void {
  const where = resource?.group ? ` in group '${resource.group}'` : ''
  io.stderr.write(`Warning: resource '${resource?.plural}' is not namespace scoped${where}\n\n`)
}

interface Served {
  name: string
  namespaced?: boolean
}

/** What the type's group serves; undefined for who may not ask. */
async function readServed(session: Session, resource: ApiResource): Promise<Served[] | undefined> {
  const path =
    resource.group === '' ? `/api/${resource.version}` : `/apis/${resource.group}/${resource.version}`
  try {
    const rest = await session.rest()
    const list = await rest.json<{ resources?: Served[] }>({ method: 'GET', path, accept: typedAccept })
    return list.resources ?? []
  } catch (error) {
    if (!isApiError(error)) throw error
    return undefined
  }
}

/** `TYPE/x` is a subresource when the group says so; who can't ask is taken at the usual ones. */
function isSubresource(served: readonly Served[] | undefined, name: string): boolean {
  if (served !== undefined) return served.some((one) => one.name === name)
  const [, second = ''] = name.split('/')
  return ['status', 'scale', 'layers', 'secrets', 'log', 'exec', 'token'].includes(second)
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

async function listRules({ session, io, args, flags }: CommandContext): Promise<number> {
  if (args.length > 0) throw new CliError('list option must be specified with no arguments')
  const { formatTabs, tableLayout } = await import('../print/tab-writer.ts')
  const rest = await session.rest()
  const answer = await rest.json<{ status?: { resourceRules?: Json[]; nonResourceRules?: Json[] } }>({
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
  const { resourceRules = [], nonResourceRules = [] } = answer.status ?? {}
  const head = flags.bool('no-headers') ? '' : 'Resources\tNon-Resource URLs\tResource Names\tVerbs\n'
  const rows = ruleLines([...resourceRules, ...nonResourceRules])
  io.stdout.write(formatTabs(`${head}${rows.join('')}`, tableLayout))
  return 0
}
