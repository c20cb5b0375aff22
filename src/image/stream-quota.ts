import type { KubeObject } from '../machinery/index.ts'
import { parseQuantity } from './quantity.ts'

/** How many streams a namespace may have (image-api.md §9). */

/** A core ResourceQuota, as far as streams are concerned. */
export interface StreamQuota extends KubeObject {
  spec?: { hard?: Readonly<Record<string, string>> }
  status?: { hard?: Readonly<Record<string, string>>; used?: Readonly<Record<string, string>> }
}

/** The two names that the number of streams has. */
const names = ['openshift.io/imagestreams', 'count/imagestreams.image.openshift.io'] as const

/** The names by which the quota limits streams; most limit none. */
export function streamQuotaNames(quota: StreamQuota): string[] {
  return names.filter((name) => quota.spec?.hard?.[name] !== undefined)
}

export type QuotaUse =
  | { kind: 'admitted'; status: NonNullable<StreamQuota['status']> }
  | { kind: 'refused'; why: string }

/** One stream more, where `count` are there. What the quota's status has counted wins: it knows of those about to come. */
export function planStreamUse(quota: StreamQuota, count: number): QuotaUse {
  const limited = streamQuotaNames(quota)
  const usedOf = (name: string): number => parseQuantity(quota.status?.used?.[name] ?? '') ?? count
  const over = limited.filter(
    (name) => usedOf(name) + 1 > (parseQuantity(quota.spec?.hard?.[name] ?? '') ?? 0),
  )
  if (over.length > 0) {
    const list = (amount: (name: string) => string | number): string =>
      over.map((name) => `${name}=${amount(name)}`).join(',')
    const limits = list((name) => quota.spec?.hard?.[name] ?? '0')
    const why = `requested: ${list(() => 1)}, used: ${list(usedOf)}, limited: ${limits}`
    return { kind: 'refused', why: `exceeded quota: ${quota.metadata.name ?? ''}, ${why}` }
  }
  return { kind: 'admitted', status: withUsed(quota, (name) => usedOf(name) + 1) }
}

/** The status of a quota when `count` streams are there. */
export function streamQuotaStatus(quota: StreamQuota, count: number): NonNullable<StreamQuota['status']> {
  return withUsed(quota, () => count)
}

function withUsed(quota: StreamQuota, amount: (name: string) => number): NonNullable<StreamQuota['status']> {
  const counted = streamQuotaNames(quota).map((name) => [name, String(amount(name))] as const)
  return {
    ...quota.status,
    hard: quota.spec?.hard ?? {},
    used: { ...quota.status?.used, ...Object.fromEntries(counted) },
  }
}
