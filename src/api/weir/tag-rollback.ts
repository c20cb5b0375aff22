import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { pathSegmentProblems } from '../../machinery/names.ts'
import { always, goBool, goString, omit, pointer, type Static } from '../../machinery/schema.ts'
import { inWeirGroup, weirSchemaName, weirStruct } from './group.ts'
import { tagStateSchema } from './tag-event.ts'

export const tagRollbackSchema = objectSchema(
  'TagRollback',
  {
    spec: always(
      weirStruct('TagRollbackSpec', {
        to: omit(goString(), {
          description:
            'Where to: a number of images back (1 where it is absent), a digest or its beginning, or a time (RFC 3339, or -5h for five hours ago).',
        }),
        rejects: omit(goString(), {
          description:
            'Image that the caller saw the tag stand for; refused when it stands for another by now.',
        }),
        message: omit(goString(), { description: 'Why, for the record.' }),
      }),
      { mandatory: false },
    ),
    status: pointer(
      weirStruct('TagRollbackStatus', {
        before: always(tagStateSchema, { description: 'What the tag was.' }),
        after: always(tagStateSchema, { description: 'What it is now.' }),
        held: always(goBool(), {
          description: 'Whether the tag follows a source, and is held back from what was rejected.',
        }),
      }),
    ),
  },
  {
    schemaName: weirSchemaName('TagRollback'),
    description: 'Moves a tag back to an earlier image. Named <stream>:<tag>; nothing of it is stored.',
  },
)
export type TagRollback = Static<typeof tagRollbackSchema>

export const tagRollbacks = defineKind<TagRollback>({
  ...inWeirGroup,
  kind: 'TagRollback',
  plural: 'tagrollbacks',
  namespaced: true,
  verbs: ['create'],
  schema: tagRollbackSchema,
  schemaName: weirSchemaName('TagRollback'),
  stored: false,
  hooks: { validateName: pathSegmentProblems },
})
