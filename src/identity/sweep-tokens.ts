import { oauthAccessTokens, oauthAuthorizeTokens } from '../api/oauth/index.ts'
import type { Client } from '../client/client.ts'
import { isApiError } from '../machinery/errors.ts'
import { isExpired } from './oauth-token-source.ts'

/** Deletes codes and tokens that have run out: they count for nothing any more. Resolves to their number. */
export async function sweepExpiredTokens(client: Client, now: Date): Promise<number> {
  let count = 0
  for (const kind of [oauthAuthorizeTokens, oauthAccessTokens]) {
    for (const token of (await client.list(kind, '')).items) {
      if (!isExpired(token, now)) continue
      try {
        await client.delete(kind, '', token.metadata.name ?? '')
        count++
      } catch (error) {
        if (!isApiError(error, 'NotFound')) throw error
      }
    }
  }
  return count
}
