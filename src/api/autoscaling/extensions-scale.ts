import { objectSchema } from '../../machinery/meta-schema.ts'
import { always, goString, int32, omit, stringMap } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'
import { scaleSpecSchema } from './scale.ts'

/** The Scale of DeploymentConfigs, in the version that they have kept: it tells its selector twice. */

const struct = structIn('io.k8s.api.extensions.v1beta1')

const extensionsScaleStatusSchema = struct('ScaleStatus', {
  replicas: always(int32()),
  selector: omit(stringMap()),
  targetSelector: omit(goString()),
})

export const extensionsScaleSchema = objectSchema(
  'Scale',
  {
    spec: always(scaleSpecSchema, { mandatory: false, description: 'How many it should have.' }),
    status: always(extensionsScaleStatusSchema, { mandatory: false, description: 'How many it has.' }),
  },
  { schemaName: 'io.k8s.api.extensions.v1beta1.Scale', description: 'How many pods a workload has.' },
)
