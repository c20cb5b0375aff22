export { extensionsScaleSchema } from './extensions-scale.ts'
export type { Scale, ScaleSpec, ScaleStatus } from './scale.ts'
export { scaleSchema } from './scale.ts'
