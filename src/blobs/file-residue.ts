import { readdir } from 'node:fs/promises'
import { createBlobPaths } from './blob-paths.ts'
import { parseName } from './upload-session.ts'

/** Names of what `sweep` would remove from the folder of the file engine: temporary files, and what is no upload. */
export async function listFileResidue(dir: string): Promise<string[]> {
  const paths = createBlobPaths(dir)
  const broken = (await readdir(paths.uploads)).filter((name) => parseName(name) === undefined)
  const temporary = await readdir(paths.temporary)
  return [...temporary.map((name) => `tmp/${name}`), ...broken.map((name) => `uploads/${name}`)]
}
