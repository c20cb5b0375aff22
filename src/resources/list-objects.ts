import type { ListOptions } from '../client/client.ts'
import { giveBack } from '../machinery/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeList } from '../machinery/object.ts'
import { listPages, type PagesDeps } from './list-pages.ts'

/** A list whole, for those who need it so: `listPages` is for those who can do with a part at a time. */
export async function listObjects(
  kind: Kind,
  namespace: string,
  options: ListOptions,
  deps: PagesDeps,
  nameBegins = '',
): Promise<KubeList> {
  const { metadata, pages, isOwn } = await listPages(kind, namespace, options, deps, '', nameBegins)
  const list: KubeList = { metadata, items: [] }
  for await (const entries of pages) {
    for (const entry of entries) {
      list.items.push(deps.cache.decode(entry))
      if (isOwn) giveBack(entry.value)
    }
  }
  return list
}
