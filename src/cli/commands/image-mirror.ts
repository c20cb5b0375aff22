import type { Descriptor } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, ExitError, hasStatus, messageOf } from '../errors.ts'
import { decimalSize } from '../print/age.ts'
import { createProgress } from '../print/progress.ts'
import { matchesFilter } from '../registry/choose-manifest.ts'
import { createOpener, formatImage, type Opener, registryFlags } from '../registry/open.ts'
import type { FetchedManifest } from '../registry/registry-client.ts'
import type { Repository } from '../registry/repository.ts'
import { expandTags } from '../registry/tag-pattern.ts'
import { copyPlan } from './image-mirror-copy.ts'
import { type Mapping, readMappings } from './image-mirror-mappings.ts'
import { formatPlan, type MirrorPlan } from './image-mirror-plan.ts'

/** cli.md §16.2. */
export const imageMirrorCommand: Command = {
  usage: 'SRC DST [DST ...]',
  long: 'Copy images between registries. Blobs that the destination has are not sent again.',
  examples: `# One image, under another name
$0 image mirror registry.example.com/app:v1 127.0.0.1:5000/demo/app:v1

# All tags that begin with v1
$0 image mirror 'registry.example.com/app:v1*' 127.0.0.1:5000/demo/app

# Several, in one go
$0 image mirror a.example.com/x:1=127.0.0.1:5000/demo/x:1 a.example.com/y:2=127.0.0.1:5000/demo/y:2

# Into a folder, to carry it elsewhere, and from there into a registry
$0 image mirror registry.example.com/app:v1 file://team/app:v1 --dir=/media/disk
$0 image mirror file://team/app:v1 127.0.0.1:5000/demo/app:v1 --from-dir=/media/disk`,
  flags: [
    ...registryFlags,
    { name: 'continue-on-error', kind: 'bool', help: 'Go on with the other images when one fails.' },
    { name: 'dry-run', kind: 'bool', help: 'Show what would be copied.' },
    { name: 'filename', short: 'f', kind: 'list', help: 'Files of SRC=DST lines; - is standard input.' },
    {
      name: 'from-dir',
      kind: 'string',
      help: 'The folder that file:// sources are in; default that of --dir.',
    },
    { name: 'force', kind: 'bool', help: 'Write manifests even where the destination has them.' },
    {
      name: 'keep-manifest-list',
      kind: 'bool',
      help: 'Copy manifest lists whole, rather than one image of them.',
    },
    { name: 'max-per-registry', kind: 'int', default: 6, help: 'Requests to one registry at a time.' },
    { name: 'max-registry', kind: 'int', default: 4, help: 'Registries at a time.' },
    { name: 'skip-missing', kind: 'bool', help: 'A missing source is no error.' },
    {
      name: 'skip-multiple-scopes',
      kind: 'bool',
      help: 'For scripts that pass it: no request ever asks for more than one scope.',
    },
    { name: 'skip-mount', kind: 'bool', help: "Don't mount blobs between repositories." },
  ],
  run: runMirror,
}

/** A list with its images, or an image: what is to be written, the images before the list. */
async function readSource(
  context: CommandContext,
  registry: Repository,
  reference: string,
): Promise<FetchedManifest[]> {
  const { flags } = context
  const fetched = await registry.manifest(reference)
  if (fetched.manifest.kind === 'image') return [fetched]
  const keep = flags.bool('keep-manifest-list')
  const own = `^${process.platform === 'win32' ? 'windows' : 'linux'}/${process.arch === 'x64' ? 'amd64' : process.arch}(/.*)?$`
  const filter = flags.string('filter-by-os') || (keep ? '.*' : own)
  const wanted = fetched.manifest.manifests.filter((one: Descriptor) => matchesFilter(one, filter))
  if (!keep && wanted.length !== 1)
    throw new CliError(
      'the manifest list holds several images that match; pass --keep-manifest-list or --filter-by-os',
    )
  const images: FetchedManifest[] = []
  for (const one of wanted) images.push(await registry.manifest(one.digest))
  return keep ? [...images, fetched] : images
}

interface Openers {
  source: Opener
  destination: Opener
}

async function planMapping(context: CommandContext, open: Openers, mapping: Mapping): Promise<MirrorPlan[]> {
  const plans: MirrorPlan[] = []
  const from = await open.source(mapping.source)
  for (const { id, tag } of await expandTags(from, mapping)) {
    const manifests = await readSource(context, from, id || tag)
    for (const destination of mapping.destinations) {
      plans.push({
        from,
        to: await open.destination(destination),
        destination,
        tag: destination.tag || tag,
        manifests,
      })
    }
  }
  return plans
}

async function plan(
  context: CommandContext,
  mappings: readonly Mapping[],
): Promise<{ plans: MirrorPlan[]; failed: boolean }> {
  const { flags, io } = context
  const open = { source: createOpener(context, 'from-dir'), destination: createOpener(context) }
  const plans: MirrorPlan[] = []
  let failed = false
  for (const mapping of mappings) {
    try {
      plans.push(...(await planMapping(context, open, mapping)))
    } catch (error) {
      if (flags.bool('skip-missing') && hasStatus(error, 404)) continue
      failed = true
      const source = formatImage({ ...mapping.source, tag: '', id: '' })
      io.stderr.write(`error: unable to retrieve source image ${source}: ${messageOf(error)}\n`)
    }
  }
  return { plans, failed }
}

async function runMirror(context: CommandContext): Promise<void> {
  const { flags, io } = context
  const mappings = await readMappings(context)
  const started = performance.now()
  const { plans, failed } = await plan(context, mappings)
  if (failed && !flags.bool('continue-on-error')) throw new CliError('an error occurred during planning')
  io.stderr.write(formatPlan(plans))
  io.stderr.write(`info: Planning completed in ${duration(performance.now() - started)}\n`)
  if (flags.bool('dry-run')) {
    io.stderr.write('info: Dry run complete\n')
    return
  }
  const begun = performance.now()
  const bytes = plans.reduce((sum, one) => sum + planSize(one), 0)
  const progress = createProgress(io, bytes)
  let problems = 0
  for (const one of plans) {
    try {
      await copyPlan(context, one, progress)
    } catch (error) {
      problems++
      progress.say(`error: unable to push ${one.to.host}/${one.to.repository}: ${messageOf(error)}`)
      if (!flags.bool('continue-on-error')) break
    }
  }
  progress.end()
  const took = performance.now() - begun
  if (problems > 0) throw new CliError('one or more errors occurred while uploading images')
  io.stderr.write(
    `info: Mirroring completed in ${duration(took)} (${decimalSize(Math.round((bytes * 1000) / Math.max(took, 1)))}/s)\n`,
  )
  if (failed) throw new ExitError(1)
}

function planSize({ manifests }: MirrorPlan): number {
  return manifests
    .flatMap(({ manifest }) => (manifest.kind === 'image' ? [manifest.config, ...manifest.layers] : []))
    .reduce((sum, blob) => sum + blob.size, 0)
}

/** Cut to 10 ms, as Go writes it. */
function duration(milliseconds: number): string {
  const cut = Math.floor(milliseconds / 10) * 10
  return cut < 1000 ? `${cut}ms` : `${cut / 1000}s`
}
