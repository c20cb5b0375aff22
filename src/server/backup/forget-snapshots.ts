import { readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { BlobStore } from '../../blobs/index.ts'
import { type Digest, parseDigest } from '../../oci/index.ts'
import { type BackupSnapshot, blobListName, listSnapshots } from './layout.ts'

/** Removes all but the newest snapshots, and then the blobs that belong to none any more. Resolves to the names. */
export async function forgetSnapshots(dir: string, blobs: BlobStore, keep: number): Promise<string[]> {
  const all = await listSnapshots(dir)
  const old = all.slice(0, Math.max(0, all.length - Math.max(1, keep)))
  if (old.length === 0) return []
  for (const { folder } of old) await rm(folder, { recursive: true })
  const needed = new Set<string>()
  for (const snapshot of await listSnapshots(dir)) {
    for (const { digest } of await readBlobList(snapshot)) needed.add(digest)
  }
  for await (const { digest } of blobs.list()) if (!needed.has(digest)) await blobs.delete(digest)
  return old.map(({ name }) => name)
}

/** The blobs of a snapshot, with their sizes. */
export async function readBlobList({ folder }: BackupSnapshot): Promise<{ digest: Digest; size: number }[]> {
  const text = await readFile(join(folder, blobListName), 'utf8')
  return text.split('\n').flatMap((line) => {
    const [digest, size] = line.split(' ')
    const parsed = parseDigest(digest ?? '')
    return parsed === undefined ? [] : [{ digest: parsed, size: Number(size) }]
  })
}
