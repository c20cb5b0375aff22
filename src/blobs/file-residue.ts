import { readdir } from 'node:fs/promises'
import { createBlobPaths } from './blob-paths.ts'
import type { BlobStore } from './blobs.ts'

/** Names of what `sweep` would remove from the folder of the file engine: temporary files and broken sessions. */
export async function listFileResidue(
  dir: string,
  { uploads }: Pick<BlobStore, 'uploads'>,
): Promise<string[]> {
  const paths = createBlobPaths(dir)
  const sessions = new Set((await Array.fromAsync(uploads.list())).map(({ id }) => id))
  const broken = (await readdir(paths.uploads)).filter((id) => !sessions.has(id))
  const temporary = await readdir(paths.temporary)
  return [...temporary.map((name) => `tmp/${name}`), ...broken.map((name) => `uploads/${name}`)]
}
