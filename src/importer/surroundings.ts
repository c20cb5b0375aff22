import {
  imageContentSourcePolicies,
  imageDigestMirrorSets,
  imageTagMirrorSets,
  isPullSecret,
  secrets,
} from '../api/index.ts'
import type { Client } from '../client/client.ts'
import { type MirrorEntry, toMirrorEntries } from '../image/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Keyring, Log } from '../upstream/index.ts'
import { createKeyring, joinKeyrings } from '../upstream/index.ts'
import type { RegistrySources } from './types.ts'

/** What the API knows that matters to imports and pull-through: credentials and mirrors. */
export interface Surroundings {
  /** The namespace's pull secrets in list order, then the node's credentials (import.md §4.1). */
  keyring(namespace: string): Promise<Keyring>
  sources(): Promise<RegistrySources>
}

export interface SurroundingsDeps {
  /** Acts as the program itself. */
  client: Client
  nodeKeyring: Keyring
  /** Of the cluster's image configuration: `host[:port]`. */
  insecureRegistries: readonly string[]
  blockedRegistries: readonly string[]
  /** From the configuration, besides those of the API's mirror sets. */
  mirrors: readonly MirrorEntry[]
  log: Log
}

export function createSurroundings(deps: SurroundingsDeps): Surroundings {
  const { client, nodeKeyring, log } = deps
  /** A kind that can't be listed only leaves out its mirrors (import.md §6). */
  const listAll = async <T extends KubeObject>(kind: Kind<T>): Promise<T[]> => {
    try {
      return (await client.list(kind, '')).items
    } catch (error) {
      log.warn({ err: error, kind: kind.kind }, 'mirrors could not be read')
      return []
    }
  }
  return {
    async keyring(namespace) {
      const { items } = await client.list(secrets, namespace)
      const usable = items.filter((secret) => isPullSecret(secret as KubeObject))
      const own = createKeyring(
        usable.map(({ metadata, type = '', data = {} }) => ({ name: metadata.name ?? '', type, data })),
      )
      for (const { secret, message } of own.problems)
        log.debug({ namespace, secret, problem: message }, 'pull secret skipped')
      return joinKeyrings(own, nodeKeyring)
    },

    async sources() {
      const [policies, digestSets, tagSets] = await Promise.all([
        listAll(imageContentSourcePolicies),
        listAll(imageDigestMirrorSets),
        listAll(imageTagMirrorSets),
      ])
      const mirrors = toMirrorEntries({
        contentSourcePolicies: policies,
        digestMirrorSets: digestSets,
        tagMirrorSets: tagSets,
      })
      const all = [...deps.mirrors, ...mirrors]
      return { mirrors: all, insecure: deps.insecureRegistries, blocked: deps.blockedRegistries }
    },
  }
}
