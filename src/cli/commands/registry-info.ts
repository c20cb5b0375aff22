import { type Rest, resourcePath } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'
import { imageStreams, typedAccept } from '../resources/image-api.ts'
import type { StreamObject } from '../resources/image-types.ts'

/** cli.md §15, `registry info`. */
export const registryInfoCommand: Command = {
  usage: '',
  long: 'Show the host of the integrated registry, the public one where there is one.',
  flags: [
    { name: 'check', kind: 'bool', help: 'See whether the registry answers.' },
    { name: 'internal', kind: 'bool', help: 'The host inside of the cluster.' },
    { name: 'public', kind: 'bool', help: 'The host outside of the cluster.' },
    { name: 'quiet', short: 'q', kind: 'bool', help: 'The same as --check.' },
  ],
  run: runInfo,
}

export interface RegistryHosts {
  /** '' where there is none. */
  public: string
  internal: string
}

async function firstStream(rest: Rest, namespace: string): Promise<StreamObject | undefined> {
  const path = resourcePath(imageStreams, namespace)
  const list = await rest.json<{ items?: StreamObject[] | null }>({
    method: 'GET',
    path,
    accept: typedAccept,
  })
  return list.items?.[0]
}

function hostOf(repository: string | undefined): string {
  return repository === undefined ? '' : (repository.split('/')[0] as string)
}

/** The first stream of the namespace, or else of `openshift`, tells where the registry is. */
export async function findHosts({ session }: CommandContext): Promise<RegistryHosts> {
  const rest = await session.rest()
  const namespace = await session.namespace()
  const stream =
    (await firstStream(rest, namespace)) ?? (await firstStream(rest, 'openshift').catch(() => undefined))
  if (stream === undefined) {
    throw new CliError(
      'no image streams could be located to retrieve registry info, please specify a namespace with image streams',
    )
  }
  const hosts = {
    public: hostOf(stream.status?.publicDockerImageRepository),
    internal: hostOf(stream.status?.dockerImageRepository),
  }
  if (hosts.public === '' && hosts.internal === '')
    throw new CliError('the integrated registry has not been configured')
  return hosts
}

async function runInfo(context: CommandContext): Promise<void> {
  const { flags, io } = context
  if (flags.bool('internal') && flags.bool('public'))
    throw new CliError('only one of --internal or --public may be specified at a time')
  const hosts = await findHosts(context)
  if (flags.bool('public') && hosts.public === '')
    throw new CliError('registry does not have public hostname')
  if (flags.bool('internal') && hosts.internal === '')
    throw new CliError('registry does not have an internal hostname')
  const host = flags.bool('internal')
    ? hosts.internal
    : flags.bool('public')
      ? hosts.public
      : hosts.public || hosts.internal
  if (flags.bool('check') || flags.bool('quiet')) {
    if (hosts.public === '' && !flags.bool('internal'))
      io.stderr.write('info: Registry does not have a public hostname\n')
    await ping(context, host)
  }
  io.stdout.write(`${host}\n`)
}

async function ping({ io }: CommandContext, host: string): Promise<void> {
  using transport = io.connect({ server: `https://${host}`, proxyEnv: io.env })
  try {
    const response = await transport.send({ method: 'GET', path: '/v2/', headers: {}, timeout: 15_000 })
    response.body.destroy()
  } catch (error) {
    throw new CliError(`registry could not be contacted at ${host}: ${messageOf(error)}`)
  }
}
