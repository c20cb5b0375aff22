import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { clientVersion } from '../version.ts'

/** cli.md §0.10. */
export const versionCommand: Command = {
  usage: '',
  long: 'Show the versions of the client and of the server.',
  flags: [
    { name: 'client', kind: 'bool', help: 'Only the client; no server is needed.' },
    { name: 'output', short: 'o', kind: 'string', help: 'json or yaml.' },
  ],
  run: runVersion,
}

interface Versions {
  clientVersion: Record<string, string>
  releaseClientVersion?: string
  openshiftVersion?: string
  serverVersion?: Record<string, string>
}

function ownVersion(): Record<string, string> {
  const [major = '', minor = ''] = clientVersion.split('.')
  const arch = process.arch === 'x64' ? 'amd64' : process.arch
  return {
    major,
    minor,
    gitVersion: `v${clientVersion}`,
    nodeVersion: process.version,
    platform: `${process.platform}/${arch}`,
  }
}

async function readServer({
  session,
}: CommandContext): Promise<Pick<Versions, 'openshiftVersion' | 'serverVersion'>> {
  const { typedAccept } = await import('../resources/image-api.ts')
  const rest = await session.rest()
  const serverVersion = await rest.json<Record<string, string>>({
    method: 'GET',
    path: '/version',
    query: { timeout: '32s' },
    accept: typedAccept,
  })
  try {
    const cluster = await rest.json<{ status?: { history?: { state?: string; version?: string }[] } }>({
      method: 'GET',
      path: '/apis/config.openshift.io/v1/clusterversions/version',
      accept: typedAccept,
    })
    const done = cluster.status?.history?.find((entry) => entry.state === 'Completed')
    return { serverVersion, ...(done?.version === undefined ? {} : { openshiftVersion: done.version }) }
  } catch (error) {
    if (isApiError(error)) return { serverVersion }
    throw error
  }
}

async function runVersion(context: CommandContext): Promise<void> {
  const { flags, io } = context
  const output = flags.string('output')
  if (!['', 'json', 'yaml'].includes(output)) throw new CliError("--output must be 'yaml' or 'json'")
  const versions: Versions = { clientVersion: ownVersion() }
  let problem: unknown
  if (!flags.bool('client')) {
    try {
      Object.assign(versions, await readServer(context))
    } catch (error) {
      // The client's part is told even so.
      problem = error
    }
  }
  io.stdout.write(await formatVersions(versions, output))
  if (problem !== undefined) throw problem
}

async function formatVersions(versions: Versions, output: string): Promise<string> {
  const { serverVersion, openshiftVersion } = versions
  const ordered = {
    clientVersion: versions.clientVersion,
    ...(openshiftVersion === undefined ? {} : { openshiftVersion }),
    ...(serverVersion === undefined ? {} : { serverVersion }),
  }
  if (output === 'json')
    return (await import('../print/format-json.ts')).formatJson(ordered, { typed: true, indent: 2 })
  if (output === 'yaml') return (await import('../print/format-yaml.ts')).formatYaml(ordered)
  const lines = [`Client Version: ${versions.clientVersion.gitVersion}`]
  if (openshiftVersion !== undefined) lines.push(`Server Version: ${openshiftVersion}`)
  if (serverVersion?.gitVersion !== undefined) lines.push(`Kubernetes Version: ${serverVersion.gitVersion}`)
  return lines.map((line) => `${line}\n`).join('')
}
