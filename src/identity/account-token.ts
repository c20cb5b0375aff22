import { errors, type JWTPayload, jwtVerify, SignJWT } from 'jose'
import { serviceAccountName } from '../access/policy.ts'
import type { SigningKeys } from './signing-keys.ts'

/** Service account tokens as JWTs (auth.md U-13; Kubernetes "Service account tokens"). */

export interface BoundObject {
  name: string
  uid: string
}

export interface AccountClaims {
  namespace: string
  serviceAccount: BoundObject
  /** A bound token dies with what it is bound to. */
  secret?: BoundObject
  pod?: BoundObject
  /** Of a legacy token: the secret that holds it. */
  legacySecretName?: string
  audiences: readonly string[]
  id?: string
  /** When it ends; absent for a legacy token. */
  expiresAt?: Date
}

export const legacyIssuer = 'kubernetes/serviceaccount'
const legacy = (name: string) => `kubernetes.io/serviceaccount/${name}`

/** Clocks of one cluster may differ by so much, in seconds. */
const leeway = 10

export interface BoundTokenRequest {
  namespace: string
  serviceAccount: BoundObject
  secret?: BoundObject
  pod?: BoundObject
  audiences: readonly string[]
  issuedAt: Date
  expiresAt: Date
  id: string
}

const seconds = (date: Date) => Math.floor(date.getTime() / 1000)

export async function signBoundToken(
  keys: SigningKeys,
  issuer: string,
  request: BoundTokenRequest,
): Promise<string> {
  const { namespace, serviceAccount, secret, pod } = request
  const payload: JWTPayload = {
    'kubernetes.io': {
      namespace,
      ...(pod === undefined ? {} : { pod }),
      ...(secret === undefined ? {} : { secret }),
      serviceaccount: serviceAccount,
    },
  }
  return new SignJWT(payload)
    .setProtectedHeader({ alg: keys.current.alg, kid: keys.current.kid })
    .setIssuer(issuer)
    .setSubject(serviceAccountName(namespace, serviceAccount.name))
    .setAudience([...request.audiences])
    .setIssuedAt(seconds(request.issuedAt))
    .setNotBefore(seconds(request.issuedAt))
    .setExpirationTime(seconds(request.expiresAt))
    .setJti(request.id)
    .sign(keys.current.privateKey)
}

/**
 * The token of a secret of type `kubernetes.io/service-account-token`: it has no end but that of secret or account.
 */
export async function signLegacyToken(
  keys: SigningKeys,
  request: { namespace: string; serviceAccount: BoundObject; secretName: string },
): Promise<string> {
  const { namespace, serviceAccount, secretName } = request
  return new SignJWT({
    [legacy('namespace')]: namespace,
    [legacy('secret.name')]: secretName,
    [legacy('service-account.name')]: serviceAccount.name,
    [legacy('service-account.uid')]: serviceAccount.uid,
  })
    .setProtectedHeader({ alg: keys.current.alg, kid: keys.current.kid })
    .setIssuer(legacyIssuer)
    .setSubject(serviceAccountName(namespace, serviceAccount.name))
    .sign(keys.current.privateKey)
}

const isRecord = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value)

const isText = (value: unknown): value is string => typeof value === 'string' && value !== ''

function boundObject(value: unknown): BoundObject | undefined {
  return isRecord(value) && isText(value.name) && isText(value.uid)
    ? { name: value.name, uid: value.uid }
    : undefined
}

function parseBound(payload: JWTPayload): AccountClaims | undefined {
  const claim = payload['kubernetes.io']
  if (!isRecord(claim) || !isText(claim.namespace) || payload.exp === undefined) return undefined
  const serviceAccount = boundObject(claim.serviceaccount)
  const secret = boundObject(claim.secret)
  const pod = boundObject(claim.pod)
  const isWhole =
    (claim.secret === undefined || secret !== undefined) && (claim.pod === undefined || pod !== undefined)
  if (serviceAccount === undefined || !isWhole) return undefined
  const { aud = [] } = payload
  return {
    namespace: claim.namespace,
    serviceAccount,
    ...(secret === undefined ? {} : { secret }),
    ...(pod === undefined ? {} : { pod }),
    audiences: typeof aud === 'string' ? [aud] : aud,
    expiresAt: new Date(payload.exp * 1000),
    ...(payload.jti === undefined ? {} : { id: payload.jti }),
  }
}

function parseLegacy(payload: JWTPayload): AccountClaims | undefined {
  const namespace = payload[legacy('namespace')]
  const secretName = payload[legacy('secret.name')]
  const serviceAccount = boundObject({
    name: payload[legacy('service-account.name')],
    uid: payload[legacy('service-account.uid')],
  })
  if (!isText(namespace) || !isText(secretName) || serviceAccount === undefined) return undefined
  return { namespace, serviceAccount, legacySecretName: secretName, audiences: [] }
}

function unverifiedPayload(token: string): Record<string, unknown> | undefined {
  const parts = token.split('.')
  if (parts.length !== 3) return undefined
  try {
    const payload: unknown = JSON.parse(Buffer.from(parts[1] as string, 'base64url').toString('utf8'))
    return isRecord(payload) ? payload : undefined
  } catch {
    return undefined
  }
}

/** Whose token is this by its own, unchecked word? Only to choose who checks it. */
export function unverifiedIssuer(token: string): string | undefined {
  const issuer = unverifiedPayload(token)?.iss
  return isText(issuer) ? issuer : undefined
}

/** Whom a token, checked before, is meant for; undefined when it does not say. */
export function tokenAudiences(token: string): string[] | undefined {
  const audience = unverifiedPayload(token)?.aud
  if (isText(audience)) return [audience]
  return Array.isArray(audience) ? audience.filter(isText) : undefined
}

/**
 * The claims of a token that we signed, for us, and whose time it is; undefined for any other. Keys are looked up
 * by id among our own, each with its one algorithm: what the header says otherwise (`none`, HS256, `jku`, `x5u`, a
 * path) counts for nothing.
 */
export async function verifyAccountToken(
  keys: SigningKeys,
  token: string,
  expected: { issuer: string; audiences: readonly string[]; now: Date },
): Promise<AccountClaims | undefined> {
  try {
    const isLegacy = unverifiedIssuer(token) === legacyIssuer
    const { payload } = await jwtVerify(
      token,
      ({ kid, alg }) => {
        const key = keys.verifying.get(kid ?? '')
        if (key === undefined || key.alg !== alg) throw new errors.JWSInvalid('unknown key')
        return key.publicKey
      },
      {
        algorithms: ['ES256', 'RS256'],
        issuer: isLegacy ? legacyIssuer : expected.issuer,
        ...(isLegacy ? {} : { audience: [...expected.audiences] }),
        currentDate: expected.now,
        clockTolerance: leeway,
      },
    )
    if (payload.iat !== undefined && payload.iat > seconds(expected.now) + leeway) return undefined
    const claims = isLegacy ? parseLegacy(payload) : parseBound(payload)
    if (claims === undefined) return undefined
    return payload.sub === serviceAccountName(claims.namespace, claims.serviceAccount.name)
      ? claims
      : undefined
  } catch (error) {
    if (error instanceof errors.JOSEError) return undefined
    throw error
  }
}
