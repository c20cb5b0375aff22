import type { Kind } from '../machinery/kind.ts'
import type { Key } from '../store/store.ts'

/** Where the objects of a kind live in the store: `<group>/<plural>/[<namespace>/]<name>`, as etcd's registry has them. */

type Located = Pick<Kind, 'group' | 'plural' | 'namespaced'>

export function kindPrefix(kind: Pick<Kind, 'group' | 'plural'>): Key {
  return `${kind.group === '' ? 'core' : kind.group}/${kind.plural}/`
}

/** All objects of the kind in the namespace; all there are for ''. */
export function scopePrefix(kind: Located, namespace: string): Key {
  return kind.namespaced && namespace !== '' ? `${kindPrefix(kind)}${namespace}/` : kindPrefix(kind)
}

export function objectKey(kind: Located, namespace: string, name: string): Key {
  return `${scopePrefix(kind, namespace)}${name}`
}
