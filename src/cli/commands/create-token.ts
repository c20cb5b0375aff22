import { resourcePath } from '../../client/index.ts'
import type { Command } from '../command.ts'
import { builtin, oneName } from './create-one.ts'
import { explainFor } from './create-secret.ts'

/** cli.md §7.7. */
export const createTokenCommand: Command = {
  usage: 'SERVICE_ACCOUNT_NAME',
  long: 'Request a token of a service account and print it.',
  flags: [
    { name: 'audience', kind: 'array', help: 'Who the token is meant for.' },
    { name: 'duration', kind: 'duration', help: 'How long it shall be valid.' },
    { name: 'output', short: 'o', kind: 'string', help: 'json or yaml print the whole answer.' },
  ],
  run: async ({ args, flags, session, io }) => {
    const accounts = builtin('', 'v1', 'serviceaccounts', 'ServiceAccount')
    const name = oneName(args)
    const audiences = flags.list('audience')
    const seconds = Math.round(flags.duration('duration') / 1000)
    const rest = await session.rest()
    const request = {
      method: 'POST',
      path: resourcePath(accounts, await session.namespace(), name, 'token'),
      body: {
        kind: 'TokenRequest',
        apiVersion: 'authentication.k8s.io/v1',
        metadata: {},
        spec: {
          audiences: audiences.length === 0 ? null : audiences,
          ...(seconds > 0 ? { expirationSeconds: seconds } : {}),
        },
        status: {},
      },
    }
    const answer = await rest
      .json<{ status?: { token?: string } }>(request)
      .catch((error: unknown) => Promise.reject(explainFor('token')(error)))
    const output = flags.string('output')
    if (output === 'json') io.stdout.write((await import('../print/format-json.ts')).formatJson(answer))
    else if (output === 'yaml') io.stdout.write((await import('../print/format-yaml.ts')).formatYaml(answer))
    else io.stdout.write(`${answer.status?.token ?? ''}\n`)
  },
}
