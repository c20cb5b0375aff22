import type { ImageReference } from '../../oci/index.ts'
import { CliError } from '../errors.ts'
import { parseImage } from './open.ts'
import type { Repository } from './repository.ts'

/** Sources that mean several images of one repository (cli.md §16). */

export interface TagPattern {
  source: ImageReference
  /** Present: all tags of the repository that match, `*` standing for any characters. */
  pattern?: string
}

/** Without tag and digest all tags are meant. */
export function parseTagPattern(text: string): TagPattern {
  const [, repository = text, pattern] = /^(.*):([\w.-]*\*[\w.*-]*)$/.exec(text) ?? []
  const source = parseImage(repository)
  if (pattern !== undefined) return { source, pattern }
  return source.tag === '' && source.id === '' ? { source, pattern: '*' } : { source }
}

/** Does the tag match a pattern in which `*` stands for any characters? */
export function matchesPattern(tag: string, pattern: string): boolean {
  const parts = pattern.split('*').map((part) => part.replace(/[.\\]/g, '\\$&'))
  return new RegExp(`^${parts.join('.*')}$`).test(tag)
}

/** The images that are meant, as the repository has them now; CliError when no tag matches. */
export async function expandTags(
  repository: Repository,
  { source, pattern }: TagPattern,
): Promise<ImageReference[]> {
  if (pattern === undefined) return [source]
  const tags = (await repository.tags()).filter((tag) => matchesPattern(tag, pattern)).sort()
  if (tags.length === 0) throw new CliError(`no tags match ${JSON.stringify(pattern)}`)
  return tags.map((tag) => ({ ...source, tag }))
}
