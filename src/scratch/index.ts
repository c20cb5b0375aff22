export {
  openScratch,
  type Scratch,
  ScratchError,
  type ScratchOptions,
  scratchKey,
} from './scratch-database.ts'
