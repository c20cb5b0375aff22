import type { Kind } from '../../machinery/kind.ts'
import { imagePruners } from './image-pruner.ts'

export type { ImagePruner, ImagePrunerSpec, ImagePrunerStatus, OperatorCondition } from './image-pruner.ts'
export { imagePrunerSchema, imagePruners } from './image-pruner.ts'

export const imageRegistryKinds: readonly Kind[] = [imagePruners]
