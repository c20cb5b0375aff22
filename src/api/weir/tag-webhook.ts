import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goBool,
  goString,
  int64,
  list,
  omit,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn, wideColumn } from '../common/columns.ts'
import { invalidValue, required } from '../common/field-errors.ts'
import { statusHooks } from '../common/status-hooks.ts'
import { statusOf } from '../common/subresources.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'

export const tagWebhookSecretSchema = weirStruct('TagWebhookSecret', {
  name: always(goString(), {
    description: 'Name of a Secret of the project; its key `secret` signs the notices.',
  }),
})

export const tagWebhookSpecSchema = weirStruct('TagWebhookSpec', {
  url: always(goString(), { description: 'Where notices are posted: an https address.' }),
  secretRef: pointer(tagWebhookSecretSchema, {
    description: 'What signs the notices; absent: they are not signed.',
  }),
  streams: omit(list(goString()), {
    description: 'Image streams that count, `*` standing for any text; absent: all of the project.',
  }),
  tags: omit(list(goString()), { description: 'Tags that count, `*` standing for any text; absent: all.' }),
  suspended: omit(goBool(), {
    description: 'Nothing is sent; what happens meanwhile is kept and sent later.',
  }),
})
export type TagWebhookSpec = Static<typeof tagWebhookSpecSchema>

export const tagNoticeResultSchema = weirStruct('TagNoticeResult', {
  id: always(goString(), { description: 'Id of the notice.' }),
  time: always(time(), { description: 'When it ended.' }),
  attempts: omit(int64(), { description: 'How often it was tried.' }),
  status: omit(int64(), { description: 'Status that the target answered with.' }),
  reason: omit(goString(), { description: 'Why it failed.' }),
})
export type TagNoticeResult = Static<typeof tagNoticeResultSchema>

export const tagWebhookStatusSchema = weirStruct('TagWebhookStatus', {
  delivered: omit(int64(), { description: 'How many notices were delivered.' }),
  failed: omit(int64(), {
    description: 'How many were given up. They are kept as TagNotices of the phase Dead.',
  }),
  lastDelivery: pointer(tagNoticeResultSchema, { description: 'The last notice that was delivered.' }),
  lastFailure: pointer(tagNoticeResultSchema, { description: 'The last try that failed.' }),
})
export type TagWebhookStatus = Static<typeof tagWebhookStatusSchema>

export const tagWebhookSchema = objectSchema(
  'TagWebhook',
  {
    spec: always(tagWebhookSpecSchema),
    status: always(tagWebhookStatusSchema, { mandatory: false }),
  },
  {
    schemaName: weirSchemaName('TagWebhook'),
    description: 'Tells another server, by a signed CloudEvent, that tags of the project move.',
  },
)
export type TagWebhook = Static<typeof tagWebhookSchema>

const longestUrl = 2048
const mostPatterns = 100

function validate({ spec }: TagWebhook): FieldError[] {
  return [
    ...urlErrors(spec.url),
    ...secretErrors(spec),
    ...patternErrors('streams', spec),
    ...patternErrors('tags', spec),
  ]
}

function urlErrors(url: string | undefined): FieldError[] {
  const field = 'spec.url'
  if (url === undefined || url === '') return [required(field)]
  const wrong = (detail: string) => [invalidValue(field, url.slice(0, longestUrl), detail)]
  if (url.length > longestUrl) return wrong(`must be no longer than ${longestUrl} characters`)
  const parsed = parseUrl(url)
  if (parsed === undefined || (parsed.protocol !== 'https:' && parsed.protocol !== 'http:'))
    return wrong('must be an https address, e.g. https://ci.example.com/hooks/images')
  if (parsed.username !== '' || parsed.password !== '')
    return [invalidValue(field, parsed.origin, 'must not carry a user name or password: sign with secretRef')]
  return parsed.hash === '' ? [] : wrong('must not have a fragment')
}

function parseUrl(text: string): URL | undefined {
  try {
    return new URL(text)
  } catch {
    return undefined
  }
}

function secretErrors({ secretRef }: TagWebhookSpec): FieldError[] {
  return secretRef !== undefined && secretRef.name === '' ? [required('spec.secretRef.name')] : []
}

function patternErrors(field: 'streams' | 'tags', spec: TagWebhookSpec): FieldError[] {
  const patterns = spec[field] ?? []
  const at = `spec.${field}`
  if (patterns.length > mostPatterns)
    return [invalidValue(at, patterns.length, `must be at most ${mostPatterns} patterns`)]
  return patterns.flatMap((pattern, index) =>
    /^[\w.*-]{1,253}$/.test(pattern)
      ? []
      : [
          invalidValue(
            `${at}[${index}]`,
            pattern.slice(0, 253),
            'must be a name, in which * stands for any text',
          ),
        ],
  )
}

export const tagWebhooks = defineKind<TagWebhook>({
  ...inWeirGroup,
  kind: 'TagWebhook',
  plural: 'tagwebhooks',
  namespaced: true,
  subresources: [statusOf('TagWebhook')],
  schema: tagWebhookSchema,
  schemaName: weirSchemaName('TagWebhook'),
  columns: [
    nameColumn,
    textColumn('URL', 'Where notices go.', ({ spec }) => spec.url),
    textColumn('Delivered', 'How many notices were delivered.', ({ status }) =>
      String(status.delivered ?? 0),
    ),
    textColumn('Failed', 'How many were given up.', ({ status }) => String(status.failed ?? 0)),
    wideColumn(
      'Last failure',
      'Why the last try that failed did.',
      ({ status }) => status.lastFailure?.reason ?? '',
    ),
    ageColumn(),
  ],
  hooks: statusHooks<TagWebhook>({ initialStatus: {}, validate }),
})
