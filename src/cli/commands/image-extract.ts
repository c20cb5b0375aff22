import { readdir, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Descriptor, ImageManifest, ImageReference } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { chooseManifest } from '../registry/choose-manifest.ts'
import { type ExtractPath, extractLayer } from '../registry/extract-layer.ts'
import { mirrorFlags, withMirrors } from '../registry/mirror-file.ts'
import { createOpener, formatImage, parseImage, registryFlags } from '../registry/open.ts'
import { UnreachableError } from '../registry/registry-client.ts'

/** cli.md §16.4. */
export const imageExtractCommand: Command = {
  usage: '[--path SRC:DST] [--file FILE] IMAGE [...]',
  long: 'Copy files out of an image, without running it.\n\nIMAGE[i], IMAGE[a:b] and IMAGE[~digest] choose layers.',
  examples: `# Everything below /etc, into a folder
$0 image extract docker.io/library/busybox:latest --path /etc/:/tmp/etc`,
  flags: [
    ...registryFlags,
    ...mirrorFlags,
    { name: 'all-layers', kind: 'bool', help: 'Also what later layers remove.' },
    { name: 'confirm', kind: 'bool', help: 'The folder need not be empty.' },
    { name: 'dry-run', kind: 'bool', help: 'Show what would be written.' },
    { name: 'file', kind: 'list', help: 'Single files, into the current folder.' },
    { name: 'only-files', kind: 'bool', help: 'Regular files only.' },
    { name: 'path', kind: 'list', help: 'SRC:DST: a file, or with a slash at its end what a folder holds.' },
    { name: 'preserve-ownership', short: 'p', kind: 'bool', help: 'Keep the owners of files.' },
  ],
  run: runExtract,
}

async function checkFolder(folder: string, shown: string, confirm: boolean): Promise<void> {
  const found = await stat(folder).catch(() => undefined)
  if (found === undefined) throw new CliError(`destination path does not exist: ${shown}`)
  if (!found.isDirectory()) throw new CliError(`invalid argument: ${shown} is not a directory`)
  if (!confirm && (await readdir(folder)).length > 0) {
    throw new CliError(`directory ${shown} must be empty, pass --confirm to overwrite contents of directory`)
  }
}

async function readPaths({ flags, io }: CommandContext): Promise<ExtractPath[]> {
  const paths: ExtractPath[] = []
  for (const text of flags.list('path')) {
    const colon = text.indexOf(':')
    if (colon === -1) throw new CliError('--path must be of the form SRC:DST')
    const [source, shown] = [text.slice(0, colon), text.slice(colon + 1) || '.']
    const folder = resolve(io.cwd, shown)
    await checkFolder(folder, shown, flags.bool('confirm') || flags.bool('dry-run'))
    paths.push({ source: source.replace(/^\/+/, ''), folder })
  }
  for (const file of flags.list('file')) {
    if (file.endsWith('/')) throw new CliError(`invalid file: ${file} must not end with a slash`)
    paths.push({ source: file.replace(/^\/+/, ''), folder: resolve(io.cwd) })
  }
  if (paths.length > 0) return paths
  await checkFolder(io.cwd, '.', flags.bool('confirm') || flags.bool('dry-run'))
  return [{ source: '', folder: io.cwd }]
}

interface Wanted {
  reference: ImageReference
  select(layers: readonly Descriptor[]): Descriptor[]
}

function parseWanted(text: string): Wanted {
  const match = /^(.*)\[([^\]]*)\]$/.exec(text)
  const reference = parseImage(match?.[1] ?? text)
  if (reference.tag === '' && reference.id === '')
    throw new CliError('source image must point to an image ID or image tag')
  if (match === null) return { reference, select: (layers) => [...layers] }
  return { reference, select: (layers) => selectLayers(match[2] as string, layers) }
}

function selectLayers(selector: string, layers: readonly Descriptor[]): Descriptor[] {
  if (selector.startsWith('~')) {
    const prefix = selector.slice(1)
    const found = layers.filter(
      ({ digest }) => digest.startsWith(prefix) || digest.slice(digest.indexOf(':') + 1).startsWith(prefix),
    )
    if (found.length === 0) throw new CliError(`no layers start with '${prefix}'`)
    return found
  }
  const range = /^(-?\d*):(-?\d*)$/.exec(selector)
  if (range !== null)
    return layers.slice(
      range[1] === '' ? 0 : Number(range[1]),
      range[2] === '' ? undefined : Number(range[2]),
    )
  if (!/^-?\d+$/.test(selector)) {
    throw new CliError(
      `the layer selector [${selector}] is not valid, must be [from:to], [index], or [~digest]`,
    )
  }
  const layer = layers.at(Number(selector))
  if (layer === undefined)
    throw new CliError(`tried to select layer ${selector}, but image only has ${layers.length} layers`)
  return [layer]
}

function withImage(error: unknown, image: string): unknown {
  return error instanceof UnreachableError
    ? new CliError(`unable to connect to image repository ${image}: ${error.message}`)
    : error
}

async function runExtract(context: CommandContext): Promise<void> {
  const { args, flags, io } = context
  if (args.length === 0) throw new CliError('you must specify at least one image to extract as an argument')
  const wanted = args.map(parseWanted)
  const paths = await readPaths(context)
  const open = await withMirrors(context, createOpener(context))
  for (const { reference, select } of wanted) {
    const registry = await open(reference)
    const filter =
      flags.string('filter-by-os') || `^linux/${process.arch === 'x64' ? 'amd64' : process.arch}(/.*)?$`
    const { manifest } = await chooseManifest(registry, reference.id || reference.tag, filter).catch(
      (error: unknown) => Promise.reject(withImage(error, formatImage(reference))),
    )
    for (const layer of select((manifest as ImageManifest).layers)) {
      await extractLayer(await registry.blob(layer.digest), {
        paths,
        keepRemoved: flags.bool('all-layers'),
        onlyFiles: flags.bool('only-files'),
        owners: flags.bool('preserve-ownership'),
        ...(flags.bool('dry-run') ? { dryRun: (line: string) => io.stdout.write(line) } : {}),
      })
    }
  }
}
