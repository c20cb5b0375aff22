import { type ApiResource, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'

/** Reading one object as the resource builder does: a missing one asks whether its namespace exists (cli.md §0.2). */

/** The error to show for a failed read. */
export async function explainMissing(
  rest: Rest,
  resource: ApiResource,
  namespace: string,
  error: unknown,
  accept?: string,
): Promise<unknown> {
  if (!isApiError(error) || error.code !== 404 || !resource.namespaced) return error
  if (namespace === '' || namespace === 'default') return error
  try {
    await rest.request({
      method: 'GET',
      path: `/api/v1/namespaces/${namespace}`,
      ...(accept === undefined ? {} : { accept }),
    })
    return error
  } catch (probe) {
    return isApiError(probe) && probe.code === 404 ? probe : error
  }
}

/** The body of a GET by name. */
export async function readObject<T>(
  rest: Rest,
  resource: ApiResource,
  namespace: string,
  name: string,
  options: { accept?: string; subresource?: string; query?: Record<string, string | undefined> } = {},
): Promise<T> {
  const path = resourcePath(resource, namespace, name, options.subresource)
  const accept = options.accept === undefined ? {} : { accept: options.accept }
  const query = options.query === undefined ? {} : { query: options.query }
  try {
    return await rest.json<T>({ method: 'GET', path, ...accept, ...query })
  } catch (error) {
    throw await explainMissing(rest, resource, namespace, error, options.accept)
  }
}
