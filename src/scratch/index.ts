export {
  openScratch,
  type Place,
  type Scratch,
  ScratchError,
  type ScratchOptions,
  scratchKey,
  whereThereIsRoom,
} from './scratch-database.ts'
