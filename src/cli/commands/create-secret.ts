import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext, Group } from '../command.ts'
import { CliError, fileProblem } from '../errors.ts'
import type { Flag } from '../parse/flags.ts'
import { readData } from '../resources/data-files.ts'
import { builtin, createGenerated, generatorFlags, oneName } from './create-one.ts'
import { hashedName } from './name-hash.ts'

/** cli.md §7.4. */

export const secrets = builtin('', 'v1', 'secrets', 'Secret')
export const defaultDockerServer = 'https://index.docker.io/v1/'

const appendHash: Flag = { name: 'append-hash', kind: 'bool', help: 'Add a hash of the content to the name.' }
const fromFile: Flag = {
  name: 'from-file',
  kind: 'array',
  help: 'A file, or key=file; a folder stands for its files.',
}

const dockerRegistry: Command = {
  usage:
    'NAME --docker-username=user --docker-password=password [--docker-server=host] [--docker-email=email]',
  long: 'Create a secret that registries are logged in to with.',
  examples: `# Credentials of one registry
$0 create secret docker-registry my-pull --docker-server=registry.example.com --docker-username=u --docker-password=p

# Credentials that podman or docker has stored
$0 create secret docker-registry my-pull --from-file=.dockerconfigjson=auth.json`,
  flags: [
    ...generatorFlags,
    appendHash,
    fromFile,
    { name: 'docker-email', kind: 'string', help: 'E-mail address; few registries ask for one.' },
    { name: 'docker-password', kind: 'string', help: 'Password, or a token.' },
    { name: 'docker-server', kind: 'string', default: defaultDockerServer, help: 'Host of the registry.' },
    { name: 'docker-username', kind: 'string', help: 'User name.' },
  ],
  run: createDockerRegistry,
}

const generic: Command = {
  usage: 'NAME [--type=string] [--from-file=[key=]source] [--from-literal=key1=value1]',
  long: 'Create a secret from files, folders or values.',
  flags: [
    ...generatorFlags,
    appendHash,
    fromFile,
    { name: 'from-env-file', kind: 'list', help: 'A file of KEY=value lines.' },
    { name: 'from-literal', kind: 'array', help: 'A key and its value, as key=value.' },
    { name: 'type', kind: 'string', help: 'The type of the secret.' },
  ],
  run: async (context) => {
    const data = await readData(context, { kind: 'Secret' })
    const { flags } = context
    await createSecret(context, oneName(context.args), data, flags.string('type'), flags.bool('append-hash'))
  },
}

const tls: Command = {
  usage: 'NAME --cert=path --key=path',
  long: 'Create a secret from a certificate and its key, both in PEM.',
  flags: [
    ...generatorFlags,
    appendHash,
    { name: 'cert', kind: 'string', help: 'File of the certificate.' },
    { name: 'key', kind: 'string', help: 'File of the key.' },
  ],
  run: createTls,
}

export const createSecretGroup: Group = {
  long: 'Create a secret of a type.',
  entries: [
    {
      name: 'docker-registry',
      short: 'Credentials of a registry',
      load: () => Promise.resolve(dockerRegistry),
    },
    { name: 'generic', short: 'Any content', load: () => Promise.resolve(generic) },
    { name: 'tls', short: 'A certificate and its key', load: () => Promise.resolve(tls) },
  ],
}

/** The content of `.dockerconfigjson`. */
export function dockerConfigJson(server: string, username: string, password: string, email: string): string {
  const auth = Buffer.from(`${username}:${password}`).toString('base64')
  return JSON.stringify({
    auths: { [server]: { username, password, ...(email === '' ? {} : { email }), auth } },
  })
}

async function createDockerRegistry(context: CommandContext): Promise<void> {
  const { flags } = context
  const name = oneName(context.args)
  const files = flags.list('from-file')
  const [username, password, server] = ['docker-username', 'docker-password', 'docker-server'].map((f) =>
    flags.string(f),
  ) as [string, string, string]
  if (files.length === 0 && (username === '' || password === '' || server === '')) {
    throw new CliError(
      'either --from-file or the combination of --docker-username, --docker-password and --docker-server is required',
    )
  }
  const content = dockerConfigJson(server, username, password, flags.string('docker-email'))
  const data =
    files.length > 0
      ? await readData(context, { kind: 'Secret' }, '.dockerconfigjson')
      : new Map([['.dockerconfigjson', Buffer.from(content)]])
  await createSecret(context, name, data, 'kubernetes.io/dockerconfigjson', flags.bool('append-hash'))
}

async function createTls(context: CommandContext): Promise<void> {
  const { flags, io } = context
  const name = oneName(context.args)
  const { readFile } = await import('node:fs/promises')
  const { resolve } = await import('node:path')
  const read = async (flag: string) => {
    const path = flags.string(flag)
    if (path === '') throw new CliError('key and cert must be specified')
    return readFile(resolve(io.cwd, path)).catch((error: unknown) => {
      throw new CliError(`Cannot read file ${path}, ${fileProblem(error, path)}`)
    })
  }
  const data = new Map([
    ['tls.crt', await read('cert')],
    ['tls.key', await read('key')],
  ])
  await createSecret(context, name, data, 'kubernetes.io/tls', flags.bool('append-hash'))
}

export async function createSecret(
  context: CommandContext,
  name: string,
  data: ReadonlyMap<string, Uint8Array>,
  type: string,
  hash = false,
): Promise<void> {
  const encoded = Object.fromEntries(
    [...data].map(([key, bytes]) => [key, Buffer.from(bytes).toString('base64')]),
  )
  const plain = {
    kind: 'Secret',
    apiVersion: 'v1',
    metadata: { name },
    ...(data.size === 0 ? {} : { data: encoded }),
    ...(type === '' ? {} : { type }),
  }
  const object = hash ? { ...plain, metadata: { name: hashedName(plain) } } : plain
  await createGenerated(context, secrets, object as KubeObject, { explain: explainFor('secret') })
}

/** `failed to create quota: …`, as these generators tell a refusal; for secrets there is no colon. */
export function explainFor(what: string): (error: unknown) => unknown {
  const colon = what === 'secret' ? '' : ':'
  return (error) =>
    isApiError(error) ? new CliError(`failed to create ${what}${colon} ${error.message}`) : error
}
