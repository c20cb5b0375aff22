import { formatLongAgeSince } from '../../machinery/age.ts'
import type { FieldError } from '../../machinery/errors.ts'
import type { Column } from '../../machinery/kind.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { required } from '../common/field-errors.ts'

/** What the kinds of tokens share. */
export interface OAuthToken extends KubeObject {
  clientName?: string
  expiresIn?: number
  scopes?: string[]
  redirectURI?: string
  userName?: string
  userUID?: string
}

/** Tokens are found by a hash of what the bearer holds. */
export const hashedTokenPrefix = 'sha256~'

export function tokenNameProblems(name: string): string[] {
  const problems = pathSegmentProblems(name)
  if (!name.startsWith(hashedTokenPrefix)) return [...problems, `must have prefix "${hashedTokenPrefix}"`]
  return problems
}

export function tokenErrors(token: OAuthToken): FieldError[] {
  return (['clientName', 'userName', 'userUID'] as const)
    .filter((key) => !token[key])
    .map((key) => required(key))
}

/** When the token ends, as RFC 3339; undefined for one that doesn't. */
export function tokenEnd({ metadata, expiresIn }: OAuthToken): Date | undefined {
  if (!expiresIn || metadata.creationTimestamp === undefined) return undefined
  return new Date(Date.parse(metadata.creationTimestamp) + expiresIn * 1000)
}

export function tokenColumns<T extends OAuthToken>({ withUser }: { withUser: boolean }): Column<T>[] {
  return [
    nameColumn,
    ...(withUser ? [textColumn<T>('User Name', 'Whose token it is.', (token) => token.userName ?? '')] : []),
    textColumn('Client Name', 'The client that it was given to.', (token) => token.clientName ?? ''),
    textColumn('Created', 'When it was made.', (token, now) =>
      formatLongAgeSince(token.metadata.creationTimestamp, now),
    ),
    textColumn('Expires', 'When it ends.', (token) => tokenEnd(token)?.toISOString() ?? 'never'),
    textColumn('Redirect URI', 'Where the user was sent back to.', (token) => token.redirectURI ?? ''),
    textColumn('Scopes', 'What it is good for.', (token) => (token.scopes ?? []).join(',')),
  ]
}
