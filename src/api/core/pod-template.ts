import { defineKind } from '../../machinery/kind.ts'
import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { nameColumn } from '../../machinery/table.ts'
import { textColumn } from '../common/columns.ts'
import { formatLabels } from '../common/label-selector.ts'
import { plainHooks } from '../common/plain-hooks.ts'
import { withTemplateDefaults } from './pod-defaults.ts'
import { podTemplateSpecSchema } from './pod-template-spec.ts'
import { validatePodSpec } from './validate-pod-spec.ts'
import { containerColumns } from './workload-columns.ts'

export const podTemplateSchema = objectSchema(
  'PodTemplate',
  {
    template: always(podTemplateSpecSchema, { mandatory: false, description: 'The template.' }),
  },
  {
    schemaName: 'io.k8s.api.core.v1.PodTemplate',
    description: 'A template for pods, kept apart from what uses it.',
  },
)
export type PodTemplate = Static<typeof podTemplateSchema>

export const podTemplates = defineKind<PodTemplate>({
  group: '',
  version: 'v1',
  kind: 'PodTemplate',
  plural: 'podtemplates',
  namespaced: true,
  storageVersionHash: 'LIXB2x4IFpk=',
  schema: podTemplateSchema,
  schemaName: 'io.k8s.api.core.v1.PodTemplate',
  columns: [
    nameColumn,
    ...containerColumns<PodTemplate>((object) => object.template.spec).map((column) => ({
      ...column,
      priority: 0,
    })),
    textColumn('Pod Labels', 'Labels of the pods.', (object) =>
      formatLabels(object.template.metadata.labels),
    ),
  ],
  hooks: plainHooks<PodTemplate>({
    defaults: (next) => ({ ...next, template: withTemplateDefaults(next.template) }),
    validate: (next) => validatePodSpec(next.template.spec, 'template.spec'),
  }),
})
