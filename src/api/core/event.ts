import { formatAgeSince } from '../../machinery/age.ts'
import type { FieldError } from '../../machinery/errors.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  goString,
  int32,
  microTime,
  omit,
  orNull,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn, wideColumn } from '../common/columns.ts'
import { invalidValue } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { structIn } from '../common/struct-in.ts'
import { objectReferenceSchema } from './object-reference.ts'

const struct = structIn('io.k8s.api.core.v1')

export const eventSourceSchema = struct('EventSource', {
  component: omit(goString()),
  host: omit(goString()),
})
export type EventSource = Static<typeof eventSourceSchema>

export const eventSeriesSchema = struct('EventSeries', {
  count: omit(int32()),
  lastObservedTime: orNull(microTime({ mandatory: false })),
})
export type EventSeries = Static<typeof eventSeriesSchema>

export const eventSchema = objectSchema(
  'Event',
  {
    type: omit(goString({ description: 'Normal or Warning.' })),
    action: omit(goString()),
    count: omit(int32({ description: 'How often it happened.' })),
    eventTime: orNull(microTime({ mandatory: false })),
    firstTimestamp: orNull(time({ mandatory: false, description: 'When it first happened.' })),
    involvedObject: always(objectReferenceSchema, { description: 'What it happened to.' }),
    lastTimestamp: orNull(time({ mandatory: false, description: 'When it last happened.' })),
    message: omit(goString({ description: 'What happened, for people.' })),
    reason: omit(goString({ description: 'One word for what happened.' })),
    related: pointer(objectReferenceSchema),
    reportingComponent: always(goString({ mandatory: false })),
    reportingInstance: always(goString({ mandatory: false })),
    series: pointer(eventSeriesSchema),
    source: always(eventSourceSchema, { mandatory: false, description: 'Who reported it.' }),
  },
  { schemaName: 'io.k8s.api.core.v1.Event', description: 'Something that happened to an object.' },
)
export type Event = Static<typeof eventSchema>

/** When it was last, and when first, seen: whichever of the fields say it. */
function lastSeen(event: Event): string | null | undefined {
  return event.series?.lastObservedTime ?? event.lastTimestamp ?? event.eventTime ?? event.firstTimestamp
}

function sourceText({ source, reportingComponent }: Event): string {
  return [source.component || reportingComponent, source.host].filter((part) => part).join(', ')
}

/** An event lies in the namespace of what it is about; events about cluster-wide objects lie in `default`. */
function validate(event: Event): FieldError[] {
  const about = event.involvedObject.namespace || 'default'
  const namespace = event.metadata.namespace ?? about
  return about === namespace || (event.involvedObject.namespace || '') === ''
    ? []
    : [
        invalidValue(
          'involvedObject.namespace',
          event.involvedObject.namespace,
          'does not match event.namespace',
        ),
      ]
}

type Reference = Event['involvedObject']
const about =
  (key: keyof Reference) =>
  (event: Event): string =>
    event.involvedObject[key] ?? ''

export const events = defineKind<Event>({
  group: '',
  version: 'v1',
  kind: 'Event',
  plural: 'events',
  shortNames: ['ev'],
  namespaced: true,
  storageVersionHash: 'r2yiGXH7wu8=',
  schema: eventSchema,
  schemaName: 'io.k8s.api.core.v1.Event',
  columns: [
    textColumn('Last Seen', 'Time since it last happened.', (event, now) =>
      formatAgeSince(lastSeen(event), now),
    ),
    textColumn('Type', 'Normal or Warning.', (event) => event.type ?? ''),
    textColumn('Reason', 'One word for what happened.', (event) => event.reason ?? ''),
    textColumn('Object', 'What it happened to.', ({ involvedObject: { kind = '', name = '' } }) =>
      kind === '' ? name : `${kind.toLowerCase()}/${name}`,
    ),
    wideColumn('Subobject', 'Which part of the object.', about('fieldPath')),
    wideColumn('Source', 'Who reported it.', sourceText),
    textColumn('Message', 'What happened, for people.', (event) => (event.message ?? '').trim()),
    wideColumn('First Seen', 'Time since it first happened.', (event, now) =>
      formatAgeSince(event.firstTimestamp ?? event.eventTime, now),
    ),
    {
      ...wideColumn<Event>(
        'Count',
        'How often it happened.',
        (event) => event.series?.count ?? event.count ?? 1,
      ),
      type: 'string',
    },
    { ...nameColumn, priority: 1 },
  ],
  fieldSelectors: {
    'involvedObject.kind': about('kind'),
    'involvedObject.namespace': about('namespace'),
    'involvedObject.name': about('name'),
    'involvedObject.uid': about('uid'),
    'involvedObject.apiVersion': about('apiVersion'),
    'involvedObject.resourceVersion': about('resourceVersion'),
    'involvedObject.fieldPath': about('fieldPath'),
    reason: (event) => event.reason ?? '',
    reportingComponent: (event) => event.reportingComponent || event.source.component || '',
    source: (event) => event.source.component || event.reportingComponent,
    type: (event) => event.type ?? '',
  },
  hooks: plainHooks<Event>({ validate }),
})
