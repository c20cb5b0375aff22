import assert from 'node:assert/strict'
import type { LookupAddress } from 'node:dns'
import type { ServerResponse } from 'node:http'
import { networkInterfaces } from 'node:os'
import { defaultAddressPolicy, reachableZone } from '../addresses.ts'
import type { UpstreamSettings } from '../create-upstream.ts'
import { createUpstream } from '../create-upstream.ts'
import type { Keyring } from '../credentials.ts'
import { createKeyring } from '../credentials.ts'
import type { UpstreamErrorKind } from '../errors.ts'
import { isUpstreamError } from '../errors.ts'
import type { Repository } from '../target.ts'
import type { Upstream } from '../upstream.ts'
import type { HostileServer, Seen } from './hostile-server.ts'
import { send } from './hostile-server.ts'
import { makeImage } from './images.ts'

/** What the tests of threats share: a canary that must never show, hurried limits, registries that misbehave. */

/** An address of this machine that registries may have and that isn't loopback; undefined where there is none. */
export const outside = Object.values(networkInterfaces())
  .flatMap((nets) => nets ?? [])
  .map(({ address }) => address)
  .find(
    (address) =>
      !address.includes(':') && reachableZone(address, 'private', defaultAddressPolicy) !== undefined,
  )
export const onlyLoopback = outside === undefined ? 'this machine has no address but loopback' : false

export const image = makeImage('threats')
export const canary = 'canary-7f3a'
export const quick: UpstreamSettings = {
  limits: {
    retries: 0,
    documentTimeout: 2000,
    headersTimeout: 1000,
    bodyIdleTimeout: 500,
    pingTimeout: 1000,
  },
}

export function login(...hosts: string[]): Keyring {
  const auths = Object.fromEntries(
    hosts.map((host) => [host, { username: `user-of-${host}`, password: canary }]),
  )
  const data = { '.dockerconfigjson': Buffer.from(JSON.stringify({ auths })).toString('base64') }
  return createKeyring([{ name: 'pull', type: 'kubernetes.io/dockerconfigjson', data }])
}

export async function failure(promise: Promise<unknown>, kind?: UpstreamErrorKind): Promise<string> {
  const error = await promise.then(
    () => assert.fail('it succeeded'),
    (reason: unknown) => reason,
  )
  assert.ok(isUpstreamError(error), `not an UpstreamError: ${String(error)}`)
  if (kind !== undefined) assert.equal(error.kind, kind, error.message)
  assert.ok(!`${error.message}\n${error.stack}`.includes(canary), 'threat 16: the secret is in the error')
  return error.message
}

export const authorizations = ({ seen }: HostileServer) =>
  seen.map(({ headers }) => headers.authorization ?? '')
export const at = ({ host }: HostileServer, name = 'team/app'): Repository => ({ registry: host, name })

/** A registry that wants a token from the realm, then serves the image. */
export function tokenRegistry(realm: () => string) {
  return (request: Seen, response: ServerResponse) => {
    if (request.headers.authorization === 'Bearer good-token') return serveManifest(response)
    send(response, 401, '{}', { 'www-authenticate': `Bearer realm="${realm()}",service="reg"` })
  }
}

export function serveManifest(response: ServerResponse): void {
  send(response, 200, image.bytes, { 'content-type': image.mediaType, 'docker-content-digest': image.digest })
}

export function grantToken(_: Seen, response: ServerResponse): void {
  send(response, 200, JSON.stringify({ token: 'good-token' }))
}

export const insecure = (keyring?: Keyring) => ({
  insecure: true,
  ...(keyring === undefined ? {} : { credentials: keyring }),
})

export function withUpstream(
  task: (upstream: Upstream) => Promise<void>,
  settings: UpstreamSettings = quick,
) {
  return async () => {
    await using upstream = createUpstream(settings)
    await task(upstream)
  }
}

export function fakeLookup(names: Record<string, string>) {
  return (
    hostname: string,
    _: unknown,
    callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
  ): void => {
    const address = names[hostname]
    if (address !== undefined) callback(null, [{ address, family: 4 }])
    else callback(Object.assign(new Error('none'), { code: 'ENOTFOUND', hostname }), [])
  }
}
