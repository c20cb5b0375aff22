import type { Subject } from '../../access/access.ts'
import type { Digest } from '../../oci/index.ts'
import {
  type CollectDeps,
  type CollectionReport,
  type CollectOptions,
  collectBlobs,
} from './collect-blobs.ts'
import { type BlobExplanation, explainBlob } from './explain-blob.ts'
import { measureProjects, type StorageUse } from './project-storage.ts'
import { type UndeleteDeps, type Undeleted, type UndeleteTarget, undeleteBlob } from './undelete-blob.ts'

/** Everything about what is stored and why, in one place for those who ask. */
export interface Collector {
  /** One at a time; who comes later waits. */
  collect(options: CollectOptions): Promise<CollectionReport>
  explain(digest: Digest, signal: AbortSignal): Promise<BlobExplanation>
  undelete(digest: Digest, target: UndeleteTarget | undefined, subject: Subject): Promise<Undeleted>
  measure(signal: AbortSignal): Promise<StorageUse>
  /** The last collection that was not a dry run. */
  last(): CollectionReport | undefined
}

export function createCollector(deps: CollectDeps & UndeleteDeps): Collector {
  let running: Promise<unknown> = Promise.resolve()
  let last: CollectionReport | undefined

  return {
    collect(options) {
      const run = running.then(async () => {
        const report = await collectBlobs(deps, options)
        if (!report.isDryRun) last = report
        return report
      })
      running = run.catch(() => undefined)
      return run
    },
    explain: (digest, signal) => explainBlob(deps, digest, signal),
    undelete: (digest, target, subject) => undeleteBlob(deps, digest, target, subject),
    measure: (signal) => measureProjects(deps, signal),
    last: () => last,
  }
}
