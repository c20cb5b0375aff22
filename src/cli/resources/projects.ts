import type { Rest } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { typedAccept } from './image-api.ts'

const path = '/apis/project.openshift.io/v1/projects'

/** Sorted by name. */
export async function listProjects(rest: Rest): Promise<KubeObject[]> {
  const list = await rest.json<{ items?: KubeObject[] | null }>({ method: 'GET', path, accept: typedAccept })
  return (list.items ?? []).toSorted((a, b) => ((a.metadata.name ?? '') < (b.metadata.name ?? '') ? -1 : 1))
}

/** As `listProjects`; undefined where there is no such list for the caller. */
export async function tryListProjects(rest: Rest): Promise<KubeObject[] | undefined> {
  try {
    return await listProjects(rest)
  } catch (error) {
    if (isApiError(error) && (error.code === 403 || error.code === 404)) return undefined
    throw error
  }
}

export async function getProject(rest: Rest, name: string): Promise<KubeObject> {
  return rest.json<KubeObject>({ method: 'GET', path: `${path}/${name}`, accept: typedAccept })
}

/** The project, or where the server has none, the namespace; rejects with the first error. */
export async function confirmProject(rest: Rest, name: string): Promise<void> {
  try {
    await getProject(rest, name)
  } catch (error) {
    if (!isApiError(error) || (error.code !== 403 && error.code !== 404)) throw error
    await rest
      .request({ method: 'GET', path: `/api/v1/namespaces/${name}`, accept: typedAccept })
      .catch((second: unknown) => {
        throw isApiError(second) ? error : second
      })
  }
}

/** `Display (name)`, or the name alone. */
export function projectTitle({ metadata }: KubeObject): string {
  const display = metadata.annotations?.['openshift.io/display-name']
  return display && display !== metadata.name ? `${display} (${metadata.name})` : (metadata.name ?? '')
}
