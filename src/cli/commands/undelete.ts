import type { BlobRestoration } from '../../api/weir/blob-restoration.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { binarySize } from '../print/age.ts'

/** `undelete`, which OpenShift's client lacks: what was collected or pruned, back from the trash. */
export const undeleteCommand: Command = {
  usage: 'DIGEST [--to PROJECT/STREAM:TAG]',
  long: `Bring a blob back from the trash; with the digest of a manifest, the whole image.

What comes back is kept for the grace time, and for good once something refers to it. --to makes the image that of a tag, as a push of it would.`,
  examples: `# An image that was pruned by mistake, back under its tag
$0 undelete sha256:b5b2b2c507a0944348e0303114d8d93aaaa081732b86451d9bce1f432a537bc7 --to demo/app:v1`,
  flags: [{ name: 'to', kind: 'string', help: 'The tag that is to have the image, PROJECT/STREAM:TAG.' }],
  run: runUndelete,
}

async function runUndelete({ args, flags, session, io }: CommandContext): Promise<void> {
  const [digest, ...others] = args
  if (digest === undefined || others.length > 0) throw new UsageError('one digest is needed')
  const to = flags.string('to')
  const rest = await session.rest()
  const { status } = await rest.json<BlobRestoration>({
    method: 'POST',
    path: '/apis/weir.dev/v1/blobrestorations',
    body: {
      apiVersion: 'weir.dev/v1',
      kind: 'BlobRestoration',
      metadata: {},
      spec: { digest, ...(to === '' ? {} : { to }) },
    },
  })
  if (status === undefined) throw new CliError('the server answered without a status')
  const { restored = [], missing = [], manifest, held, until } = status
  for (const blob of restored) io.stdout.write(`${blob.digest} restored (${binarySize(blob.size)})\n`)
  if (restored.length === 0) io.stdout.write(`${digest} is not in the trash, but stored\n`)
  if (to !== '') io.stdout.write(`Tag ${to} set to ${digest}.\n`)
  if (missing.length > 0) io.stderr.write(`Gone for good: ${missing.join(', ')}\n`)
  if (held) return
  const hint = manifest ? '; --to PROJECT/STREAM:TAG makes it the image of a tag' : ''
  io.stderr.write(`Nothing refers to it: it stays until ${until ?? 'the next collection'} at least${hint}.\n`)
}
