import type { Identity, User } from '../api/user/index.ts'
import { identities, users } from '../api/user/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { findObject } from './find-object.ts'
import type { ProviderIdentity } from './identity-provider.ts'

export interface ProvisionDeps {
  client: Client
  /**
   * Names that only one provider may give, by user name: without it, whoever comes first at any provider could
   * become a user that other parts give rights by name.
   */
  reserved?: Readonly<Record<string, string>>
}

/** The login was good and still gives no user here. */
export class ProvisionError extends Error {
  override readonly name = 'ProvisionError'
}

/** Two first logins may meet; the second finds what the first has made. */
const attempts = 5

function checkUserName(name: string): void {
  const isBad =
    name === '' ||
    name === '.' ||
    name === '..' ||
    name === '~' ||
    /[/:%\s\p{Cc}]/u.test(name) ||
    name.length > 253
  if (isBad) throw new ProvisionError('the name at the identity provider cannot be a user name')
}

/** What cannot be part of an identity's name is written in base64. */
function encodeProviderName(name: string): string {
  return /^[^/%:\s\p{Cc}]+$/u.test(name) ? name : `b64.${Buffer.from(name).toString('base64url')}`
}

async function claimUser(
  deps: ProvisionDeps,
  claimant: string,
  { preferredUserName, fullName = '' }: ProviderIdentity,
): Promise<User> {
  const { client } = deps
  const user = await findObject(client, users, '', preferredUserName)
  if (user === undefined) {
    const created: User = {
      metadata: { name: preferredUserName },
      ...(fullName === '' ? {} : { fullName }),
      identities: [claimant],
      groups: null,
    }
    return client.create(users, '', created)
  }
  const identities = user.identities ?? []
  if (identities.includes(claimant)) return user
  if (identities.length > 0) throw new ProvisionError('the user name belongs to another identity')
  return client.update(users, '', { ...user, identities: [claimant] })
}

async function knownUser(deps: ProvisionDeps, identity: Identity): Promise<User> {
  const { name = '', uid } = identity.user
  const user = await findObject(deps.client, users, '', name)
  const isMutual =
    user !== undefined &&
    user.metadata.uid === uid &&
    (user.identities ?? []).includes(identity.metadata.name ?? '')
  if (!isMutual) throw new ProvisionError('the identity is not mapped to a user')
  return user
}

async function provision(
  deps: ProvisionDeps,
  providerName: string,
  identity: ProviderIdentity,
): Promise<User> {
  const { client } = deps
  const providerUserName = encodeProviderName(identity.providerUserName)
  const name = `${providerName}:${providerUserName}`
  const known = await findObject(client, identities, '', name)
  if (known !== undefined) return knownUser(deps, known)
  const user = await claimUser(deps, name, identity)
  const { uid = '', name: userName = '' } = user.metadata
  await client.create(identities, '', {
    metadata: { name },
    providerName,
    providerUserName,
    user: { name: userName, uid },
    ...(identity.extra === undefined ? {} : { extra: identity.extra }),
  })
  return user
}

/**
 * The User of a good login: made, together with its Identity, on the first one (U-21). A user name that belongs to
 * another identity is refused, so that no provider can hand out another provider's user. Rejects with
 * ProvisionError.
 */
export async function provisionUser(
  deps: ProvisionDeps,
  providerName: string,
  identity: ProviderIdentity,
): Promise<User> {
  checkUserName(identity.preferredUserName)
  const reserved = deps.reserved ?? {}
  if (
    Object.hasOwn(reserved, identity.preferredUserName) &&
    reserved[identity.preferredUserName] !== providerName
  ) {
    throw new ProvisionError('the user name is reserved for another identity provider')
  }
  if (identity.providerUserName === '') throw new ProvisionError('the identity provider gave no name')
  for (let attempt = 1; ; attempt++) {
    try {
      return await provision(deps, providerName, identity)
    } catch (error) {
      const isRace = isApiError(error, 'AlreadyExists') || isApiError(error, 'Conflict')
      if (!isRace || attempt === attempts) throw error
    }
  }
}
