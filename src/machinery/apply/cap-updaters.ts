import { unionSets } from './field-set.ts'
import { managerKey, type Owner, type Owners } from './managed-fields.ts'
import { compareText } from './path-element.ts'

/** How many entries of updates an object carries, so that clients with ever new names don't make it grow. */
const maxUpdaters = 10
const bucketName = 'ancient-changes'

/** The oldest updaters of one version beyond the tenth become one, named for what they are. */
export function capUpdaters(owners: Owners): Owners {
  const updaters = [...owners].filter(([, { operation }]) => operation === 'Update')
  if (updaters.length <= maxUpdaters) return owners
  updaters.sort(([aKey, a], [bKey, b]) => compareText(a.time ?? '', b.time ?? '') || compareText(aKey, bKey))
  const out = new Map(owners)
  const firstOf = new Map<string, string>()
  let count = updaters.length
  for (const [key, updater] of updaters) {
    if (count <= maxUpdaters) break
    const { apiVersion } = updater
    const first = firstOf.get(apiVersion)
    if (first === undefined) {
      firstOf.set(apiVersion, key)
      continue
    }
    const { time: _time, ...named } = updater
    const bucket: Owner = { ...named, manager: bucketName, subresource: '' }
    const bucketKey = managerKey(bucket)
    const before = out.get(bucketKey) ?? out.get(first)
    out.delete(first)
    out.delete(key)
    out.set(bucketKey, {
      ...bucket,
      set: before === undefined ? updater.set : unionSets(before.set, updater.set),
      // The later of the two.
      ...(updater.time === undefined ? {} : { time: updater.time }),
    })
    count--
  }
  return out
}
