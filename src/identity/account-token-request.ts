import type { TokenRequest } from '../api/authentication/token-request.ts'
import { pods, secrets, serviceAccounts } from '../api/core/index.ts'
import type { Client } from '../client/client.ts'
import type { FieldError } from '../machinery/errors.ts'
import { conflict, invalid, notFound } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import { formatTime } from '../machinery/object.ts'
import type { BoundObject } from './account-token.ts'
import { signBoundToken } from './account-token.ts'
import { findObject } from './find-object.ts'
import type { SigningKeys } from './signing-keys.ts'

/** `serviceaccounts/<name>/token`: `oc create token` (Kubernetes "TokenRequest"). */

export interface TokenIssuer {
  keys: SigningKeys
  issuer: string
  /** Of tokens that are asked for without. */
  audiences: readonly string[]
  now(): Date
  /** A new UUID. */
  newId(): string
}

export interface TokenRequestDeps extends TokenIssuer {
  client: Client
}

const usualLifetime = 3600
const shortest = 600
const longest = 2 ** 32

function lifetimeErrors(value: number): FieldError[] {
  const field = 'spec.expirationSeconds'
  const type = 'Invalid value'
  if (value < shortest) {
    return [{ type, field, value, detail: 'may not specify a duration less than 10 minutes' }]
  }
  if (value > longest) {
    return [{ type, field, value, detail: 'may not specify a duration larger than 2^32 seconds' }]
  }
  return []
}

type Bound = { secret?: BoundObject; pod?: BoundObject }

async function findBound(deps: TokenRequestDeps, namespace: string, body: TokenRequest): Promise<Bound> {
  const asked = body.spec?.boundObjectRef
  if (asked == null) return {}
  const { apiVersion = '', kind = '', name = '', uid: wanted = '' } = asked
  const isPod = apiVersion === 'v1' && kind === 'Pod'
  if (!isPod && !(apiVersion === 'v1' && kind === 'Secret')) {
    const detail = `cannot bind token to object of type ${apiVersion}, Kind=${kind}`
    throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', [
      { type: 'Invalid value', field: 'spec.boundObjectRef.kind', value: kind, detail },
    ])
  }
  const found: KubeObject | undefined = isPod
    ? await findObject(deps.client, pods, namespace, name)
    : await findObject(deps.client, secrets, namespace, name)
  const resource = { group: '', resource: isPod ? 'pods' : 'secrets' }
  if (found === undefined) throw notFound(resource, name)
  const uid = found.metadata.uid ?? ''
  if (wanted !== '' && wanted !== uid) {
    throw conflict(
      resource,
      name,
      `the UID in the bound object reference (${wanted}) does not match the UID in record. The object might have been deleted and then recreated`,
    )
  }
  return isPod ? { pod: { name, uid } } : { secret: { name, uid } }
}

/** The request with its token; nothing is stored. Rejects when the account is not there. */
export async function requestAccountToken(
  body: TokenRequest,
  namespace: string,
  name: string,
  deps: TokenRequestDeps,
): Promise<TokenRequest> {
  const account = await deps.client.get(serviceAccounts, namespace, name)
  const expirationSeconds = body.spec?.expirationSeconds ?? usualLifetime
  const errors = lifetimeErrors(expirationSeconds)
  if (errors.length > 0) throw invalid({ group: 'authentication.k8s.io', kind: 'TokenRequest' }, '', errors)
  const asked = body.spec?.audiences ?? []
  const audiences = asked.length === 0 ? [...deps.audiences] : asked
  const uid = account.metadata.uid ?? ''
  const issuedAt = deps.now()
  const expiresAt = new Date(issuedAt.getTime() + expirationSeconds * 1000)
  const token = await signBoundToken(deps.keys, deps.issuer, {
    namespace,
    serviceAccount: { name, uid },
    ...(await findBound(deps, namespace, body)),
    audiences,
    issuedAt,
    expiresAt,
    id: deps.newId(),
  })
  return {
    ...body,
    metadata: { ...body.metadata, name, namespace, uid, creationTimestamp: formatTime(issuedAt) },
    spec: { ...body.spec, audiences, expirationSeconds, boundObjectRef: body.spec?.boundObjectRef ?? null },
    status: { token, expirationTimestamp: formatTime(expiresAt) },
  }
}
