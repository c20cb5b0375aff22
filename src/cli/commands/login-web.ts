import { spawn } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { formatQuery } from '../../client/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { challengeOf } from './login-oauth.ts'

/** `login --web`: the browser logs in and comes back to a port of this machine with a code. */
export async function askBrowser(
  context: CommandContext,
  metadata: { authorization_endpoint: string },
  verifier: string,
): Promise<{ code: string; redirect: string }> {
  const { flags, io } = context
  const state = randomBytes(16).toString('base64url')
  const server = createServer()
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(flags.int('callback-port'), '127.0.0.1', resolve)
  })
  try {
    const redirect = `http://127.0.0.1:${(server.address() as AddressInfo).port}/callback`
    const query = formatQuery({
      client_id: 'openshift-cli-client',
      code_challenge: challengeOf(verifier),
      code_challenge_method: 'S256',
      redirect_uri: redirect,
      response_type: 'code',
      state,
    })
    const url = `${metadata.authorization_endpoint}${query}`
    io.stdout.write(`Opening login URL in the default browser: ${url}\n`)
    if (flags.bool('auto-open-browser')) openBrowser(url)
    const code = await new Promise<string>((resolve, reject) => {
      io.signal.addEventListener('abort', () => reject(new CliError('interrupted')), { once: true })
      server.on('request', (request, response) => {
        const asked = new URL(request.url ?? '/', redirect)
        if (asked.pathname !== '/callback') return response.writeHead(404).end()
        const found = asked.searchParams.get('state') === state ? asked.searchParams.get('code') : null
        response.writeHead(found === null ? 400 : 200, {
          'Content-Type': 'text/plain; charset=utf-8',
          Connection: 'close',
        })
        response.end(found === null ? 'The login failed.\n' : 'You are logged in; this page may be closed.\n')
        if (found === null)
          reject(new CliError(asked.searchParams.get('error_description') ?? 'the login failed'))
        else resolve(found)
      })
    })
    return { code, redirect }
  } finally {
    server.close()
  }
}

/** A machine without a browser is no failure: the URL is on the screen. */
function openBrowser(url: string): void {
  const opener = process.platform === 'darwin' ? 'open' : 'xdg-open'
  spawn(opener, [url], { stdio: 'ignore', detached: true })
    .on('error', () => undefined)
    .unref()
}
