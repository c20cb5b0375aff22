import type { Document, Tags } from 'yaml'

/** Reading YAML as Kubernetes does. The library is loaded when first needed: most commands never see YAML. */

const load = () => import('yaml')

/** YAML 1.1 as Kubernetes reads it: times stay text. */
const options = {
  schema: 'yaml-1.1',
  merge: true,
  logLevel: 'error',
  customTags: (tags: Tags) =>
    tags.filter((tag) => typeof tag === 'string' || tag.tag !== 'tag:yaml.org,2002:timestamp'),
} as const

/**
 * One document; JSON is read without the library. Throws an Error with a position for what is none. `words` keeps
 * `n`, `yes` and the like as text, for files whose fields are known to be text.
 */
export async function parseYaml(text: string, words = false): Promise<unknown> {
  if (/^\s*[{[]/.test(text)) {
    try {
      return JSON.parse(text)
    } catch {
      // It may still be YAML in flow style.
    }
  }
  const { parse } = await load()
  return parse(text, { ...options, ...(words ? { schema: 'core' } : {}), maxAliasCount: 100 })
}

/** All documents of a text, empty ones left out. */
export async function parseYamlDocuments(text: string): Promise<unknown[]> {
  if (/^\s*\{/.test(text)) {
    try {
      return [JSON.parse(text)]
    } catch {
      // As above, or several JSON documents one after another.
    }
  }
  const { parseAllDocuments } = await load()
  const documents = parseAllDocuments(text, options)
  return (documents as Document.Parsed[]).flatMap((document) => {
    const [error] = document.errors
    if (error !== undefined) throw new Error(error.message)
    const value: unknown = document.toJS({ maxAliasCount: 100 })
    return value === null || value === undefined ? [] : [value]
  })
}
