/** Names of repositories on the registry's own wire (registry.md A-1). */

export type RepositoryName = string & { readonly brand: 'RepositoryName' }

const component = '[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*'
const shape = new RegExp(`^${component}(?:/${component})*$`)
const maxLength = 255

/** undefined for text that breaks the grammar or has more than 255 characters. */
export function parseRepositoryName(text: string): RepositoryName | undefined {
  return text.length <= maxLength && shape.test(text) ? (text as RepositoryName) : undefined
}
