import type { ImageManifest, ImageReference } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, hasStatus, throwCollected } from '../errors.ts'
import { visible } from '../io.ts'
import { ageOf, decimalSize, shortAge } from '../print/age.ts'
import { formatTabs, imageInfoLayout } from '../print/tab-writer.ts'
import { type ChosenManifest, chooseManifest } from '../registry/choose-manifest.ts'
import { type ImageConfig, readConfig } from '../registry/image-config.ts'
import { mirrorFlags, withMirrors } from '../registry/mirror-file.ts'
import { completeImage, createOpener, formatImage, type Opener, registryFlags } from '../registry/open.ts'
import { UnreachableError } from '../registry/registry-client.ts'
import type { Repository } from '../registry/repository.ts'
import { expandTags, parseTagPattern } from '../registry/tag-pattern.ts'

/** cli.md §16.1. */
export const imageInfoCommand: Command = {
  usage: 'IMAGE [...]',
  long: 'Show what images in registries are.\n\nWithout tag and digest all tags of the repository are shown; * in a tag stands for any characters.',
  examples: `# One image
$0 image info registry.example.com/app:v1

# All tags that begin with v1
$0 image info 'registry.example.com/app:v1*'`,
  flags: [
    ...registryFlags,
    ...mirrorFlags,
    { name: 'output', short: 'o', kind: 'string', help: 'json.' },
    { name: 'show-multiarch', kind: 'bool', help: 'Show every image of a manifest list.' },
  ],
  run: runInfo,
}

interface Info {
  name: string
  asked: string
  chosen: ChosenManifest
  manifest: ImageManifest
  config: ImageConfig
}

async function runInfo(context: CommandContext): Promise<void> {
  const { args, flags, io } = context
  const output = flags.string('output')
  if (!['', 'json'].includes(output)) throw new CliError("unrecognized --output, only 'json' is supported")
  if (args.length === 0) throw new CliError('info expects at least one argument, a container image pull spec')
  const open = await withMirrors(context, createOpener(context))
  const infos: Info[] = []
  const errors: unknown[] = []
  for (const arg of args) {
    try {
      const found = await readInfos(context, open, arg)
      infos.push(...found)
      if (output === '') for (const info of found) io.stdout.write(describeInfo(info, io.now()))
    } catch (error) {
      errors.push(error)
    }
  }
  if (output === 'json' && infos.length > 0) {
    const shown = infos.map(toJson)
    io.stdout.write(JSON.stringify(shown.length === 1 ? shown[0] : shown, undefined, 2))
  }
  throwCollected(errors)
}

async function readInfos(context: CommandContext, open: Opener, text: string): Promise<Info[]> {
  const parsed = parseTagPattern(text)
  const repository = await open(parsed.source)
  try {
    const infos: Info[] = []
    for (const reference of await expandTags(repository, parsed))
      infos.push(...(await readOne(context, repository, reference)))
    return infos
  } catch (error) {
    throw explain(error, text)
  }
}

/** One image, or with --show-multiarch each of a list. */
async function readOne(
  { flags }: CommandContext,
  repository: Repository,
  reference: ImageReference,
): Promise<Info[]> {
  const name = formatImage(completeImage(reference))
  const asked = reference.id || reference.tag
  const read = async (which: string, filter: string): Promise<Info> => {
    const chosen = await chooseManifest(repository, which, filter)
    const manifest = chosen.manifest as ImageManifest
    return { name, asked, chosen, manifest, config: await readConfig(repository, manifest) }
  }
  if (flags.bool('show-multiarch')) {
    const { manifest, digest: listDigest } = await repository.manifest(asked)
    if (manifest.kind === 'index') {
      const images = await Promise.all(manifest.manifests.map((one) => read(one.digest, '')))
      return images.map((info) => ({ ...info, chosen: { ...info.chosen, listDigest } }))
    }
  }
  return [await read(asked, flags.string('filter-by-os'))]
}

