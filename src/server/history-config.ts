import Type from 'typebox'

/** `history` of the config file (docs/configuration.md). */
export const historySchema = Type.Object(
  {
    records: Type.Optional(Type.Boolean()),
    keepEvents: Type.Optional(Type.Integer({ minimum: 1 })),
    keepFor: Type.Optional(Type.String({ minLength: 1 })),
  },
  { additionalProperties: false },
)

export interface HistorySettings {
  /** Whether moves of tags are recorded. */
  records: boolean
  /** Records of one tag that are kept. */
  keepEvents: number
  /** Milliseconds; the record that says what a tag still is stays, however old. */
  keepFor: number
}
