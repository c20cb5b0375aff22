/**
 * How old a copy of another registry's content is, in seconds (RFC 9111 §5.1): a client whose upstream is down can tell that
 * what it gets was not asked for there just now. Nothing for what was pushed here.
 */
export function ageHeader(pulledAt: number | undefined, now: Date): Record<string, string> {
  if (pulledAt === undefined) return {}
  return { Age: String(Math.max(0, Math.floor((now.getTime() - pulledAt) / 1000))) }
}
