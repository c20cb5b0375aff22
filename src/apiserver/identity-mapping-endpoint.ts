import {
  type Identity,
  identities,
  type User,
  type UserIdentityMapping,
  userIdentityMappings,
  users,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { alreadyExists, invalid, isApiError, notFound } from '../machinery/errors.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Endpoint } from '../resources/endpoint.ts'
import { withTypeMeta } from '../resources/object-codec.ts'

const kind = userIdentityMappings
const resource = { group: kind.group, resource: kind.plural }

interface Mapped {
  identity: Identity
  user: User
}

/** `useridentitymappings`: which user an identity logs in as. Both objects name each other, or there is no mapping. */
export function createIdentityMappingEndpoint(client: Client): Endpoint {
  const find = <T>(promise: Promise<T>): Promise<T | undefined> =>
    promise.catch((error: unknown) => {
      if (isApiError(error, 'NotFound')) return undefined
      throw error
    })

  async function requireMapped(name: string): Promise<Mapped> {
    const identity = await find(client.get(identities, '', name))
    const user = identity?.user.name ? await find(client.get(users, '', identity.user.name)) : undefined
    const isMutual =
      user !== undefined && user.metadata.uid === identity?.user.uid && (user.identities ?? []).includes(name)
    if (identity === undefined || !isMutual) throw notFound(resource, name)
    return { identity, user }
  }

  async function requireUser({ metadata, user: { name = '' } }: UserIdentityMapping): Promise<User> {
    const user = name === '' ? undefined : await find(client.get(users, '', name))
    if (user !== undefined) return user
    const detail = name === '' ? '' : `"${name}"`
    const type = name === '' ? ('Required value' as const) : ('Not found' as const)
    throw invalid(kind, metadata.name ?? '', [{ type, field: 'user.name', value: name, detail }])
  }

  /** The user's side first: an identity that names a user who does not name it logs nobody in. */
  async function bind(identity: Identity, user: User): Promise<Mapped> {
    const name = identity.metadata.name ?? ''
    const { name: userName = '', uid = '' } = user.metadata
    const named = user.identities ?? []
    const linked = named.includes(name)
      ? user
      : await client.update(users, '', { ...user, identities: [...named, name] })
    const bound = await client.update(identities, '', { ...identity, user: { name: userName, uid } })
    return { identity: bound, user: linked }
  }

  async function unlink(user: User, name: string): Promise<void> {
    const left = (user.identities ?? []).filter((each) => each !== name)
    await client.update(users, '', { ...user, identities: left })
  }

  return {
    kind,
    get: async ({ name }) => show(await requireMapped(name)),
    async create({ object, dryRun }) {
      const mapping = object as UserIdentityMapping
      const name = mapping.identity.name || mapping.metadata.name || ''
      const identity = await client.get(identities, '', name)
      if (identity.user.name) throw alreadyExists(resource, name)
      const user = await requireUser(mapping)
      return show(
        dryRun ? { identity: { ...identity, user: user.metadata }, user } : await bind(identity, user),
      )
    },
    async update({ name, transform, dryRun }) {
      const before = await requireMapped(name)
      const user = await requireUser(transform(show(before)) as UserIdentityMapping)
      const isSame = user.metadata.uid === before.user.metadata.uid
      if (isSame || dryRun) return { object: show({ ...before, user }), created: false }
      const after = await bind(before.identity, user)
      await unlink(before.user, name)
      return { object: show(after), created: false }
    },
    async delete({ name, options }) {
      const { identity, user } = await requireMapped(name)
      if (!options.dryRun) {
        const { user: _user, ...rest } = identity
        await client.update(identities, '', { ...rest, user: {} })
        await unlink(user, name)
      }
      return { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Success' }
    },
  }
}

/** The mapping is there as long as the identity, and takes its metadata from it. */
function show({ identity, user }: Mapped): KubeObject {
  const { name = '', uid, resourceVersion, creationTimestamp } = identity.metadata
  const mapping = {
    metadata: { name, uid, resourceVersion, creationTimestamp },
    identity: { name, uid },
    user: { name: user.metadata.name, uid: user.metadata.uid },
  }
  return withTypeMeta(kind, mapping as KubeObject)
}
