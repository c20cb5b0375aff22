import { parseRepositoryName, type RepositoryName } from '../oci/index.ts'

/** A repository of ours: `<project>/<stream>` (registry.md B-1). */
export interface Repository {
  name: RepositoryName
  namespace: string
  stream: string
}

/** undefined unless the name keeps the grammar and has exactly two components. */
export function parseRepository(text: string): Repository | undefined {
  const name = parseRepositoryName(text)
  const parts = text.split('/')
  if (name === undefined || parts.length !== 2) return undefined
  return { name, namespace: parts[0] as string, stream: parts[1] as string }
}

/** The words of B-1 for a name with another number of components. */
export function repositoryProblem(name: string): string {
  return `repository name ${JSON.stringify(name)} invalid: it must be of the format <project>/<name>`
}
