import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goString,
  int64,
  omit,
  pointer,
  rawObject,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { statusOf } from '../common/subresources.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'

/** Set to another text, it has a notice sent again. */
export const redeliverAnnotation = 'weir.dev/redeliver'

export const tagNoticeSpecSchema = weirStruct('TagNoticeSpec', {
  webhook: always(goString(), { description: 'Name of the TagWebhook.' }),
  event: always(rawObject('CloudEvent'), { description: 'What is sent: a CloudEvent.' }),
})
export type TagNoticeSpec = Static<typeof tagNoticeSpecSchema>

export const tagNoticeStatusSchema = weirStruct('TagNoticeStatus', {
  phase: omit(goString(), { description: 'Waiting, or Dead: given up.' }),
  attempts: omit(int64(), { description: 'How often it was tried.' }),
  lastAttempt: pointer(time(), { description: 'When it was tried last.' }),
  nextAttempt: pointer(time(), { description: 'When it is tried again.' }),
  reason: omit(goString(), { description: 'Why the last try failed.' }),
  redelivered: omit(goString(), { description: 'The wish to send it again that was heard last.' }),
})
export type TagNoticeStatus = Static<typeof tagNoticeStatusSchema>

export const tagNoticeSchema = objectSchema(
  'TagNotice',
  {
    spec: always(tagNoticeSpecSchema),
    status: always(tagNoticeStatusSchema, { mandatory: false }),
  },
  {
    schemaName: weirSchemaName('TagNotice'),
    description:
      'A notice on its way to a TagWebhook. It goes when it was delivered; one that was given up stays: annotate it with weir.dev/redeliver=<any text> to have it sent again, or delete it.',
  },
)
export type TagNotice = Static<typeof tagNoticeSchema>

const phaseOf = ({ status }: TagNotice): string => status.phase || 'Waiting'

export const tagNotices = defineKind<TagNotice>({
  ...inWeirGroup,
  kind: 'TagNotice',
  plural: 'tagnotices',
  namespaced: true,
  subresources: [statusOf('TagNotice')],
  schema: tagNoticeSchema,
  schemaName: weirSchemaName('TagNotice'),
  columns: [
    nameColumn,
    textColumn('Webhook', 'Whom it is for.', ({ spec }) => spec.webhook),
    textColumn('Tag', 'What it is about.', ({ spec }) =>
      String((spec.event as { subject?: string }).subject ?? ''),
    ),
    textColumn('Phase', 'Waiting or Dead.', phaseOf),
    textColumn('Attempts', 'How often it was tried.', ({ status }) => String(status.attempts ?? 0)),
    wideColumn('Reason', 'Why the last try failed.', ({ status }) => status.reason ?? ''),
    ageColumn(),
  ],
  fieldSelectors: { phase: phaseOf, webhook: ({ spec }) => spec.webhook },
  // What was written about an event stays as it was: only labels and annotations can be changed.
  hooks: (() => {
    const hooks = statusHooks<TagNotice>({ initialStatus: { phase: 'Waiting' }, hasGeneration: false })
    return { ...hooks, prepareUpdate: (next, old) => ({ ...next, spec: old.spec, status: old.status }) }
  })(),
})
