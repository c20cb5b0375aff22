import type { TagWebhook } from '../api/index.ts'
import type { ToldMove } from './told-move.ts'

/** Who is told of a move, and what comes after a try to tell. */

/** A hook hears of what happens once it is there. */
export function wantsMove({ metadata, spec }: TagWebhook, move: ToldMove): boolean {
  const made = Date.parse(metadata.creationTimestamp ?? '')
  return (
    metadata.namespace === move.namespace &&
    metadata.deletionTimestamp === undefined &&
    !(Date.parse(move.time) < made) &&
    matchesAny(spec.streams, move.stream) &&
    (move.tag === '' || matchesAny(spec.tags, move.tag))
  )
}

function matchesAny(patterns: readonly string[] | undefined, name: string): boolean {
  return patterns === undefined || patterns.length === 0 || patterns.some((pattern) => matches(pattern, name))
}

/** `*` stands for any text. Takes a time that grows with both lengths, whatever the pattern. */
function matches(pattern: string, name: string): boolean {
  const [head = '', ...rest] = pattern.split('*')
  const tail = rest.pop()
  if (tail === undefined) return pattern === name
  if (!name.startsWith(head) || name.length < head.length + tail.length || !name.endsWith(tail)) return false
  const end = name.length - tail.length
  let at = head.length
  for (const part of rest) {
    const found = name.indexOf(part, at)
    if (found === -1 || found + part.length > end) return false
    at = found + part.length
  }
  return true
}

/** How a try ended. */
export type NoticeOutcome =
  | { kind: 'answered'; status: number; retryAfterSeconds?: number }
  | { kind: 'failed'; why: string; isPermanent: boolean }

export type NoticeStep =
  | { kind: 'delivered'; status: number }
  /** Milliseconds. */
  | { kind: 'again'; after: number; why: string }
  | { kind: 'dead'; why: string }

/** Tries before a notice is given up: a little more than four hours in all. */
export const mostAttempts = 15
const firstPause = 1000
const longestPause = 1_800_000

/** Answers after which another try may end otherwise. */
const temporary = new Set([408, 425, 429])

/** `attempts` counts the try that has just ended. */
export function planNotice(outcome: NoticeOutcome, attempts: number): NoticeStep {
  if (outcome.kind === 'answered' && outcome.status >= 200 && outcome.status < 300)
    return { kind: 'delivered', status: outcome.status }
  const why = outcome.kind === 'failed' ? outcome.why : `the target answered ${outcome.status}`
  const isLasting =
    outcome.kind === 'failed' ? outcome.isPermanent : outcome.status < 500 && !temporary.has(outcome.status)
  if (isLasting) return { kind: 'dead', why }
  if (attempts >= mostAttempts) return { kind: 'dead', why: `${why}, as often as it was tried` }
  const asked = outcome.kind === 'answered' ? (outcome.retryAfterSeconds ?? 0) * 1000 : 0
  const after = Math.min(Math.max(firstPause * 2 ** (attempts - 1), asked), longestPause)
  return { kind: 'again', after, why }
}
