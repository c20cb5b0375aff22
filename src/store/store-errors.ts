/** Why a store's file could not be opened. */
export type StoreOpenProblem =
  | 'locked'
  | 'corrupt'
  | 'not-a-store'
  | 'newer-schema'
  | 'not-writable'
  | 'missing-folder'
  | 'failed'

/** The file could not be opened; it is as it was before. The message carries its path. */
export class StoreOpenError extends Error {
  override readonly name: string = 'StoreOpenError'
  readonly kind: StoreOpenProblem
  readonly file: string
  constructor(kind: StoreOpenProblem, file: string, what: string, options?: ErrorOptions) {
    super(`cannot open the store ${file}: ${what}`, options)
    this.kind = kind
    this.file = file
  }
}

/** Another open store, of this process or another, holds the file. */
export class StoreLockedError extends StoreOpenError {
  override readonly name: string = 'StoreLockedError'
  constructor(file: string, options?: ErrorOptions) {
    super('locked', file, 'it is in use by another process', options)
  }
}

/** The store was closed before it could answer; the commit was not written. */
export class StoreClosedError extends Error {
  override readonly name = 'StoreClosedError'
  constructor() {
    super('the store is closed')
  }
}

/**
 * The disk refused. The commit was not acknowledged, but after a failed sync it may still be found on the next opening:
 * `fatal` says that the engine takes no further commits until it is opened again.
 */
export class StoreFailedError extends Error {
  override readonly name = 'StoreFailedError'
  readonly fatal: boolean
  constructor(what: string, fatal: boolean, options?: ErrorOptions) {
    super(`the store could not write: ${what}`, options)
    this.fatal = fatal
  }
}

/** SQLite's primary result code of an error thrown by `node:sqlite`; undefined for other errors. */
export function sqliteCode(error: unknown): number | undefined {
  if (!(error instanceof Error) || !('errcode' in error) || typeof error.errcode !== 'number')
    return undefined
  return error.errcode & 0xff
}
