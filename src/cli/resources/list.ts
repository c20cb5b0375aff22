import { type ApiResource, type Rest, resourcePath } from '../../client/index.ts'
import { ApiError, isApiError } from '../../machinery/errors.ts'
import type { ListMeta } from '../../machinery/object.ts'

export interface Selectors {
  labelSelector?: string
  fieldSelector?: string
}

export interface ListPage {
  metadata?: ListMeta
}

export interface ListRequest extends Selectors {
  /** Objects a request; 0: all at once. */
  limit: number
  accept?: string
  includeObject?: 'Object'
}

/** A builder's LIST that is 400 or 404 says what was asked (cli.md §4). */
function explainList(resource: ApiResource, selectors: Selectors, error: unknown): unknown {
  if (!isApiError(error) || (error.code !== 400 && error.code !== 404)) return error
  const { labelSelector = '', fieldSelector = '' } = selectors
  const group = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
  const subject = `"${group}, Resource=${resource.plural}"`
  const message =
    labelSelector === '' && fieldSelector === ''
      ? `Unable to list ${subject}: ${error.message}`
      : `Unable to find ${subject} that match label selector "${labelSelector}", field selector "${fieldSelector}": ${error.message}`
  return new ApiError(
    error.code,
    error.reason,
    message,
    error.details === undefined ? {} : { details: error.details },
  )
}

/** The pages of a list, following `continue`. */
export async function* listPages<T extends ListPage>(
  rest: Rest,
  resource: ApiResource,
  namespace: string,
  request: ListRequest,
): AsyncGenerator<T> {
  let token: string | undefined
  do {
    let page: T
    try {
      page = await rest.json<T>({
        method: 'GET',
        path: resourcePath(resource, namespace),
        query: {
          continue: token,
          fieldSelector: request.fieldSelector || undefined,
          includeObject: request.includeObject,
          labelSelector: request.labelSelector || undefined,
          limit: request.limit > 0 ? request.limit : undefined,
        },
        ...(request.accept === undefined ? {} : { accept: request.accept }),
      })
    } catch (error) {
      throw explainList(resource, request, error)
    }
    yield page
    token = page.metadata?.continue || undefined
  } while (token !== undefined)
}
