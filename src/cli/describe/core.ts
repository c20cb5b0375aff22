import type { Rest } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { type Json, nameLines, objectOf, objectsOf, sortedEntries } from './kube-lines.ts'
import { none } from './lines.ts'

/** Kinds of the core group that image streams are used with. Lines with tabs between their cells. */

const bytesOf = (base64: unknown): number => Buffer.from(String(base64 ?? ''), 'base64').length

export function describeSecret(secret: KubeObject): string {
  const { data, type } = secret as KubeObject & { data?: Json; type?: string }
  const isToken = type === 'kubernetes.io/service-account-token'
  const lines = sortedEntries(data).map(([key, value]) =>
    isToken && key === 'token'
      ? `${key}:\t${Buffer.from(value, 'base64').toString()}\n`
      : `${key}:\t${bytesOf(value)} bytes\n`,
  )
  return `${nameLines(secret, true)}\nType:\t${type ?? ''}\n\nData\n====\n${lines.join('')}`
}

/** Without the events that follow. */
export function describeConfigMap(map: KubeObject): string {
  const { data, binaryData } = map as KubeObject & { data?: Json; binaryData?: Json }
  const texts = sortedEntries(data).map(([key, value]) => `${key}:\n----\n${value}\n\n`)
  const binary = sortedEntries(binaryData).map(([key, value]) => `${key}: ${bytesOf(value)} bytes\n`)
  return `${nameLines(map, true)}\nData\n====\n${texts.join('')}\nBinaryData\n====\n${binary.join('')}\n`
}

interface SecretRef {
  name?: string
}

function secretNames(
  title: string,
  names: readonly string[],
  existing: ReadonlySet<string> | undefined,
): string {
  if (names.length === 0) return `${title}:\t${none}\n`
  const shown = names.map((name) =>
    existing === undefined || existing.has(name) ? name : `${name} (not found)`,
  )
  return shown.map((name, i) => `${i === 0 ? `${title}:` : ''}\t${name}\n`).join('')
}

/** `rest` reads the secrets of the namespace: which are tokens of the account, and which names mean nothing. */
export async function describeServiceAccount(rest: Rest, account: KubeObject): Promise<string> {
  const { secrets, imagePullSecrets } = account as KubeObject & {
    secrets?: SecretRef[]
    imagePullSecrets?: SecretRef[]
  }
  const list = await rest
    .json<{ items?: (KubeObject & { type?: string })[] }>({
      method: 'GET',
      path: `/api/v1/namespaces/${account.metadata.namespace ?? ''}/secrets`,
      query: { limit: 500 },
    })
    .catch(() => undefined)
  const found = list?.items
  const existing = found && new Set(found.map(({ metadata }) => metadata.name ?? ''))
  const { name, uid } = account.metadata
  const tokens = (found ?? []).filter(({ type, metadata: { annotations } }) => {
    const isToken = type === 'kubernetes.io/service-account-token'
    const ofName = annotations?.['kubernetes.io/service-account.name'] === name
    const ofUid = annotations?.['kubernetes.io/service-account.uid'] ?? uid
    return isToken && ofName && ofUid === uid
  })
  const namesOf = (refs: SecretRef[] | undefined) => (refs ?? []).map((ref) => ref.name ?? '').sort()
  return [
    nameLines(account, true),
    secretNames('Image pull secrets', namesOf(imagePullSecrets), existing),
    secretNames('Mountable secrets', namesOf(secrets), existing),
    secretNames('Tokens', tokens.map(({ metadata }) => metadata.name ?? '').sort(), existing),
  ].join('')
}

function quotaLines(quotas: readonly KubeObject[]): string {
  if (quotas.length === 0) return '\nNo resource quota.\n'
  const blocks = quotas
    .toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
    .map((quota) => {
      const { hard, used } = objectOf((quota as unknown as Json).status)
      const rows = sortedEntries(objectOf(hard)).map(
        ([name, limit]) => `  ${name}\t${objectOf(used)[name] ?? '0'}\t${limit}\n`,
      )
      return `\n  Name:\t${quota.metadata.name}\n  Resource\tUsed\tHard\n  --------\t---\t---\n${rows.join('')}`
    })
  return `\nResource Quotas${blocks.join('')}`
}

const limitFields = ['min', 'max', 'defaultRequest', 'default', 'maxLimitRequestRatio']
const limitHead = [
  'Type',
  'Resource',
  'Min',
  'Max',
  'Default Request',
  'Default Limit',
  'Max Limit/Request Ratio',
]

/** The table of all limits, each line after `indent`. */
function limitTable(ranges: readonly KubeObject[], indent: string): string {
  const limits = ranges.flatMap((range) => objectsOf(objectOf((range as unknown as Json).spec).limits))
  const rows = limits.flatMap((limit) => {
    const maps = limitFields.map((field) => objectOf(limit[field]))
    const names = [...new Set(maps.flatMap((map) => Object.keys(map)))].sort()
    return names.map((name) => [limit.type, name, ...maps.map((map) => map[name] ?? '-')])
  })
  return [limitHead, limitHead.map((title) => '-'.repeat(title.length)), ...rows]
    .map((cells) => `${indent}${cells.join('\t')}\n`)
    .join('')
}

function rangeLines(ranges: readonly KubeObject[]): string {
  return ranges.length === 0 ? '\nNo LimitRange resource.\n' : `\nResource Limits\n${limitTable(ranges, ' ')}`
}

const placeLines = ({ metadata }: KubeObject): string =>
  `Name:\t${metadata.name ?? ''}\nNamespace:\t${metadata.namespace ?? ''}\n`

export function describeLimitRange(range: KubeObject): string {
  return `${placeLines(range)}${limitTable([range], '')}`
}

export function describeQuota(quota: KubeObject): string {
  const { hard, used } = objectOf((quota as unknown as Json).status)
  const rows = sortedEntries(objectOf(hard)).map(
    ([name, limit]) => `${name}\t${objectOf(used)[name] ?? '0'}\t${limit}\n`,
  )
  return `${placeLines(quota)}Resource\tUsed\tHard\n--------\t----\t----\n${rows.join('')}`
}

export async function describeNamespace(rest: Rest, namespace: KubeObject): Promise<string> {
  const { name = '' } = namespace.metadata
  const status = objectOf((namespace as unknown as Json).status)
  const list = (plural: string) =>
    rest
      .json<{ items?: KubeObject[] }>({
        method: 'GET',
        path: `/api/v1/namespaces/${name}/${plural}`,
        query: { limit: 500 },
      })
      .then(({ items }) => items ?? [])
      .catch(() => undefined)
  const quotas = await list('resourcequotas')
  const ranges = await list('limitranges')
  return [
    nameLines(namespace, false),
    `Status:\t${status.phase ?? ''}\n`,
    quotas === undefined ? '' : quotaLines(quotas),
    ranges === undefined ? '' : rangeLines(ranges),
  ].join('')
}
