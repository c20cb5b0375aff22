import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A new folder for the files of one test; its disposal removes it. */
export async function openTestFolder(): Promise<AsyncDisposable & { file: string; path: string }> {
  const path = await mkdtemp(join(tmpdir(), 'weir-store-'))
  return {
    path,
    file: join(path, 'store.db'),
    [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }),
  }
}
