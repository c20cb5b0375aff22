import type { Following } from '../image/index.ts'
import type { Kind } from '../machinery/kind.ts'
import type { KubeObject } from '../machinery/object.ts'
import type { Complaint } from './trigger-events.ts'

export interface Handled {
  complaints: readonly Complaint[]
  /** The object as it was written, if it was. */
  written?: KubeObject
  /** Milliseconds after which to look again, for what no watch tells: a right that is given later. */
  again?: number
}

/** How the triggers of one kind of objects are kept. */
export interface TriggerHandler {
  kind: Kind
  /** Tags whose moves concern the object, and what it has of them; [] for an object without triggers. */
  followings(object: KubeObject): Following[]
  /** Whether the object has triggers at all, good ones or bad. */
  hasTriggers(object: KubeObject): boolean
  /** All of the object that its triggers depend on. */
  mark(object: KubeObject): string
  /** Brings the object, just read, up to date. Rejects with Conflict when it has changed since. */
  handle(object: KubeObject): Promise<Handled>
}

/** Milliseconds until a refused trigger is asked for again. */
export const askAgain = 30_000
