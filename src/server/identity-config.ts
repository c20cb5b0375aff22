import { resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { StartError } from './start-error.ts'

const text = Type.String({ minLength: 1 })
const texts = Type.Optional(Type.Array(text))
/** Part of the names of identities, before a colon, and of the login page's addresses. */
const providerName = Type.String({ pattern: '^[A-Za-z0-9][A-Za-z0-9._-]*$' })

const strict = { additionalProperties: false }

const htpasswdSchema = Type.Object(
  { name: providerName, htpasswd: Type.Object({ file: text }, strict) },
  strict,
)
const openIdSchema = Type.Object(
  {
    name: providerName,
    openID: Type.Object(
      {
        issuer: Type.String({ pattern: '^https?://' }),
        clientID: text,
        clientSecretFile: text,
        extraScopes: texts,
        preferredUsername: texts,
        ca: Type.Optional(text),
      },
      strict,
    ),
  },
  strict,
)

/** The key `identity` of the config file. */
export const identitySchema = Type.Object(
  {
    clientCA: Type.Optional(text),
    selfProvisioning: Type.Optional(Type.Boolean()),
    projectRequestMessage: Type.Optional(text),
    providers: Type.Optional(Type.Array(Type.Union([htpasswdSchema, openIdSchema]))),
  },
  strict,
)

export interface HtpasswdSettings {
  type: 'htpasswd'
  name: string
  file: string
}

export interface OpenIdSettings {
  type: 'openid'
  name: string
  issuer: string
  clientId: string
  clientSecretFile: string
  extraScopes: readonly string[]
  /** The first of these claims that a user has is the name. */
  preferredUsername: readonly string[]
  /** File of CAs to trust instead of the system's. */
  ca?: string
}

export interface IdentitySettings {
  /** File of the CAs whose client certificates name users. */
  clientCA?: string
  /** Whether every user may request projects. */
  selfProvisioning: boolean
  /** What a user hears who may not. */
  projectRequestMessage?: string
  providers: readonly (HtpasswdSettings | OpenIdSettings)[]
}

/** Name of the provider of the generated admin. */
export const builtInProvider = 'weir'

/** Fills in defaults. Throws StartError for a provider's name that is taken. */
export function toIdentitySettings(file: Static<typeof identitySchema> = {}): IdentitySettings {
  const names = new Set([builtInProvider])
  for (const { name } of file.providers ?? []) {
    if (names.has(name)) throw new StartError(`identity.providers: the name ${name} is taken`)
    names.add(name)
  }
  return {
    ...(file.clientCA === undefined ? {} : { clientCA: resolve(file.clientCA) }),
    selfProvisioning: file.selfProvisioning ?? true,
    ...(file.projectRequestMessage === undefined
      ? {}
      : { projectRequestMessage: file.projectRequestMessage }),
    providers: (file.providers ?? []).map((provider) =>
      'htpasswd' in provider
        ? { type: 'htpasswd', name: provider.name, file: resolve(provider.htpasswd.file) }
        : toOpenIdSettings(provider),
    ),
  }
}

function toOpenIdSettings({ name, openID }: Static<typeof openIdSchema>): OpenIdSettings {
  const { issuer, clientID, clientSecretFile, extraScopes = [], ca } = openID
  return {
    type: 'openid',
    name,
    issuer,
    clientId: clientID,
    clientSecretFile: resolve(clientSecretFile),
    extraScopes,
    preferredUsername: openID.preferredUsername ?? ['preferred_username', 'sub'],
    ...(ca === undefined ? {} : { ca: resolve(ca) }),
  }
}
