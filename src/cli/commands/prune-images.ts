import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { runPrune } from '../prune/run.ts'

/** cli.md §17.1, pruning.md. */
export const pruneImagesCommand: Command = {
  usage: '[flags]',
  long: `Remove old revisions of tags, then images that no stream lists any more, and what the registry holds of them.

Without --confirm nothing is changed: what would be removed is shown.`,
  examples: `# Keep three revisions, and whatever is younger than an hour
$0 adm prune images --keep-tag-revisions=3 --keep-younger-than=60m --confirm`,
  flags: [
    { name: 'all', kind: 'bool', default: true, help: 'Also images that were imported, not pushed.' },
    {
      name: 'certificate-authority',
      kind: 'string',
      help: 'File with the certificates that the registry is checked by.',
    },
    { name: 'confirm', kind: 'bool', help: 'Do it.' },
    {
      name: 'force-insecure',
      kind: 'bool',
      help: 'The registry may speak HTTP or have a certificate that nobody vouches for.',
    },
    {
      name: 'ignore-forbidden',
      kind: 'bool',
      help: 'Go on although some workloads may not be listed; images that only they use go.',
    },
    { name: 'ignore-invalid-refs', kind: 'bool', help: 'Go on although some references cannot be read.' },
    {
      name: 'keep-reference-tags',
      kind: 'bool',
      default: true,
      help: 'The status of tags that are only references stays.',
    },
    { name: 'keep-tag-revisions', kind: 'int', default: 3, help: 'How many revisions of each tag stay.' },
    { name: 'keep-younger-than', kind: 'duration', default: '60m0s', help: 'What is younger stays.' },
    {
      name: 'num-workers',
      kind: 'int',
      default: 5,
      help: 'Streams and images at a time; weir takes 64 unless told.',
    },
    {
      name: 'prune-over-size-limit',
      kind: 'bool',
      help: "Remove what is larger than the namespace's limit, rather than what is old.",
    },
    { name: 'prune-registry', kind: 'bool', default: true, help: "Also remove the registry's content." },
    { name: 'registry-url', kind: 'string', help: 'Where the registry is.' },
    {
      name: 'search-custom-resources',
      kind: 'bool',
      default: true,
      help: 'Also keep what pod templates and custom resources of any kind name as images.',
    },
  ],
  run: async (context) => {
    await checkFlags(context)
    await runPrune(context)
  },
}

async function checkFlags({ args, flags, session }: CommandContext): Promise<void> {
  if (args.length > 0) throw new UsageError('no arguments are allowed to this command')
  const explicit = flags.changed('keep-tag-revisions') || flags.changed('keep-younger-than')
  if (flags.changed('prune-over-size-limit') && explicit) {
    throw new CliError(
      '--prune-over-size-limit cannot be specified with --keep-tag-revisions nor --keep-younger-than',
    )
  }
  if (flags.duration('keep-younger-than') < 0)
    throw new CliError('--keep-younger-than must be greater than or equal to 0')
  if (flags.int('keep-tag-revisions') < 0)
    throw new CliError('--keep-tag-revisions must be greater than or equal to 0')
  if (flags.string('certificate-authority') !== '') {
    if (flags.bool('force-insecure'))
      throw new CliError('--certificate-authority cannot be specified with --force-insecure')
    if (flags.string('registry-url').startsWith('http://')) {
      throw new CliError('--certificate-authority cannot be specified for insecure http protocol')
    }
  }
  if (flags.string('registry-url') !== '') {
    const { parseRegistryUrl } = await import('../prune/prune-registry.ts')
    parseRegistryUrl(flags.string('registry-url'))
  }
  const { token, exec } = await session.target()
  if (token === undefined && exec === undefined)
    throw new CliError('you must use a client config with a token')
}
