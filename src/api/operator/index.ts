import type { Kind } from '../../machinery/kind.ts'
import { imageContentSourcePolicies } from './image-content-source-policy.ts'

export type {
  ImageContentSourcePolicy,
  ImageContentSourcePolicySpec,
  RepositoryDigestMirrors,
} from './image-content-source-policy.ts'
export { imageContentSourcePolicies, imageContentSourcePolicySchema } from './image-content-source-policy.ts'

export const operatorKinds: readonly Kind[] = [imageContentSourcePolicies]
