import type { ImageStream } from '../api/image/index.ts'
import { imageStreamImports, imageStreams } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { importRequestFor } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import type { Controller } from './reconcile.ts'
import { settled } from './reconcile.ts'
import { keyOf, presentAndChanges, splitKey } from './watch-source.ts'

/** Imports what a stream's spec asks for and its history does not have yet (import.md §7). `waiting` are those that wait already. */
export function createImportController(
  client: Client,
  waiting: () => AsyncIterable<ImageStream>,
): Controller {
  return {
    name: 'import',
    concurrency: 50,
    maxBackoff: 1_000_000,
    sources: [
      async function* (signal) {
        for await (const { object } of presentAndChanges(client, imageStreams, waiting, signal)) {
          if (importRequestFor(object) !== undefined) yield keyOf(object)
        }
      },
    ],
    async reconcile(key) {
      const [namespace, name] = splitKey(key)
      const stream = await client.get(imageStreams, namespace, name).catch(absent)
      const request = stream === undefined ? undefined : importRequestFor(stream)
      if (request !== undefined) await client.create(imageStreamImports, namespace, request)
      return settled
    },
  }
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
