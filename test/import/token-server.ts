import { randomUUID } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { importPKCS8, SignJWT } from 'jose'
import {
  type HostileServer,
  type Seen,
  send,
  startServer,
} from '../../src/upstream/testing/hostile-server.ts'

/** A small token server for docker-registry: whoever logs in as one of the accounts may pull, nobody else. */

export const service = 'registry.test'
export const issuer = 'tokens.test'

export interface TokenServer extends HostileServer {
  /** As the registry names it. */
  realm: string
}

export interface TokenServerOptions {
  /** Passwords by user. */
  accounts: Readonly<Record<string, string>>
  /** Files in PEM; the registry trusts the certificate's CA. */
  certificate: string
  key: string
  /** How the registry's clients are told to find it; absent: by its address. */
  hostname?: string
}

export async function startTokenServer(options: TokenServerOptions): Promise<TokenServer> {
  const key = await importPKCS8(await readFile(options.key, 'utf8'), 'RS256')
  const pem = await readFile(options.certificate, 'utf8')
  const x5c = [pem.replace(/-----[A-Z ]+-----|\s/g, '')]
  const issue = (access: object[], subject: string) =>
    new SignJWT({ access, jti: randomUUID() })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', x5c })
      .setIssuer(issuer)
      .setSubject(subject)
      .setAudience(service)
      .setIssuedAt()
      .setNotBefore('-10s')
      .setExpirationTime('5m')
      .sign(key)
  const server = await startServer((request, response) => {
    const user = userOf(request, options.accounts)
    if (user === undefined) {
      return send(response, 401, '{"errors":[{"code":"UNAUTHORIZED","message":"who are you?"}]}')
    }
    const [type = '', name = ''] =
      new URL(request.url, 'http://t').searchParams.get('scope')?.split(':') ?? []
    const access = user === '' || name === '' ? [] : [{ type, name, actions: ['pull'] }]
    void issue(access, user).then((token) => send(response, 200, JSON.stringify({ token })))
  })
  const { port } = new URL(`http://${server.host}`)
  return { ...server, realm: `http://${options.hostname ?? '127.0.0.1'}:${port}/token` }
}

/** '' for nobody; undefined when the login is wrong. */
function userOf({ headers }: Seen, accounts: TokenServerOptions['accounts']): string | undefined {
  const [scheme, encoded = ''] = (headers.authorization ?? '').split(' ')
  if (scheme !== 'Basic') return ''
  const [user = '', password = ''] = Buffer.from(encoded, 'base64').toString('utf8').split(':')
  return accounts[user] === password ? user : undefined
}