function explain(error: unknown, text: string): unknown {
  if (error instanceof UnreachableError)
    return new CliError(`unable to connect to image repository ${text}: ${error.message}`)
  if (hasStatus(error, 404))
    return new CliError(`image ${JSON.stringify(text)} not found: ${(error as Error).message}`)
  if (hasStatus(error, 401) || hasStatus(error, 403)) {
    return new CliError(
      `image ${JSON.stringify(text)} does not exist or you don't have permission to access the repository`,
    )
  }
  return error
}

function sizeLines(layers: ImageManifest['layers']): string {
  const total = layers.reduce((sum, layer) => sum + layer.size, 0)
  const count = `${layers.length} layers`
  const head =
    total === 0
      ? `Image Size:\t${count} (size unavailable)\n`
      : `Image Size:\t${decimalSize(total)} in ${count}\n`
  const width = Math.max(...layers.map((layer) => decimalSize(layer.size).length), 0)
  const rows = layers.map(
    (layer, i) =>
      `${i === 0 ? 'Layers:' : ''}\t${(layer.size === 0 ? '--' : decimalSize(layer.size)).padEnd(width)} ${layer.digest}\n`,
  )
  return head + rows.join('')
}

function lines(label: string, values: readonly string[] | undefined): string {
  return (values ?? []).map((value, i) => `${i === 0 ? `${label}:` : ''}\t${value}\n`).join('')
}

function line(label: string, value: string | undefined): string {
  return value ? `${label}:\t${value}\n` : ''
}

function describeInfo({ name, asked, chosen, manifest, config }: Info, now: Date): string {
  const { config: run = {} } = config
  const entrypoint = run.Entrypoint?.join(' ')
  const command = run.Cmd?.join(' ')
  const text = [
    `Name:\t${name}\n`,
    asked === chosen.digest ? '' : `Digest:\t${chosen.digest}\n`,
    line('Manifest List', chosen.listDigest),
    `Media Type:\t${chosen.mediaType}\n`,
    `Created:\t${config.created ? `${shortAge(ageOf(config.created, now))} ago` : '<unknown>'}\n`,
    sizeLines(manifest.layers),
    `OS:\t${config.os ?? ''}\nArch:\t${config.architecture ?? ''}\n`,
    line('Author', config.author),
    line('Entrypoint', entrypoint),
    line('Command', command),
    entrypoint || command ? '' : 'Command:\t<none>\n',
    line('Working Dir', run.WorkingDir),
    line('User', run.User),
    line(
      'Exposes Ports',
      Object.keys(run.ExposedPorts ?? {})
        .sort()
        .join(', '),
    ),
    lines('Environment', run.Env),
    lines(
      'Labels',
      Object.entries(run.Labels ?? {})
        .map(([k, v]) => `${k}=${v}`)
        .sort(),
    ),
    lines('Volumes', Object.keys(run.Volumes ?? {}).sort()),
  ].join('')
  return `${formatTabs(visible(text), imageInfoLayout)}\n`
}

/** Keys in the order in which docker's own configuration has them. */
function toJson({ name, chosen, manifest, config }: Info): object {
  const { created, author, architecture, os, rootfs, history, config: run, ...others } = config
  const {
    id: _id,
    container_config: containerConfig,
    size: _size,
    ...rest
  } = others as Record<string, unknown>
  return {
    name,
    digest: chosen.digest,
    contentDigest: chosen.digest,
    listDigest: chosen.listDigest ?? '',
    mediaType: chosen.mediaType,
    layers: manifest.layers.map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
    config: {
      id: '',
      created,
      container_config: containerConfig ?? {},
      ...(author ? { author } : {}),
      config: run,
      architecture,
      size: manifest.layers.reduce((sum, layer) => sum + layer.size, 0),
      rootfs,
      history,
      os,
      ...rest,
    },
  }
}
