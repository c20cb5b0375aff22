import {
  always,
  goString,
  int64,
  list,
  omit,
  orNull,
  type Static,
  struct,
  time,
} from '../../machinery/index.ts'

export const tagEventSchema = struct(
  'TagEvent',
  {
    created: orNull(time(), { description: 'When the tag came to this image.' }),
    dockerImageReference: always(goString(), { description: 'Where the image can be pulled from.' }),
    image: always(goString(), { description: 'Name of the Image; empty where only a reference is known.' }),
    generation: always(int64(), { description: 'Generation of the stream that brought this about.' }),
  },
  { description: 'One step in the history of a tag.' },
)
/** One entry of a tag's history. */
export type TagEvent = Static<typeof tagEventSchema>

export const tagEventConditionSchema = struct(
  'TagEventCondition',
  {
    type: always(goString({ goType: 'v1.TagEventConditionType' }), {
      description: 'Only ImportSuccess is in use.',
    }),
    status: always(goString({ goType: 'v1.ConditionStatus' }), { description: 'True, False or Unknown.' }),
    lastTransitionTime: orNull(time(), { mandatory: false, description: 'When the status last changed.' }),
    reason: omit(goString(), { description: 'One word for why.' }),
    message: omit(goString(), { description: 'Why, for people.' }),
    generation: always(int64(), { description: 'Generation of the spec tag that this is about.' }),
  },
  { description: 'A state that a tag is in.' },
)
export type TagEventCondition = Static<typeof tagEventConditionSchema>

export const namedTagEventListSchema = struct(
  'NamedTagEventList',
  {
    tag: always(goString(), { description: 'Name of the tag.' }),
    items: orNull(list(tagEventSchema), {
      description: 'The history, newest first; the first entry is what the tag is now.',
    }),
    conditions: omit(list(tagEventConditionSchema), { description: 'What went wrong, if anything did.' }),
  },
  { description: 'The history of one tag.' },
)
/** One entry of `status.tags`. */
export type NamedTagEventList = Static<typeof namedTagEventListSchema>

export const importSuccess = 'ImportSuccess'
