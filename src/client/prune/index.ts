export { type Place, whereThereIsRoom } from '../../scratch/index.ts'
export { followChanges, listAll } from './follow-changes.ts'
export { pruneImages } from './prune-images.ts'
export {
  noCounts,
  type PruneContent,
  type PruneCounts,
  type PruneEvent,
  type PruneRun,
  type PruneStep,
} from './prune-run.ts'
export { pruneStreams } from './prune-streams.ts'
export { openPruneTables, type PruneTables, type StreamTable } from './prune-tables.ts'
