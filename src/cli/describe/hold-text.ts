import type { TagHold } from '../../api/index.ts'
import { ageOf, longAge } from '../print/age.ts'

/** Why a tag that follows something does not. */
export function holdText({ stream, tag, rejected, subject, since, message }: TagHold, now: Date): string {
  const [image = '', ...more] = rejected
  const others = more.length === 0 ? '' : ` and ${more.length} more`
  const why = message ? ` (${message})` : ''
  const when = `${longAge(ageOf(since, now)).toLowerCase()} ago`
  return `rolled back ${when} by ${subject}${why}: does not follow its source to ${image}${others} until it offers something else, or "resume ${stream}:${tag}"`
}
