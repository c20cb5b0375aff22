import type { KubeObject } from '../../machinery/object.ts'

interface LimitRange extends KubeObject {
  spec?: { limits?: { type?: string; max?: { storage?: string | number } }[] }
}

const units: Readonly<Record<string, number>> = {
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
}

/** Bytes of a Kubernetes quantity such as `1Gi`; undefined for what is none. */
export function parseBytes(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([kMGTP]|[KMGTP]i)?$/.exec(text)
  return match === null ? undefined : Number(match[1]) * (units[match[2] ?? ''] as number)
}

/** The smallest size that any limit of a namespace sets for images. */
export function readLimits(ranges: readonly KubeObject[]): Map<string, number> {
  const limits = new Map<string, number>()
  for (const range of ranges as readonly LimitRange[]) {
    const { namespace = '' } = range.metadata
    for (const { type, max } of range.spec?.limits ?? []) {
      const bytes = type === 'openshift.io/Image' ? parseBytes(String(max?.storage ?? '')) : undefined
      if (bytes !== undefined)
        limits.set(namespace, Math.min(bytes, limits.get(namespace) ?? Number.POSITIVE_INFINITY))
    }
  }
  return limits
}
