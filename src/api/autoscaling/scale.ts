import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, int32, omit, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.autoscaling.v1')

export const scaleSpecSchema = struct('ScaleSpec', {
  replicas: omit(int32()),
})
export type ScaleSpec = Static<typeof scaleSpecSchema>

export const scaleStatusSchema = struct('ScaleStatus', {
  replicas: always(int32()),
  selector: omit(goString()),
})
export type ScaleStatus = Static<typeof scaleStatusSchema>

export const scaleSchema = objectSchema(
  'Scale',
  {
    spec: always(scaleSpecSchema, { mandatory: false, description: 'How many it should have.' }),
    status: always(scaleStatusSchema, { mandatory: false, description: 'How many it has.' }),
  },
  { schemaName: 'io.k8s.api.autoscaling.v1.Scale', description: 'How many pods a workload has.' },
)
export type Scale = Static<typeof scaleSchema>
