import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { always, goString, list, omit, type Static, time } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, textColumn } from '../common/columns.ts'
import { inWeirGroup, weirSchemaName } from './group.ts'

export const tagHoldSchema = objectSchema(
  'TagHold',
  {
    stream: always(goString(), { description: 'Name of the image stream.' }),
    tag: always(goString(), { description: 'Name of the tag.' }),
    rejected: always(list(goString()), {
      description: 'Images that the tag does not follow its source to, the last rejected first.',
    }),
    subject: always(goString(), { description: 'Who rolled back.' }),
    since: always(time(), { description: 'When the last of them was rejected.' }),
    message: omit(goString(), { description: 'Why.' }),
  },
  {
    schemaName: weirSchemaName('TagHold'),
    description:
      'A tag that was rolled back does not follow its source to what was rejected. Ends when the source offers something else; delete it to follow again at once. Named <stream>:<tag>.',
  },
)
export type TagHold = Static<typeof tagHoldSchema>

export const tagHolds = defineKind<TagHold>({
  ...inWeirGroup,
  kind: 'TagHold',
  plural: 'tagholds',
  namespaced: true,
  verbs: ['delete', 'get', 'list', 'watch'],
  schema: tagHoldSchema,
  schemaName: weirSchemaName('TagHold'),
  columns: [
    nameColumn,
    textColumn('Rejected', 'What the tag does not follow its source to.', ({ rejected }) =>
      rejected.join(','),
    ),
    textColumn('By', 'Who rolled back.', ({ subject }) => subject),
    ageColumn(),
  ],
  fieldSelectors: { stream: ({ stream }) => stream, tag: ({ tag }) => tag },
  hooks: { validateName: pathSegmentProblems },
})
