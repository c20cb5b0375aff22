import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import { throwCollected } from '../errors.ts'
import type { ObjectPrinter, PrintedObject } from '../print/printer.ts'
import { listPages } from '../resources/list.ts'
import { readObject } from '../resources/probe.ts'
import type { GetRequest } from './get.ts'
import { checkSortPath, chunkOf, noneFound, sortByPath } from './get-tables.ts'

interface List {
  kind?: string
  apiVersion?: string
  metadata?: ListMeta
  items?: KubeObject[] | null
}

/** Items of a list don't always carry their type; the list's own says it. */
export function typedItems(list: List): KubeObject[] {
  const kind = list.kind?.replace(/List$/, '')
  return (list.items ?? []).map((item) => ({
    ...item,
    ...(item.apiVersion === undefined && list.apiVersion !== undefined
      ? { apiVersion: list.apiVersion }
      : {}),
    ...(item.kind === undefined && kind !== undefined ? { kind } : {}),
  }))
}

async function readAll(request: GetRequest, errors: unknown[]): Promise<KubeObject[]> {
  const { flags, session } = request.context
  const rest = await session.rest()
  const objects: KubeObject[] = []
  for (const { resource, name } of request.selection.wanted) {
    try {
      if (name !== undefined) {
        const subresource = flags.string('subresource')
        const query = { at: flags.string('at') || undefined }
        const { namespace } = request
        objects.push(await readObject<KubeObject>(rest, resource, namespace, name, { subresource, query }))
        continue
      }
      const pages = listPages<List>(rest, resource, request.namespace, {
        labelSelector: flags.string('selector'),
        fieldSelector: flags.string('field-selector'),
        limit: chunkOf(flags),
      })
      for await (const page of pages) objects.push(...typedItems(page))
    } catch (error) {
      if (!(flags.bool('ignore-not-found') && isApiError(error) && error.code === 404)) errors.push(error)
    }
  }
  return objects
}

/** `single` prints one named object itself and everything else as one List; otherwise object after object. */
export async function printObjects(
  request: GetRequest,
  printer: ObjectPrinter,
  asList: boolean,
): Promise<void> {
  const { io, flags } = request.context
  const errors: unknown[] = []
  let objects = await readAll(request, errors)
  checkSortPath(objects, flags.string('sort-by'))
  if (flags.string('sort-by') !== '')
    objects = sortByPath(objects, flags.string('sort-by'), (object) => object)
  if (asList) {
    const nothing =
      objects.length === 0 &&
      request.selection.single &&
      (errors.length > 0 || flags.bool('ignore-not-found'))
    if (!nothing) io.stdout.write(printer.print(toList(request, objects), true))
  } else {
    io.stdout.write(printer.print({ metadata: {}, items: objects }, true))
    if (objects.length === 0 && errors.length === 0 && !flags.bool('ignore-not-found'))
      io.stderr.write(noneFound(request))
  }
  throwCollected(errors)
}

function toList(request: GetRequest, objects: KubeObject[]): PrintedObject {
  if (request.selection.single && objects.length === 1) return objects[0] as PrintedObject
  return { apiVersion: 'v1', kind: 'List', metadata: { resourceVersion: '' }, items: objects }
}
