import { formatAgeSince } from '../../machinery/age.ts'
import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import {
  always,
  goString,
  int64,
  list,
  microTime,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn, wideColumn } from '../common/columns.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'

/** Why a tag came to another image. */
export const tagEventCauses = ['push', 'import', 'schedule', 'tag', 'rollback', 'policy', 'api'] as const
export type TagEventCause = (typeof tagEventCauses)[number]

export const tagStateSchema = weirStruct('TagState', {
  image: always(goString(), { description: 'Name of the Image; empty where only a reference is known.' }),
  dockerImageReference: always(goString(), { description: 'Where the image can be pulled from.' }),
  mediaType: omit(goString(), { description: 'Media type of the manifest.' }),
})
export type TagState = Static<typeof tagStateSchema>

export const tagEventSourceSchema = weirStruct('TagEventSource', {
  kind: omit(goString(), { description: 'DockerImage, ImageStreamTag or ImageStreamImage.' }),
  namespace: omit(goString(), { description: 'Project of the source, where it is another.' }),
  name: omit(goString(), { description: 'Name of the source, as the spec of the tag has it.' }),
})
export type TagEventSource = Static<typeof tagEventSourceSchema>

export const imageChangeSchema = weirStruct('ImageChange', {
  field: always(goString(), {
    description:
      'What differs: user, workingDir, entrypoint, cmd, ports, env, size, platforms, or the name of a label.',
  }),
  before: omit(goString(), { description: 'What it was.' }),
  after: omit(goString(), { description: 'What it is.' }),
  added: omit(list(goString()), { description: 'Names that are new.' }),
  removed: omit(list(goString()), { description: 'Names that are gone.' }),
  changed: omit(list(goString()), { description: 'Names whose value differs; values are never kept.' }),
})
export type ImageChange = Static<typeof imageChangeSchema>

export const tagEventRecordSchema = objectSchema(
  'TagEvent',
  {
    stream: always(goString(), { description: 'Name of the image stream.' }),
    tag: always(goString(), {
      description: 'Name of the tag; empty where the stream went with all its tags.',
    }),
    time: always(microTime(), { description: 'When the tag moved.' }),
    cause: always(goString(), {
      description:
        'Why: push, import (asked for), schedule, tag (a write of one tag), rollback, policy, or api (any other write).',
    }),
    subject: always(goString(), { description: 'Name of the user or the part of the system that moved it.' }),
    message: omit(goString(), { description: 'What whoever moved it had to say.' }),
    generation: omit(int64(), { description: 'Generation of the stream that the move belongs to.' }),
    source: pointer(tagEventSourceSchema, {
      description: 'Where the image came from; absent for what was pushed or put there by hand.',
    }),
    before: pointer(tagStateSchema, { description: 'What the tag was; absent when it is new.' }),
    after: pointer(tagStateSchema, { description: 'What the tag is; absent when it is gone.' }),
    changes: omit(list(imageChangeSchema), {
      description: 'How the config of the image differs from that of the image before.',
    }),
  },
  {
    schemaName: weirSchemaName('TagEvent'),
    description: 'One move of a tag: when, from what to what, by whom and why. Written with the move itself.',
  },
)
/** The record of a move. (`TagEvent` of image.openshift.io is one item of `status.tags`.) */
export type TagEventRecord = Static<typeof tagEventRecordSchema>

/** `<stream>:<tag>:`, with which the names of a tag's records begin; `<stream>:` for all of a stream. */
export function tagEventPrefix(stream: string, tag?: string): string {
  return tag === undefined ? `${stream}:` : `${stream}:${tag}:`
}

/** A microsecond of the year 2255; sixteen digits. */
const lastMicros = Number.MAX_SAFE_INTEGER

/** Counts down, so that the newest record of a tag comes first. `micros` since the epoch. */
export function tagEventName(stream: string, tag: string, micros: number): string {
  return `${tagEventPrefix(stream, tag)}${String(lastMicros - micros).padStart(16, '0')}`
}

/** The time in a record's name, in microseconds since the epoch; undefined for other names. */
export function tagEventMicros(name: string): number | undefined {
  const stamp = /:(\d{16})$/.exec(name)?.[1]
  return stamp === undefined ? undefined : lastMicros - Number(stamp)
}

const digestCell = (state: TagState | undefined): string =>
  state === undefined ? '<none>' : state.image || state.dockerImageReference

export const tagEvents = defineKind<TagEventRecord>({
  ...inWeirGroup,
  kind: 'TagEvent',
  plural: 'tagevents',
  namespaced: true,
  verbs: ['get', 'list', 'watch'],
  schema: tagEventRecordSchema,
  schemaName: weirSchemaName('TagEvent'),
  columns: [
    nameColumn,
    textColumn('When', 'Time since the tag moved.', ({ time }, now) => formatAgeSince(time, now)),
    textColumn('Cause', 'Why it moved.', ({ cause }) => cause),
    textColumn('By', 'Who moved it.', ({ subject }) => subject),
    textColumn('Image', 'What it is since.', ({ after }) => digestCell(after)),
    wideColumn('Before', 'What it was before.', ({ before }) => digestCell(before)),
  ],
  fieldSelectors: {
    stream: ({ stream }) => stream,
    tag: ({ tag }) => tag,
    cause: ({ cause }) => cause,
    subject: ({ subject }) => subject,
  },
  hooks: { validateName: pathSegmentProblems },
})
