import { hash, randomBytes, timingSafeEqual } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import type { FastifyBaseLogger, FastifyRequest } from 'fastify'
import { type Action, type Authorize, anonymous, type Subject } from '../access/access.ts'
import {
  type Authenticate,
  builtInClients,
  cacheTokens,
  createAccountTokenSource,
  createAttemptLimiter,
  createAuthenticator,
  createAuthorizer,
  createOAuthServer,
  createOAuthToken,
  createOAuthTokenSource,
  createPasswordSource,
  createRegistryLogin,
  createSinglePasswordCheck,
  deriveSecret,
  distinctHeaders,
  type HandleOAuth,
  type IdentityProvider,
  impersonate,
  isOAuthToken,
  openAdminPassword,
  openGroupIndex,
  openPolicySource,
  openSigningKeys,
  type PasswordProvider,
  type Peer,
  type PolicySource,
  parseTokenFile,
  type SigningKeys,
  TokenFileError,
  type TokenSource,
} from '../identity/index.ts'
import { unauthorized } from '../machinery/errors.ts'
import type { Resources } from '../resources/resources.ts'
import type { Config } from './config.ts'
import { readIfPresent, writeWhole } from './files.ts'
import { builtInProvider } from './identity-config.ts'
import { openProviders } from './open-providers.ts'
import { StartError } from './start-error.ts'

export const adminName = 'admin'
/** Whom the API's own tokens are meant for. */
export const audiences = ['https://kubernetes.default.svc']

export interface OpenIdentity {
  authenticate: Authenticate
  authorize: Authorize
  policySource: PolicySource
  tokens: readonly TokenSource[]
  keys: SigningKeys
  issuer: string
  adminPassword: string
  adminToken: string
  /** Login by password, for people and for `oc login`. */
  oauth: HandleOAuth
  /** Login by password at the registry's token endpoint. */
  logInAtRegistry: ReturnType<typeof createRegistryLogin>
  /** Who calls: 401 for bad credentials, anonymous for none. */
  callerOf(request: FastifyRequest): Promise<Subject>
  /** Whom the caller acts as: itself without `Impersonate-*` headers; 403 for who may not act as somebody else. */
  actsAs(caller: Subject, request: FastifyRequest, action: Action): Promise<Subject>
}

/** Everything that tells who is calling and what they may (auth.md §1, §2). */
export async function openIdentity(
  config: Config,
  resources: Resources,
  {
    clock,
    log,
    signal,
    apiUrl,
  }: { clock: () => Date; log: FastifyBaseLogger; signal: AbortSignal; apiUrl: string },
): Promise<OpenIdentity> {
  const client = resources.system
  const onError = (error: unknown) =>
    log.warn({ err: error }, 'a list or watch of identity failed; it is tried again')
  const keys = await openSigningKeys(join(config.dataDir, 'pki'))
  const issuer = audiences[0] as string
  const adminPassword = await openAdminPassword(config.dataDir)
  const adminToken = await openAdminToken(config.dataDir)
  const [policySource, groupIndex] = await Promise.all([
    openPolicySource(client, signal, onError),
    openGroupIndex(client, signal, onError),
  ])
  const admin: Subject = { name: adminName, groups: ['system:cluster-admins', 'system:authenticated:oauth'] }
  const groupsOf = (name: string) => [
    ...groupIndex.groupsOf(name),
    ...(name === adminName ? ['system:cluster-admins'] : []),
  ]
  const tokens: TokenSource[] = [
    { authenticateToken: async (token) => (isSame(token, adminToken) ? admin : undefined) },
    ...(config.tokenAuthFile === undefined ? [] : [await openTokenFile(config.tokenAuthFile)]),
    createOAuthTokenSource({ client, groupsOf, now: clock }),
    createAccountTokenSource({ client, keys, issuer, audiences, now: clock }),
  ]
  const providers: IdentityProvider[] = [
    { type: 'password', name: builtInProvider, check: createSinglePasswordCheck(adminName, adminPassword) },
    ...(await openProviders(config.identity.providers, {
      clock,
      signal,
      onError: (error) =>
        log.error({ err: error }, 'a file of users is wrong; the one before stays in force'),
    })),
  ]
  // Nobody else's provider may hand out the name that stands for everything.
  const reserved = { [adminName]: builtInProvider }
  const limiter = createAttemptLimiter(clock)
  const login = {
    client,
    providers: providers.filter((each): each is PasswordProvider => each.type === 'password'),
    limiter,
    reserved,
  }
  const passwords = createPasswordSource(login, groupsOf)
  const cached = cacheTokens(tokens, { revision: () => resources.deps.store.revision(), now: clock })
  const authenticate = createAuthenticator({ tokens: [cached], passwords })
  const authorize = createAuthorizer({ policySource })
  const oauth = createOAuthServer({
    client,
    issuer: apiUrl,
    apiServer: apiUrl,
    providers,
    reserved,
    builtIn: builtInClients(apiUrl),
    limiter,
    sessionSecret: deriveSecret(keys, 'session'),
    now: clock,
    randomBytes,
    onError: (error) => log.warn({ err: error }, 'login failed'),
  })
  return {
    authenticate,
    authorize,
    oauth,
    logInAtRegistry: createRegistryLogin({ ...login, tokens, randomBytes }),
    policySource,
    tokens,
    keys,
    issuer,
    adminPassword,
    adminToken,
    async callerOf({ raw, ip }) {
      const peer = peerOf(raw, ip, config.identity.clientCA !== undefined)
      const found = await authenticate(distinctHeaders(raw.rawHeaders), peer)
      if (found === 'bad') throw unauthorized()
      return found === 'none' ? anonymous : found.subject
    },
    actsAs: (caller, { raw }, action) =>
      impersonate(caller, distinctHeaders(raw.rawHeaders), action, authorize),
  }
}

/** Certificates count only where the administrator said whose (auth.md §1). */
function peerOf(request: IncomingMessage, address: string, takesCertificates: boolean): Peer {
  if (!takesCertificates) return { address }
  const socket = request.socket as Partial<TLSSocket>
  const { subject } = socket.getPeerCertificate?.() ?? {}
  if (subject === undefined) return { address }
  return { address, certificate: { isTrusted: socket.authorized === true, subject: { ...subject } } }
}

/** The token in the admin's kubeconfig, kept so that the file stays good over restarts. */
async function openAdminToken(dataDir: string): Promise<string> {
  const path = join(dataDir, 'pki', 'admin.token')
  const known = (await readIfPresent(path))?.trim()
  if (known !== undefined && isOAuthToken(known)) return known
  const token = createOAuthToken(randomBytes)
  await writeWhole(path, `${token}\n`, 0o600)
  return token
}

async function openTokenFile(path: string): Promise<TokenSource> {
  try {
    return parseTokenFile(await readFile(path, 'utf8'), path)
  } catch (error) {
    if (error instanceof TokenFileError) throw new StartError(`the token file is wrong: ${error.message}`)
    throw new StartError(`cannot read the token file ${path}: ${(error as Error).message}`)
  }
}

/** Takes as long whatever the token is. */
function isSame(a: string, b: string): boolean {
  const digest = (text: string) => hash('sha256', text, 'buffer')
  return timingSafeEqual(digest(a), digest(b))
}
