import type { KubeObject } from '../../machinery/object.ts'
import { type Json, nameLines, objectOf, objectsOf } from './kube-lines.ts'

/** Roles and bindings. Lines with tabs between their cells. */

const list = (value: unknown): string[] => (Array.isArray(value) ? value.map(String) : [])

/** A rule about one resource, or one path, and at most one name. */
interface Single {
  group: string
  resource: string
  name: string
  url: string
  verbs: Set<string>
}

function singles(rule: Json): Single[] {
  const verbs = new Set(list(rule.verbs))
  const urls = list(rule.nonResourceURLs)
  const none = { group: '', resource: '', name: '', url: '' }
  if (urls.length > 0) return urls.map((url) => ({ ...none, url, verbs }))
  const names = list(rule.resourceNames)
  return list(rule.apiGroups).flatMap((group) =>
    list(rule.resources).flatMap((resource) =>
      (names.length === 0 ? [''] : names).map((name) => ({ ...none, group, resource, name, verbs })),
    ),
  )
}

/** Those about resources that differ in their verbs alone are one. */
function merged(rules: readonly Json[]): Single[] {
  const byRest = new Map<string, Single>()
  const urls: Single[] = []
  for (const one of rules.flatMap(singles)) {
    if (one.url !== '') {
      urls.push(one)
      continue
    }
    const key = [one.group, one.resource, one.name, one.url].join('\t')
    const verbs = new Set([...(byRest.get(key)?.verbs ?? []), ...one.verbs])
    byRest.set(key, { ...one, verbs })
  }
  return [...byRest.values(), ...urls]
}

/** By verbs, group and resource, as text. */
function sortKey({ group, resource, name, url, verbs }: Single): string {
  return `[${[...verbs].join(' ')}],[${group}],[${resource}],[${name}],[${url}]`
}

function ruleLine({ group, resource, name, url, verbs }: Single): string {
  const [plural = '', ...sub] = resource.split('/')
  const below = sub.length === 0 ? '' : `/${sub.join('/')}`
  const named = `${plural}${group === '' ? '' : `.${group}`}${below}`
  return `${named}\t[${url}]\t[${name}]\t[${[...verbs].join(' ')}]\n`
}

/** Rules as lines of a table: resource, URL, name and verbs. */
export function ruleLines(rules: readonly Json[]): string[] {
  return merged(rules)
    .sort((a, b) => (sortKey(a) < sortKey(b) ? -1 : 1))
    .map(ruleLine)
}

export function describeRole(role: KubeObject): string {
  const rows = ruleLines(objectsOf((role as unknown as Json).rules)).map((line) => `  ${line}`)
  return [
    nameLines(role, false),
    'PolicyRule:\n',
    '  Resources\tNon-Resource URLs\tResource Names\tVerbs\n',
    '  ---------\t-----------------\t--------------\t-----\n',
    ...rows,
  ].join('')
}

export function describeBinding(binding: KubeObject): string {
  const { roleRef, subjects } = binding as unknown as Json
  const { kind, name } = objectOf(roleRef)
  const rows = objectsOf(subjects).map((s) => `  ${s.kind ?? ''}\t${s.name ?? ''}\t${s.namespace ?? ''}\n`)
  return [
    nameLines(binding, false),
    `Role:\n  Kind:\t${kind ?? ''}\n  Name:\t${name ?? ''}\n`,
    'Subjects:\n  Kind\tName\tNamespace\n  ----\t----\t---------\n',
    ...rows,
  ].join('')
}
