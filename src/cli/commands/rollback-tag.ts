import type { TagRollback } from '../../api/index.ts'
import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { dryRunSuffix, readDryRun } from '../parse/dry-run.ts'
import { requireTagArgument, rollbackResource } from '../resources/history-api.ts'
import { imageStreamTags, typedAccept } from '../resources/image-api.ts'
import type { ImageObject } from '../resources/image-types.ts'

/** `rollback-tag`, which OpenShift's client lacks: a tag goes back, and stays back. */
export const rollbackTagCommand: Command = {
  usage: 'STREAM:TAG [--to=N|DIGEST|TIME] [flags]',
  long: `Move an image stream tag back to an earlier image.

Workloads that follow the tag are rolled back by their triggers. A tag that follows a registry or another tag of its stream does not follow it to the rejected image again: not by schedule, not by tracking, and not by import-image. It follows again when the source offers something else, or at once with "resume".`,
  examples: `# To the image before
$0 rollback-tag app:v1 --reason='it crashes'

# Two images back, to a digest, to what it was five hours ago
$0 rollback-tag app:v1 --to=2
$0 rollback-tag app:v1 --to=3f1c0a9be7d2
$0 rollback-tag app:v1 --to=-5h`,
  flags: [
    {
      name: 'to',
      kind: 'string',
      help: 'How many images back (1), a digest or its beginning, or a time such as 2026-05-06T12:00Z or -5h.',
    },
    { name: 'reason', kind: 'string', help: 'Why, for the history.' },
    {
      name: 'dry-run',
      kind: 'string',
      default: 'none',
      bare: 'unchanged',
      help: 'server: only say what would happen.',
    },
  ],
  run: runRollback,
}

async function runRollback(context: CommandContext): Promise<void> {
  const { args, flags, io, session, path, program } = context
  const name = requireTagArgument(args, path)
  const dryRun = readDryRun(flags, io)
  if (dryRun === 'client') throw new CliError('only the server knows: use --dry-run=server')
  const namespace = await session.namespace()
  const rest = await session.rest()
  const rejects = await currentImage(context, namespace, name)
  const body = {
    apiVersion: `${rollbackResource.group}/${rollbackResource.version}`,
    kind: rollbackResource.kind,
    metadata: { name },
    spec: {
      ...(flags.string('to') === '' ? {} : { to: flags.string('to') }),
      ...(flags.string('reason') === '' ? {} : { message: flags.string('reason') }),
      ...(rejects === undefined ? {} : { rejects }),
    },
  }
  const done = await rest.json<TagRollback>({
    method: 'POST',
    path: resourcePath(rollbackResource, namespace),
    body,
    ...(dryRun === 'server' ? { query: { dryRun: 'All' } } : {}),
  })
  const { before, after, held } = done.status ?? {}
  const lines = [
    `${name} moved back to ${after?.image ?? ''}, from ${before?.image ?? ''}${dryRunSuffix(dryRun)}`,
    ...(held
      ? [`it stays there until its source offers something else, or "${program} resume ${name}"`]
      : []),
  ]
  io.stdout.write(visible(lines.map((line) => `${line}\n`).join('')))
}

/** What the user means to reject; undefined where the tag's image is not to be had. */
async function currentImage(
  { session }: CommandContext,
  namespace: string,
  name: string,
): Promise<string | undefined> {
  try {
    const rest = await session.rest()
    const path = resourcePath(imageStreamTags, namespace, name)
    const { image } = await rest.json<{ image?: ImageObject }>({ method: 'GET', path, accept: typedAccept })
    return image?.metadata.name
  } catch (error) {
    // The server says better what is wrong with the rollback.
    if (isApiError(error) && (error.code === 404 || error.code === 403)) return undefined
    throw error
  }
}
