import { createHash, randomBytes } from 'node:crypto'
import { createRest, formatQuery, type Rest, type RestResponse } from '../../client/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError, ExitError } from '../errors.ts'
import type { Target } from '../kubeconfig/target.ts'
import { readLine, readSecret } from '../prompt.ts'

/** The OAuth challenge of `login` (cli.md §20.5): a code for user name and password, a token for the code. */

const clientId = 'openshift-challenging-client'
const wellKnown = '/.well-known/oauth-authorization-server'

interface Metadata {
  issuer: string
  authorization_endpoint: string
  token_endpoint: string
  code_challenge_methods_supported?: string[]
}

interface Flow {
  context: CommandContext
  target: Target
  metadata: Metadata
  redirect: string
  verifier: string
}

/** Requests to an absolute URL, which may be on another host than the API. */
function restAt(context: CommandContext, target: Target, url: URL): Rest {
  const server = url.origin
  const sameServer = new URL(target.server).origin === server
  const transport = context.io.connect({
    server,
    insecure: target.insecure,
    ...(target.ca === undefined ? {} : { ca: target.ca }),
    ...(sameServer && target.serverName !== undefined ? { serverName: target.serverName } : {}),
    proxyEnv: context.io.env,
  })
  return createRest({ transport, server, userAgent: context.program })
}

async function readMetadata(context: CommandContext, target: Target): Promise<Metadata> {
  const { token: _, ...anonymous } = target
  const rest = await context.session.restFor(anonymous)
  const response = await rest.attempt({
    method: 'GET',
    path: wellKnown,
    headers: { 'X-CSRF-Token': '1' },
    accept: null,
  })
  const url = `${target.server}${wellKnown}`
  if (response.status !== 200)
    throw new CliError(`couldn't get ${url}: unexpected response status ${response.status}`)
  try {
    const metadata = JSON.parse(response.text) as Metadata
    for (const key of ['issuer', 'authorization_endpoint', 'token_endpoint'] as const) new URL(metadata[key])
    return metadata
  } catch {
    throw new CliError(`couldn't get ${url}: the answer is no OAuth metadata`)
  }
}

export async function askForToken(context: CommandContext, target: Target): Promise<string> {
  const metadata = await readMetadata(context, target)
  const flow: Flow = {
    context,
    target,
    metadata,
    redirect: `${metadata.issuer.replace(/\/+$/, '')}/oauth/token/implicit`,
    verifier: randomBytes(32).toString('base64url'),
  }
  if (context.flags.bool('web')) {
    const { askBrowser } = await import('./login-web.ts')
    const { code, redirect } = await askBrowser(context, metadata, flow.verifier)
    return redeem({ ...flow, redirect }, code, 'openshift-cli-client')
  }
  return redeem(flow, await askForCode(flow), clientId)
}

function usesPkce({ metadata }: Flow): boolean {
  return metadata.code_challenge_methods_supported?.includes('S256') === true
}

export function challengeOf(verifier: string): string {
  return createHash('sha256').update(verifier).digest('base64url')
}

async function askForCode(flow: Flow): Promise<string> {
  const url = new URL(flow.metadata.authorization_endpoint)
  const rest = restAt(flow.context, flow.target, url)
  const pkce = usesPkce(flow)
    ? { code_challenge: challengeOf(flow.verifier), code_challenge_method: 'S256' }
    : {}
  const query = formatQuery({
    client_id: clientId,
    ...pkce,
    redirect_uri: flow.redirect,
    response_type: 'code',
  })
  const path = `${url.pathname}${query}`
  let authorization: string | undefined
  for (;;) {
    const headers = {
      'X-CSRF-Token': '1',
      ...(authorization === undefined ? {} : { Authorization: authorization }),
    }
    const response = await rest.attempt({ method: 'GET', path, headers, accept: null })
    if (response.status === 302) return readCode(response)
    if (response.status !== 401) throw new CliError(`unexpected response: ${response.status}`)
    if (authorization !== undefined) throw refused(flow.context)
    authorization = await answerChallenge(flow, response)
  }
}

function readCode(response: RestResponse): string {
  const location = new URL(response.headers.location ?? '', 'https://nowhere.invalid')
  const parameters = location.searchParams
  const error = parameters.get('error')
  if (error === 'access_denied') throw new CliError(parameters.get('error_description') ?? error)
  if (error !== null) throw new CliError(`${error} ${parameters.get('error_description') ?? ''}`.trim())
  const code = parameters.get('code')
  if (code === null) throw new CliError('the login did not answer with a code')
  return code
}

function refused({ io }: CommandContext): ExitError {
  io.stdout.write('Login failed (401 Unauthorized)\nVerify you have provided the correct credentials.\n')
  return new ExitError(1)
}

/** The value of `Authorization` for a Basic challenge. */
async function answerChallenge(flow: Flow, response: RestResponse): Promise<string> {
  const { context, target, metadata } = flow
  const { io, flags } = context
  const challenge = /\bBasic\b(?:\s+realm="([^"]*)")?/i.exec(response.headers['www-authenticate'] ?? '')
  if (challenge === null) {
    if (response.text.trim() !== '') io.stdout.write(`${response.text.trim()}\n`)
    io.stdout.write(tokenHint(metadata))
    throw new ExitError(1)
  }
  let name = flags.string('username')
  let password = flags.string('password')
  if (name !== '' && password !== '') return basic(name, password)
  io.stdout.write(`Authentication required for ${target.server} (${challenge[1] ?? ''})\n`)
  if (name === '') {
    io.stdout.write('Username: ')
    name = (await readLine(io)).trim()
    if (name === '') {
      io.stdout.write(tokenHint(metadata))
      throw new ExitError(1)
    }
  } else io.stdout.write(`Username: ${name}\n`)
  if (password === '') {
    io.stdout.write('Password: ')
    password = await readSecret(io)
  }
  return basic(name, password)
}

function basic(name: string, password: string): string {
  if (name.includes(':')) throw new CliError(`username ${JSON.stringify(name)} is invalid for basic auth`)
  return `Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`
}

function tokenHint({ token_endpoint: endpoint }: Metadata): string {
  return `You must obtain an API token by visiting ${endpoint}/request\n`
}

async function redeem(flow: Flow, code: string, client: string): Promise<string> {
  const url = new URL(flow.metadata.token_endpoint)
  const rest = restAt(flow.context, flow.target, url)
  const form = new URLSearchParams({
    grant_type: 'authorization_code',
    code,
    redirect_uri: flow.redirect,
    ...(usesPkce(flow) ? { code_verifier: flow.verifier } : {}),
    ...(client === clientId ? {} : { client_id: client }),
  })
  const response = await rest.attempt({
    method: 'POST',
    path: url.pathname,
    body: form.toString(),
    contentType: 'application/x-www-form-urlencoded',
    headers:
      client === clientId ? { Authorization: `Basic ${Buffer.from(`${client}:`).toString('base64')}` } : {},
  })
  const answer = parseAnswer(response.text)
  if (answer.access_token !== undefined) return answer.access_token
  throw new CliError(
    `the server gave no token: ${answer.error_description ?? answer.error ?? `status ${response.status}`}`,
  )
}

interface TokenAnswer {
  access_token?: string
  error?: string
  error_description?: string
}

function parseAnswer(text: string): TokenAnswer {
  try {
    return JSON.parse(text) as TokenAnswer
  } catch {
    return {}
  }
}
