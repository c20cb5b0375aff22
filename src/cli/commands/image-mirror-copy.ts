import { Transform } from 'node:stream'
import pLimit from 'p-limit'
import type { Descriptor } from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import { binarySize } from '../print/age.ts'
import type { Progress } from '../print/progress.ts'
import { type Copied, copyBlob, putManifest } from '../registry/copy-blob.ts'
import type { MirrorPlan } from './image-mirror-plan.ts'

/** Carries out one plan of `image mirror`: blobs at the same time, then manifests one after the other. */

/** Each blob once; those that other places hand out aren't copied. */
export function blobsToCopy({ manifests }: Pick<MirrorPlan, 'manifests'>): Descriptor[] {
  const all = manifests.flatMap(({ manifest }) =>
    manifest.kind === 'image' ? [...manifest.layers, manifest.config] : [],
  )
  const own = all.filter(({ urls }) => urls === undefined || urls.length === 0)
  return [...new Map(own.map((blob) => [blob.digest, blob])).values()]
}

const said: Readonly<Record<Copied, string | undefined>> = {
  present: undefined,
  mounted: 'mounted',
  uploaded: 'uploading',
}

/** The body, its bytes counted as they go through. */
function counted(progress: Progress): Transform {
  return new Transform({
    transform(chunk: Buffer, _encoding, done) {
      progress.add(chunk.length)
      done(null, chunk)
    },
  })
}

async function copyOne(
  { flags }: CommandContext,
  plan: MirrorPlan,
  blob: Descriptor,
  progress: Progress,
): Promise<Copied> {
  const { from, to } = plan
  const mountable = from.kind === 'registry' && from.host === to.host && !flags.bool('skip-mount')
  const how = await copyBlob(to, {
    digest: blob.digest,
    open: async () => {
      const body = await from.blob(blob.digest)
      const through = counted(progress)
      body.once('error', (error) => through.destroy(error))
      return body.pipe(through)
    },
    ...(mountable ? { mountFrom: from.repository } : {}),
  })
  if (how !== 'uploaded') progress.add(blob.size)
  return how
}

/** Lines come in the order of the blobs, however they overtake each other. A blob that fails stops those not begun. */
export async function copyPlan(context: CommandContext, plan: MirrorPlan, progress: Progress): Promise<void> {
  const { to, tag, manifests } = plan
  const limit = pLimit(Math.max(1, context.flags.int('max-per-registry')))
  const blobs = blobsToCopy(plan)
  const copies = blobs.map((blob) => limit(() => copyOne(context, plan, blob, progress)))
  const all = Promise.allSettled(copies)
  try {
    for (const [i, copy] of copies.entries()) {
      const { digest, size } = blobs[i] as Descriptor
      const word = said[await copy]
      if (word !== undefined)
        progress.say(`${word}: ${to.host}/${to.repository} ${digest} ${binarySize(size)}`)
    }
  } catch (error) {
    limit.clearQueue()
    throw error
  }
  await all
  for (const [i, { digest, mediaType, text }] of manifests.entries()) {
    const last = i === manifests.length - 1
    await putManifest(to, last && tag !== '' ? tag : digest, mediaType, text)
    if (!last) continue
    progress.end()
    context.io.stdout.write(`${digest} ${to.host}/${to.repository}${tag === '' ? '' : `:${tag}`}\n`)
  }
}
