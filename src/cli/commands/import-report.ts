import type { Status } from '../../machinery/errors.ts'
import { describeImage } from '../describe/image.ts'
import { describeStream } from '../describe/stream.ts'
import { visible } from '../io.ts'
import type { ImageObject, StreamObject } from '../resources/image-types.ts'

/** What an import tells (cli.md §2.4). */

interface ImageResult {
  tag?: string
  status?: Partial<Status>
  image?: ImageObject | null
}

export interface ImportAnswer {
  status?: {
    import?: StreamObject | null
    repository?: {
      status?: Partial<Status>
      images?: ImageResult[] | null
      additionalTags?: string[] | null
    } | null
    images?: ImageResult[] | null
  }
}

/** Images of a repository don't count: a repository is imported as far as it goes. */
export function hasFailed({ status }: ImportAnswer): boolean {
  const images = status?.images ?? []
  return (
    status?.repository?.status?.status === 'Failure' ||
    images.some((image) => image.status?.status === 'Failure')
  )
}

function failureLine(what: string, { tag, status }: ImageResult): string {
  return `error: ${what} ${tag ?? ''} failed: ${status?.message ?? ''}\n`
}

export function reportImport(
  answer: ImportAnswer,
  name: string,
  dryRun: boolean,
  now: Date,
): { stdout: string; stderr: string } {
  const { status } = answer
  const fromRepository = status?.repository?.images ?? []
  const single = status?.images ?? []
  const missing = (result: ImageResult) => !result.image
  const stderr = [
    ...fromRepository.filter(missing).map((result) => failureLine('repository tag', result)),
    ...single.filter(missing).map((result) => failureLine('tag', result)),
  ].join('')

  const operation = `imported${hasFailed(answer) ? ' with errors' : ''}${dryRun ? ' (dry run)' : ''}`
  const blocks = [...fromRepository, ...single].flatMap(({ image, tag }) =>
    image ? [`${describeImage(image, `${name}:${tag || 'latest'}`, now)}\n`] : [],
  )
  const more = status?.repository?.additionalTags ?? []
  const rest =
    more.length === 0
      ? ''
      : `\ninfo: The remote repository contained ${more.length} additional tags which were not imported: ${more.join(', ')}\n`
  const notes = [...fromRepository, ...single].flatMap(({ image, status: of }) =>
    image && of?.status === 'Success' && of.message ? [`info: ${of.message}\n`] : [],
  )
  const stdout = [
    `imagestream.image.openshift.io/${name} ${operation}\n\n`,
    status?.import ? `${describeStream(status.import, now)}\n` : '',
    ...blocks,
    visible(notes.join('')),
    visible(rest),
    '\n',
  ].join('')
  return { stdout, stderr: visible(stderr) }
}
