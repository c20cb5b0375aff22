import type { BlobHolderEntry, BlobReview, BlobReviewStatus } from '../../api/weir/blob-review.ts'
import type { CommandContext } from '../command.ts'
import { visible } from '../io.ts'
import { ageOf, binarySize, longAge } from '../print/age.ts'

/** What holds a blob, or why it may go, for people. */
export async function printWhy({ session, io }: CommandContext, digest: string): Promise<void> {
  const rest = await session.rest()
  const { status } = await rest.json<BlobReview>({
    method: 'POST',
    path: '/apis/weir.dev/v1/blobreviews',
    body: { apiVersion: 'weir.dev/v1', kind: 'BlobReview', metadata: {}, spec: { digest } },
  })
  io.stdout.write(visible(explainBlob(digest, status as BlobReviewStatus, io.now())))
}

const roles: Record<string, string> = {
  manifest: 'manifest of image',
  layer: 'layer of image',
  config: 'config of image',
  child: 'listed by image',
  index: 'part of what image',
  history: 'in the history, though there is no image',
}

function holderLine({ image, role }: BlobHolderEntry): string {
  if (role === 'unread') return 'needed by a manifest that no Image describes'
  const line = `${roles[role] ?? role} ${image}`
  return role === 'index' ? `${line} lists` : line
}

function holderLines(holder: BlobHolderEntry): string[] {
  const tags = (holder.tags ?? []).map(({ stream, tag, revision, since }) => {
    const place = revision === 1 ? 'now' : `revision ${revision}`
    return `    ${stream}:${tag} (${place}${since === undefined ? '' : `, since ${since}`})`
  })
  const isUntagged = tags.length === 0 && holder.role !== 'unread' && holder.role !== 'index'
  return [`  ${holderLine(holder)}`, ...tags, ...(isUntagged ? ['    in no history of any stream'] : [])]
}

const waits: Record<string, string> = {
  recent: 'Nothing refers to it, but somebody asked for it or stored it a short while ago',
  push: 'Nothing refers to it, but a repository that has it is being pushed to',
  young: 'Nothing refers to it, but it is new, and the server has not run long enough to know who needs it',
  trash: 'In the trash',
}

function verdictLine({ verdict, reason = '', until, size, images }: BlobReviewStatus): string {
  switch (verdict) {
    case 'keep':
      return `Kept: ${images === 1 ? '1 image holds it' : images > 1 ? `${images} images hold it` : 'it is needed'}`
    case 'wait':
      return `${waits[reason] ?? 'Waiting'}: it stays until ${until} at least`
    case 'discard':
      return `Nothing refers to it: the next collection moves it into the trash (${binarySize(size)})`
    case 'restore':
      return 'In the trash, but needed: the next collection brings it back'
    case 'delete':
      return 'In the trash, and its time is over: the next collection deletes it for good'
    default:
      return 'There is no such blob, neither stored nor in the trash'
  }
}

export function explainBlob(digest: string, status: BlobReviewStatus, now: Date): string {
  const { state, size, holders = [], images, repositories = [], lastUse, discarded, prunedFrom } = status
  const lines = [state === 'absent' ? digest : `${digest} (${binarySize(size)})`, verdictLine(status)]
  lines.push(...holders.flatMap(holderLines))
  const more = images - holders.filter(({ role }) => role !== 'index' && role !== 'history').length
  if (more > 0) lines.push(`  and ${more} more images`)
  if (repositories.length > 0) lines.push(`Repositories that have it: ${repositories.join(', ')}`)
  if (lastUse !== undefined) lines.push(`Last asked for: ${longAge(ageOf(lastUse, now))} ago`)
  if (discarded !== undefined) lines.push(`Moved into the trash: ${longAge(ageOf(discarded, now))} ago`)
  if (prunedFrom !== undefined) lines.push(`Pruned from: ${prunedFrom.join(', ') || 'no repository'}`)
  if (state === 'discarded') lines.push(`"undelete ${digest}" brings it back`)
  return `${lines.join('\n')}\n`
}
