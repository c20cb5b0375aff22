import { hash } from 'node:crypto'
import { LRUCache } from 'lru-cache'
import type { Subject } from '../access/access.ts'
import { findTokenSubject, type TokenSource } from './authenticator.ts'

export interface TokenCacheDeps {
  /** Changes with every write of an object, whichever. */
  revision(): number
  now(): Date
}

interface Known {
  subject: Subject
  revision: number
  /** Milliseconds since 1970. */
  at: number
}

/** Milliseconds after which a token is looked at again though nothing was written: it may have run out. */
const maxAge = 1000
const remembered = 10_000

/**
 * The sources as one that remembers whose a token is as long as nothing at all was written, and for a second at most: a logout
 * counts at once, and a client that reads much is looked up once. Only good tokens are remembered, and only by a hash.
 */
export function cacheTokens(sources: readonly TokenSource[], { revision, now }: TokenCacheDeps): TokenSource {
  const known = new LRUCache<string, Known>({ max: remembered })
  return {
    async authenticateToken(token, audiences) {
      if (audiences !== undefined) return findTokenSubject(sources, token, audiences)
      const key = hash('sha256', token, 'base64')
      // Before looking: what is written meanwhile must not be taken for seen.
      const [current, at] = [revision(), now().getTime()]
      const found = known.get(key)
      const age = at - (found?.at ?? 0)
      if (found !== undefined && found.revision === current && age >= 0 && age < maxAge) return found.subject
      const subject = await findTokenSubject(sources, token)
      if (typeof subject === 'object') known.set(key, { subject, revision: current, at })
      else known.delete(key)
      return subject
    },
  }
}
