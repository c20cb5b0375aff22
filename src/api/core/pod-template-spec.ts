import { objectMetaSchema } from '../../machinery/meta-schema.ts'
import { always, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { podSpecSchema } from './pod-spec.ts'

const struct = structIn('io.k8s.api.core.v1')

export const podTemplateSpecSchema = struct(
  'PodTemplateSpec',
  {
    metadata: always(objectMetaSchema, { description: 'Labels and annotations of the pods.' }),
    spec: always(podSpecSchema, { mandatory: false, description: 'What the pods run.' }),
  },
  { description: 'What the pods that are made from it look like.' },
)
export type PodTemplateSpec = Static<typeof podTemplateSpecSchema>
