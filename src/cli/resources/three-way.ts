/**
 * The patch that turns what a server has into what a file says: set what differs, remove what the file had the last
 * time and has no longer, leave the rest alone (Kubernetes "Declarative Management", three-way merge). Pure.
 */

/** Lists whose items are told apart by a key, as Kubernetes' and OpenShift's types declare them. */
const mergeKeys: Readonly<Record<string, string>> = {
  conditions: 'type',
  containers: 'name',
  env: 'name',
  ephemeralContainers: 'name',
  hostAliases: 'ip',
  imagePullSecrets: 'name',
  initContainers: 'name',
  'metadata.ownerReferences': 'uid',
  'serviceAccount.secrets': 'name',
  'spec.tags': 'name',
  volumeDevices: 'devicePath',
  volumeMounts: 'mountPath',
  volumes: 'name',
}

type Json = Record<string, unknown>

function isMap(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (Array.isArray(a))
    return Array.isArray(b) && a.length === b.length && a.every((item, i) => isEqual(item, b[i]))
  if (!isMap(a) || !isMap(b)) return false
  const keys = Object.keys(a)
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isEqual(a[key], b[key]))
}

export interface ThreeWayOptions {
  /** Merge lists by key, as a strategic patch may; otherwise a list that differs is replaced. */
  strategic: boolean
}

function mergeKeyOf(path: string, field: string): string | undefined {
  return mergeKeys[`${path}.${field}`] ?? mergeKeys[field]
}

function keyedItems(list: unknown, key: string): Map<unknown, Json> | undefined {
  if (!Array.isArray(list)) return new Map()
  const items = new Map<unknown, Json>()
  for (const item of list) {
    if (!isMap(item) || item[key] === undefined || items.has(item[key])) return undefined
    items.set(item[key], item)
  }
  return items
}

/** The list part of a strategic patch; undefined when some list can't be keyed. */
function planList(
  original: unknown,
  modified: unknown[],
  current: unknown[],
  key: string,
  path: string,
  options: ThreeWayOptions,
): unknown[] | undefined {
  const [was, wanted, has] = [original, modified, current].map((list) => keyedItems(list, key))
  if (was === undefined || wanted === undefined || has === undefined) return undefined
  const changes: unknown[] = []
  for (const [name, item] of wanted) {
    const old = has.get(name)
    if (old === undefined) changes.push(item)
    else {
      const inner = planPatch(was.get(name) ?? {}, item, old, options, path)
      if (Object.keys(inner).length > 0) changes.push({ [key]: name, ...inner })
    }
  }
  for (const name of was.keys())
    if (!wanted.has(name) && has.has(name)) changes.push({ $patch: 'delete', [key]: name })
  return changes
}

/** {} when there is nothing to do. */
export function planPatch(
  original: Json,
  modified: Json,
  current: Json,
  options: ThreeWayOptions,
  path = '',
): Json {
  const patch: Json = {}
  for (const [field, wanted] of Object.entries(modified)) {
    if (wanted === null || wanted === undefined) continue
    const has = current[field]
    if (has === undefined || has === null) patch[field] = wanted
    else if (isMap(wanted) && isMap(has)) {
      const was = original[field]
      const inner = planPatch(isMap(was) ? was : {}, wanted, has, options, field)
      if (Object.keys(inner).length > 0) patch[field] = inner
    } else if (Array.isArray(wanted) && Array.isArray(has)) {
      const key = options.strategic ? mergeKeyOf(path, field) : undefined
      const changes =
        key === undefined ? undefined : planList(original[field], wanted, has, key, field, options)
      if (changes === undefined ? !isEqual(wanted, has) : changes.length > 0) patch[field] = changes ?? wanted
    } else if (!isEqual(wanted, has)) patch[field] = wanted
  }
  for (const field of Object.keys(original)) {
    const gone = modified[field] === undefined || modified[field] === null
    if (gone && current[field] !== undefined && current[field] !== null) patch[field] = null
  }
  return patch
}
