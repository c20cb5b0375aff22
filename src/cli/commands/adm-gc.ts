import type { BlobCollection, BlobCollectionStatus } from '../../api/weir/blob-collection.ts'
import type { Command, CommandContext } from '../command.ts'
import { UsageError } from '../errors.ts'
import { binarySize } from '../print/age.ts'
import { printWhy } from './adm-gc-why.ts'

export const collectionsPath = '/apis/weir.dev/v1/blobcollections'

/** `adm gc`, which OpenShift's client lacks: blobs that nothing refers to, collected now rather than when it is time. */
export const gcCommand: Command = {
  usage: '[flags]',
  long: `Collect the blobs that nothing refers to any more, now rather than when it is time.

A blob stays while an Image, a tag's history, a signature of a kept image, a push or a recent pull needs it. What nothing needs waits for a grace time, then lies in the trash, from where "undelete" brings it back, and is deleted for good some time later. Pushes and pulls go on meanwhile. What images themselves may go is "adm prune images"' to say.`,
  examples: `# What would go?
$0 adm gc --dry-run

# Collect, and free the room of what was collected before
$0 adm gc --empty-trash

# What holds this blob, or why may it go?
$0 adm gc --why sha256:b5b2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7`,
  flags: [
    { name: 'dry-run', kind: 'bool', help: 'Say what would be done, and do nothing.' },
    {
      name: 'empty-trash',
      kind: 'bool',
      help: 'Delete what is in the trash already, however short a while it has been there.',
    },
    { name: 'why', kind: 'string', help: 'Say what holds the blob with this digest, or why it may go.' },
  ],
  async run(context) {
    const { args, flags } = context
    if (args.length > 0) throw new UsageError('no arguments are allowed to this command')
    if (!flags.changed('why')) return collect(context)
    if (flags.bool('dry-run') || flags.bool('empty-trash')) {
      throw new UsageError('--why cannot be specified with --dry-run nor --empty-trash')
    }
    return printWhy(context, flags.string('why'))
  },
}

async function collect({ flags, session, io }: CommandContext): Promise<void> {
  const dryRun = flags.bool('dry-run')
  const rest = await session.rest()
  const { status } = await rest.json<BlobCollection>({
    method: 'POST',
    path: collectionsPath,
    body: {
      apiVersion: 'weir.dev/v1',
      kind: 'BlobCollection',
      metadata: {},
      spec: { dryRun, emptyTrash: flags.bool('empty-trash') },
    },
  })
  if (dryRun) io.stderr.write('Dry run enabled - no modifications will be made.\n')
  for (const { action, digest, size } of status?.actions ?? []) {
    io.stdout.write(`${verbs[action] ?? action} ${digest} (${binarySize(size)})\n`)
  }
  io.stdout.write(`Summary: ${formatCollection(status as BlobCollectionStatus)}\n`)
}

const verbs: Record<string, string> = {
  discard: 'Moving into the trash',
  restore: 'Bringing back',
  delete: 'Deleting',
}

const plural = (count: number, one: string): string => `${count} ${one}${count === 1 ? '' : 's'}`

/** One line; what is zero is left out. */
export function formatCollection(status: BlobCollectionStatus): string {
  const { kept, waiting, discarded, restored, deleted, trash, records } = status
  const tallies = [
    [discarded, 'moved', 'into the trash'],
    [restored, 'brought back', 'from the trash'],
    [deleted, 'deleted', 'for good'],
  ] as const
  const parts = tallies
    .filter(([tally]) => tally.blobs > 0)
    .map(
      ([tally, verb, where]) =>
        `${verb} ${plural(tally.blobs, 'blob')} (${binarySize(tally.bytes)}) ${where}`,
    )
  if (records > 0) parts.push(`dropped ${plural(records, 'record')} of manifests that are gone`)
  parts.push(`kept ${plural(kept, 'blob')}`)
  if (waiting > 0) parts.push(`${plural(waiting, 'blob')} in recent use`)
  if (trash.blobs > 0) parts.push(`${plural(trash.blobs, 'blob')} (${binarySize(trash.bytes)}) in the trash`)
  return parts.join(', ')
}
