/** Names of tags on the registry's own wire (registry.md A-2). Image streams allow more (image-api.md §5.1). */

export type TagName = string & { readonly brand: 'TagName' }

const shape = /^[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}$/

export function parseTagName(text: string): TagName | undefined {
  return shape.test(text) ? (text as TagName) : undefined
}
