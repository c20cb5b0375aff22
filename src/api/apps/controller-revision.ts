import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, int64, pointer, raw, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { ageColumn, numberColumn, textColumn } from '../common/columns.ts'
import { immutable, nonNegative } from '../common/field-errors.ts'
import { plainHooks } from '../common/plain-hooks.ts'

export const controllerRevisionSchema = objectSchema(
  'ControllerRevision',
  {
    data: pointer(raw({ description: 'The state.' })),
    revision: always(int64({ description: 'Number of the state.' })),
  },
  { schemaName: 'io.k8s.api.apps.v1.ControllerRevision', description: 'One state that a workload was in.' },
)
export type ControllerRevision = Static<typeof controllerRevisionSchema>

function controllerOf({ metadata }: ControllerRevision): string {
  const owner = metadata.ownerReferences?.find((reference) => reference.controller === true)
  if (owner === undefined) return '<none>'
  const group = owner.apiVersion.includes('/') ? `.${owner.apiVersion.split('/')[0]}` : ''
  return `${owner.kind.toLowerCase()}${group}/${owner.name}`
}

export const controllerRevisions = defineKind<ControllerRevision>({
  group: 'apps',
  version: 'v1',
  kind: 'ControllerRevision',
  plural: 'controllerrevisions',
  namespaced: true,
  storageVersionHash: '85nkx63pcBU=',
  schema: controllerRevisionSchema,
  schemaName: 'io.k8s.api.apps.v1.ControllerRevision',
  columns: [
    nameColumn,
    textColumn('Controller', 'Whose revision it is.', controllerOf),
    numberColumn('Revision', 'Number of the revision.', (revision) => revision.revision),
    ageColumn(),
  ],
  hooks: plainHooks<ControllerRevision>({
    validate: (next) => nonNegative('revision', next.revision),
    validateChange: (next, old) => immutable('data', next.data, old.data),
  }),
})
