import { resolve } from 'node:path'
import Type from 'typebox'

/** The part of the configuration that says what is written down of the API's requests. */
export const auditSchema = Type.Object(
  {
    file: Type.String({ minLength: 1 }),
    reads: Type.Optional(Type.Boolean()),
    maxSizeMiB: Type.Optional(Type.Integer({ minimum: 1 })),
    maxBackups: Type.Optional(Type.Integer({ minimum: 0 })),
  },
  { additionalProperties: false },
)

export interface AuditSettings {
  path: string
  /** Whether successful reads are written down, too. */
  reads: boolean
  /** Bytes. */
  maxSize: number
  maxBackups: number
}

export function toAuditSettings(
  file: { file: string; reads?: boolean; maxSizeMiB?: number; maxBackups?: number } | undefined,
): AuditSettings | undefined {
  if (file === undefined) return undefined
  return {
    path: resolve(file.file),
    reads: file.reads ?? true,
    maxSize: (file.maxSizeMiB ?? 100) * 1024 * 1024,
    maxBackups: file.maxBackups ?? 10,
  }
}
