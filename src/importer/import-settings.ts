import { isIP } from 'node:net'
import { resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import type { MirrorEntry } from '../image/index.ts'
import {
  type AddressPolicy,
  defaultAddressPolicy,
  defaultRealmPolicy,
  type RealmPolicy,
} from '../upstream/index.ts'

/** What the configuration says of imports (its key `import`): which registries imports may talk to, and how (docs/configuration.md). */

const names = Type.Array(Type.String({ minLength: 1 }))
const closed = { additionalProperties: false }

/** Which addresses may be connected to. */
export const addressesSchema = Type.Object(
  {
    innermost: Type.Optional(
      Type.Union([Type.Literal('public'), Type.Literal('private'), Type.Literal('loopback')]),
    ),
    inwardAllowed: Type.Optional(Type.Boolean()),
    allowed: Type.Optional(names),
    refused: Type.Optional(names),
  },
  closed,
)

/** What is wrong with the networks of a policy, whose key is `key`. */
export function addressProblem(key: string, { allowed, refused }: AddressPolicy): string | undefined {
  return (
    problemOf(`${key}.allowed`, allowed, isNetwork, networkForm) ??
    problemOf(`${key}.refused`, refused, isNetwork, networkForm)
  )
}

export const importSettingsSchema = Type.Object(
  {
    nodeAuthFile: Type.Optional(Type.String()),
    insecureRegistries: Type.Optional(names),
    blockedRegistries: Type.Optional(names),
    mirrors: Type.Optional(
      Type.Array(
        Type.Object(
          {
            source: Type.String({ minLength: 1 }),
            mirrors: names,
            use: Type.Optional(
              Type.Union([Type.Literal('tag'), Type.Literal('digest'), Type.Literal('both')]),
            ),
            mirrorSourcePolicy: Type.Optional(
              Type.Union([Type.Literal('AllowContactingSource'), Type.Literal('NeverContactSource')]),
            ),
          },
          closed,
        ),
      ),
    ),
    disableScheduledImport: Type.Optional(Type.Boolean()),
    maxScheduledImageImportsPerMinute: Type.Optional(Type.Integer({ minimum: -1 })),
    addresses: Type.Optional(addressesSchema),
    tokenRealms: Type.Optional(
      Type.Object(
        {
          realms: Type.Optional(Type.Union([Type.Literal('related'), Type.Literal('any')])),
          trusted: Type.Optional(Type.Record(Type.String(), names)),
        },
        closed,
      ),
    ),
  },
  closed,
)

export interface ImportSettings {
  /** The node's pull credentials, `{"auths": …}`; '' for none. `isRequired`: its absence stops the start. */
  nodeAuthFile: { path: string; isRequired: boolean }
  /** `host[:port]`. */
  insecureRegistries: readonly string[]
  blockedRegistries: readonly string[]
  mirrors: readonly MirrorEntry[]
  disableScheduledImport: boolean
  /** < 0: any number. */
  maxScheduledImageImportsPerMinute: number
  addresses: AddressPolicy
  realms: RealmPolicy
}

const kubeletAuthFile = '/var/lib/kubelet/config.json'

/** Or what is wrong, in one line that names the key. */
export function readImportSettings(file: Static<typeof importSettingsSchema>): ImportSettings | string {
  const { nodeAuthFile, insecureRegistries = [], blockedRegistries = [], mirrors = [] } = file
  const addresses = { ...defaultAddressPolicy, ...file.addresses }
  const problem =
    problemOf('import.insecureRegistries', insecureRegistries, isRegistry, registryForm) ??
    problemOf('import.blockedRegistries', blockedRegistries, isRegistry, registryForm) ??
    addressProblem('import.addresses', addresses)
  if (problem !== undefined) return problem
  return {
    nodeAuthFile: {
      path: nodeAuthFile === undefined ? kubeletAuthFile : nodeAuthFile && resolve(nodeAuthFile),
      isRequired: Boolean(nodeAuthFile),
    },
    insecureRegistries,
    blockedRegistries,
    mirrors: mirrors.flatMap(toMirrorEntries),
    disableScheduledImport: file.disableScheduledImport ?? false,
    // As in the original, 0 means the default.
    maxScheduledImageImportsPerMinute: file.maxScheduledImageImportsPerMinute || 60,
    addresses,
    realms: { ...defaultRealmPolicy, ...file.tokenRealms },
  }
}

type MirrorSetting = NonNullable<Static<typeof importSettingsSchema>['mirrors']>[number]

function toMirrorEntries({
  source,
  mirrors,
  use = 'both',
  mirrorSourcePolicy,
}: MirrorSetting): MirrorEntry[] {
  const uses = use === 'both' ? (['digest', 'tag'] as const) : [use]
  const neverSource = mirrorSourcePolicy === 'NeverContactSource'
  return uses.map((each) => ({ source, mirrors, use: each, neverSource }))
}

function problemOf(
  key: string,
  values: readonly string[],
  isGood: (value: string) => boolean,
  form: string,
): string | undefined {
  const wrong = values.find((value) => !isGood(value))
  return wrong === undefined ? undefined : `${key}: ${wrong} is not ${form}`
}

const registryForm = 'a registry: write HOST or HOST:PORT'
const networkForm = 'a network: write e.g. 10.0.0.0/8 or fd00::/8'

function isRegistry(text: string): boolean {
  return /^[A-Za-z0-9.-]+(:\d{1,5})?$/.test(text)
}

function isNetwork(text: string): boolean {
  const [address = '', bits = '', more] = text.split('/')
  const family = isIP(address)
  const most = family === 6 ? 128 : 32
  return family !== 0 && more === undefined && /^\d{1,3}$/.test(bits) && Number(bits) <= most
}
