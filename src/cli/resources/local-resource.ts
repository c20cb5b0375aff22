import type { ApiResource } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'

/** Without a server the type is guessed from the kind: enough for names in messages. */
export function localResource({ apiVersion = '', kind = '' }: KubeObject): ApiResource {
  const slash = apiVersion.indexOf('/')
  const singular = kind.toLowerCase()
  return {
    group: slash === -1 ? '' : apiVersion.slice(0, slash),
    version: apiVersion.slice(slash + 1),
    plural: /(?:s|x|ch)$/.test(singular)
      ? `${singular}es`
      : singular.endsWith('y')
        ? `${singular.slice(0, -1)}ies`
        : `${singular}s`,
    singular,
    shortNames: [],
    kind,
    namespaced: true,
    verbs: [],
    categories: [],
  }
}
