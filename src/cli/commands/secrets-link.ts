import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { typedAccept } from '../resources/image-api.ts'
import { readObject } from '../resources/probe.ts'
import { builtin } from './create-one.ts'
import { secrets } from './create-secret.ts'

/** cli.md §12.1, §12.2; auth.md U-40 to U-42. */

const serviceAccounts = builtin('', 'v1', 'serviceaccounts', 'ServiceAccount')

interface Named {
  name?: string
}

interface ServiceAccount extends KubeObject {
  secrets?: Named[]
  imagePullSecrets?: Named[]
}

type Use = 'secrets' | 'imagePullSecrets'

export const linkCommand: Command = {
  usage: 'serviceaccounts-name secret-name [another-secret-name]...',
  long: 'Give secrets to a service account, for its pods to mount or for pulling their images.',
  examples: `# Pull the images of pods with this secret
$0 secrets link default my-pull --for=pull

# Let builds push with it
$0 secrets link builder my-pull`,
  flags: [{ name: 'for', kind: 'list', help: 'What for: mount, pull or both.', shownDefault: '[mount]' }],
  run: runLink,
}

export const unlinkCommand: Command = {
  usage: 'serviceaccounts-name secret-name [another-secret-name]...',
  long: 'Take secrets from a service account. The secrets themselves stay.',
  run: runUnlink,
}

interface Request {
  rest: Rest
  namespace: string
  account: string
  names: string[]
}

async function readRequest({ args, session }: CommandContext): Promise<Request> {
  const [account = '', ...names] = args
  if (names.length === 0) throw new CliError('must have service account name and at least one secret name')
  return {
    rest: await session.rest(),
    namespace: await session.namespace(),
    account: account.replace(/^(?:sa|serviceaccounts?)\//, ''),
    names: names.map((text) => {
      const slash = text.indexOf('/')
      if (slash === -1) return text
      if (!['secret', 'secrets'].includes(text.slice(0, slash))) {
        throw new CliError(`expected resource of type secret, got ${JSON.stringify(text)}`)
      }
      return text.slice(slash + 1)
    }),
  }
}

/** The secrets that exist; the others are told and left out. */
async function findSecrets({ io }: CommandContext, { rest, namespace, names }: Request): Promise<string[]> {
  const found: string[] = []
  for (const name of names) {
    try {
      await readObject(rest, secrets, namespace, name, { accept: typedAccept })
      found.push(name)
    } catch (error) {
      if (!isApiError(error) || error.code !== 404) throw error
      io.stderr.write(`secret ${JSON.stringify(name)} not found\n`)
    }
  }
  return found
}

async function readAccount({ rest, namespace, account }: Request): Promise<ServiceAccount> {
  return readObject<ServiceAccount>(rest, serviceAccounts, namespace, account, { accept: typedAccept })
}

async function writeAccount({ rest, namespace, account }: Request, body: ServiceAccount): Promise<void> {
  await rest.request({ method: 'PUT', path: resourcePath(serviceAccounts, namespace, account), body })
}

function readUses({ flags }: CommandContext): Set<Use> {
  const words = flags.changed('for') ? flags.list('for') : ['mount']
  return new Set(
    words.map((word): Use => {
      const lower = word.toLowerCase()
      if (lower === 'mount') return 'secrets'
      if (lower === 'pull') return 'imagePullSecrets'
      throw new CliError(`unknown for: ${word}`)
    }),
  )
}

async function runLink(context: CommandContext): Promise<void> {
  const uses = readUses(context)
  const request = await readRequest(context)
  const account = await readAccount(request)
  const found = await findSecrets(context, request)
  if (found.length === 0) throw new CliError('No valid secrets found')
  const next = { ...account }
  let added = false
  for (const use of uses) {
    const current = account[use] ?? []
    const fresh = found.filter((name) => !current.some((one) => one.name === name)).sort()
    if (fresh.length === 0) continue
    next[use] = [...current, ...fresh.map((name) => ({ name }))]
    added = true
  }
  if (added) return writeAccount(request, next)
  if (found.length < request.names.length) throw new CliError('Some secrets could not be linked')
}

async function runUnlink(context: CommandContext): Promise<void> {
  const request = await readRequest(context)
  const account = await readAccount(request)
  const found = await findSecrets(context, request)
  const without = (list: readonly Named[] = []) =>
    list.filter(({ name }) => !request.names.includes(name ?? ''))
  const next = { ...account }
  for (const use of ['secrets', 'imagePullSecrets'] as const)
    if (account[use] !== undefined) next[use] = without(account[use])
  const changed = (['secrets', 'imagePullSecrets'] as const).some(
    (use) => next[use]?.length !== account[use]?.length,
  )
  if (!changed) throw new CliError('No valid secrets found or secrets not linked to service account')
  await writeAccount(request, next)
  if (found.length < request.names.length) {
    throw new CliError(
      `Unlinked deleted secrets from ${request.namespace}/${request.account} service account`,
    )
  }
  context.io.stdout.write(`serviceaccount/${request.account} updated\n`)
}
