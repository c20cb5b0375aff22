export type {
  BlobSender,
  BlobStat,
  BlobStore,
  BlobTrash,
  ByteRange,
  DiscardedBlob,
  OpenBlob,
  Receiving,
  StorageProblem,
  UploadStat,
  Uploads,
} from './blobs.ts'
export { BlobStorageError, DigestMismatchError, OffsetError, UploadUnknownError } from './blobs.ts'
export { openFileBlobs } from './file-blobs.ts'
export { listFileResidue } from './file-residue.ts'
export { lendBody } from './lent-body.ts'
