import { createHash } from 'node:crypto'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { saveKubeconfig } from '../kubeconfig/save.ts'
import { whoAmIOrToken } from '../resources/identity.ts'
import { typedAccept } from '../resources/image-api.ts'

/** cli.md §14.2. */
export const logoutCommand: Command = {
  usage: '',
  long: 'End the session: the token is revoked and forgotten.',
  run: runLogout,
}

/** The name that a token's object has: for today's tokens a hash, so that the name gives nothing away. */
export function tokenObjectName(token: string): string {
  const prefix = 'sha256~'
  if (!token.startsWith(prefix)) return token
  return prefix + createHash('sha256').update(token.slice(prefix.length)).digest('base64url')
}

async function runLogout({ args, session, io }: CommandContext): Promise<void> {
  if (args.length > 0) throw new CliError('No arguments are allowed')
  const target = await session.target()
  const { token } = target
  if (token === undefined) throw new CliError('You must have a token in order to logout.')
  const rest = await session.rest()
  const user = await whoAmIOrToken(rest, token)
  const path = `/apis/oauth.openshift.io/v1/oauthaccesstokens/${tokenObjectName(token)}`
  // A token that is no object, as a service account's, can only be forgotten.
  await rest.attempt({ method: 'DELETE', path, accept: typedAccept })
  const config = await session.kubeconfig()
  const users = [...config.users]
    .filter(([, entry]) => entry.token === token)
    .map(([name]) => [name, { token: undefined }])
  await saveKubeconfig(config, { users: Object.fromEntries(users) })
  io.stdout.write(`Logged "${user}" out on "${target.server}"\n`)
}
