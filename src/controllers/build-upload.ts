import type { Readable } from 'node:stream'
import { type Build, type BuildRequest, buildConfigs } from '../api/index.ts'
import { type BuildFiles, UploadTooLarge } from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import { ApiError } from '../machinery/errors.ts'

export interface UploadedBuild {
  namespace: string
  /** Of the BuildConfig. */
  name: string
  /** Options of the request: `asFile`, `revision.commit`, … */
  query: URLSearchParams
  body: Readable
}

/** `buildconfigs/instantiatebinary`: a Build of what the body holds, an archive or, with `asFile`, a file. `client` acts for the caller. */
export async function instantiateBinary(
  { namespace, name, query, body }: UploadedBuild,
  { client, files }: { client: Client; files: BuildFiles },
): Promise<Build> {
  // Before anything is sent: who asks for what isn't there need not upload it.
  await client.get(buildConfigs, namespace, name)
  const asFile = query.get('asFile') ?? ''
  if (asFile.split('/').includes('..') || asFile.startsWith('/')) {
    throw new ApiError(400, 'BadRequest', `asFile ${JSON.stringify(asFile)} leads out of the source`)
  }
  await using upload = await files.receive(body).catch((error) => {
    if (!(error instanceof UploadTooLarge)) throw error
    throw new ApiError(413, 'RequestEntityTooLarge', error.message)
  })
  const request: BuildRequest = {
    kind: 'BuildRequest',
    apiVersion: 'build.openshift.io/v1',
    metadata: { name, namespace },
    binary: asFile === '' ? {} : { asFile },
    triggeredBy: [{ message: 'Manually triggered' }],
    ...revisionOf(query),
  } as BuildRequest
  // Awaited here: the upload is dropped at the end of this function.
  return await files.handOver(async () => {
    const options = { subresource: 'instantiate', name }
    const build = (await client.create(
      buildConfigs,
      namespace,
      request as never,
      options,
    )) as unknown as Build
    await upload.claim(build.metadata.uid ?? '')
    return build
  })
}

function revisionOf(query: URLSearchParams): Pick<BuildRequest, 'revision'> {
  const text = (name: string) => query.get(`revision.${name}`) ?? ''
  if (text('commit') === '') return {}
  return {
    revision: {
      type: 'Git',
      git: {
        commit: text('commit'),
        message: text('message'),
        author: { name: text('authorName'), email: text('authorEmail') },
        committer: { name: text('committerName'), email: text('committerEmail') },
      },
    },
  }
}
