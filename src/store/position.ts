import type { Revision } from './store.ts'

/**
 * A position numbers every change in the log: its revision and its place within the commit, packed into one integer, so
 * that it can be SQLite's row id. Leaves 2^41 revisions, 70 years at a thousand commits a second.
 */
export type Position = number

/** Most changes that one commit may have. */
export const maxChanges = 4096

export const toPosition = (revision: Revision, place: number): Position => revision * maxChanges + place

export const revisionOf = (position: Position): Revision => Math.floor(position / maxChanges)

/** The position after every change of the revision. */
export const endOf = (revision: Revision): Position => toPosition(revision, maxChanges - 1)
