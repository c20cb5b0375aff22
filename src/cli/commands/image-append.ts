import { createHash } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdtemp, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { type Descriptor, type ImageManifest, ociConfig, ociManifest } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'
import { parseDuration } from '../parse/values.ts'
import { decimalSize } from '../print/age.ts'
import { chooseManifest } from '../registry/choose-manifest.ts'
import { copyBlob, putManifest } from '../registry/copy-blob.ts'
import { type ImageConfig, readConfig } from '../registry/image-config.ts'
import { createOpener, formatImage, parseImage, registryFlags } from '../registry/open.ts'
import type { Repository } from '../registry/repository.ts'
import { mergePatch } from '../resources/apply-locally.ts'

/** cli.md §16.3. */
export const imageAppendCommand: Command = {
  usage: '--from=IMAGE --to=IMAGE [LAYER ...]',
  long: 'Add layers to an image, or change its configuration, and push the result.\n\nLayers are gzipped tar files. Without --from the image is built from nothing.',
  flags: [
    ...registryFlags,
    {
      name: 'created-at',
      kind: 'string',
      help: 'Time of the image: RFC 3339, or an offset from now such as -5h.',
    },
    { name: 'drop-history', kind: 'bool', help: 'Forget the history of the base image.' },
    { name: 'dry-run', kind: 'bool', help: "Don't push." },
    { name: 'force', kind: 'bool', help: 'Push layers again that are there.' },
    { name: 'from', kind: 'string', help: 'The image to start from.' },
    { name: 'from-dir', kind: 'string', help: 'The folder that a file:// image to start from is in.' },
    { name: 'image', kind: 'string', help: "A JSON patch of the image's run configuration." },
    { name: 'max-per-registry', kind: 'int', default: 4, help: 'Requests to the registry at a time.' },
    { name: 'meta', kind: 'string', help: "A JSON patch of the image's own metadata." },
    { name: 'to', kind: 'string', help: 'Where to push.' },
  ],
  run: runAppend,
}

const gzipLayer = 'application/vnd.oci.image.layer.v1.tar+gzip'
const dockerLayer = 'application/vnd.docker.image.rootfs.diff.tar.gzip'

interface Base {
  manifest: ImageManifest
  config: ImageConfig
  registry: Repository | undefined
}

interface NewLayer {
  descriptor: Descriptor
  diffId: string
  file: string
}

async function readBase(context: CommandContext): Promise<Base> {
  const { flags } = context
  const text = flags.string('from')
  if (text === '') {
    const config = { mediaType: ociConfig, digest: '', size: 0 } as unknown as Descriptor
    const empty: ImageConfig = {
      architecture: process.arch === 'x64' ? 'amd64' : process.arch,
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [] },
      history: [],
    }
    return {
      manifest: { kind: 'image', mediaType: ociManifest, config, layers: [] },
      config: empty,
      registry: undefined,
    }
  }
  const reference = parseImage(text)
  if (reference.tag === '' && reference.id === '')
    throw new CliError('--from must point to an image ID or image tag')
  const registry = await createOpener(context, 'from-dir')(reference)
  try {
    const filter =
      flags.string('filter-by-os') || `^linux/${process.arch === 'x64' ? 'amd64' : process.arch}(/.*)?$`
    const { manifest } = await chooseManifest(registry, reference.id || reference.tag, filter)
    return {
      manifest: manifest as ImageManifest,
      config: await readConfig(registry, manifest as ImageManifest),
      registry,
    }
  } catch (error) {
    throw new CliError(`unable to read image ${text}: ${messageOf(error)}`)
  }
}

/** A layer on standard input is kept in the folder: its digest has to be known before it is sent. */
async function layerFile({ io }: CommandContext, arg: string, folder: string): Promise<string> {
  if (arg !== '-') return resolve(io.cwd, arg)
  const file = join(folder, 'stdin')
  await pipeline(io.stdin, createWriteStream(file, { mode: 0o600 }))
  return file
}

async function readLayers(context: CommandContext, mediaType: string, folder: string): Promise<NewLayer[]> {
  const layers: NewLayer[] = []
  for (const arg of context.args) {
    const file = await layerFile(context, arg, folder)
    const found = await stat(file).catch(() => {
      throw new CliError(`invalid argument: ${arg}: no such file or directory`)
    })
    if (found.isDirectory()) throw new CliError(`invalid argument: ${arg} is a directory`)
    const packed = createHash('sha256')
    const unpacked = createHash('sha256')
    const raw = createReadStream(file)
    raw.on('data', (chunk) => packed.update(chunk))
    for await (const chunk of raw.pipe(createGunzip())) unpacked.update(chunk)
    const digest = `sha256:${packed.digest('hex')}`
    layers.push({
      descriptor: { mediaType, digest, size: found.size } as Descriptor,
      diffId: `sha256:${unpacked.digest('hex')}`,
      file,
    })
  }
  return layers
}

function readTime(text: string, now: Date): string {
  if (text === '') return now.toISOString()
  const offset = parseDuration(text)
  if (offset !== undefined) return new Date(now.getTime() + offset).toISOString()
  const time = /^\d+$/.test(text) ? new Date(Number(text)) : new Date(text)
  if (Number.isNaN(time.getTime()))
    throw new CliError('--created-at must be a relative time (2m, -5h) or an RFC3339 formatted date')
  return time.toISOString()
}

function readPatch(text: string, flag: string): unknown {
  if (text === '') return {}
  try {
    return JSON.parse(text)
  } catch (error) {
    throw new CliError(`unable to parse --${flag}: ${messageOf(error)}`)
  }
}

function newConfig(
  { flags, io }: CommandContext,
  base: ImageConfig,
  layers: readonly NewLayer[],
): ImageConfig {
  const created = readTime(flags.string('created-at'), io.now())
  const run = mergePatch(base.config ?? {}, readPatch(flags.string('image'), 'image')) as NonNullable<
    ImageConfig['config']
  >
  const history = flags.bool('drop-history') ? [] : (base.history ?? [])
  const patched = mergePatch(base, readPatch(flags.string('meta'), 'meta')) as ImageConfig
  return {
    ...patched,
    created,
    config: run,
    rootfs: {
      type: 'layers',
      diff_ids: [...(base.rootfs?.diff_ids ?? []), ...layers.map((layer) => layer.diffId)],
    },
    history: [...history, ...layers.map(() => ({ created, comment: 'Added layer' }))],
  }
}

async function runAppend(context: CommandContext): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-append-'))
  try {
    await append(context, folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

async function append(context: CommandContext, folder: string): Promise<void> {
  const { flags, args, io } = context
  if (flags.string('to') === '' && !flags.bool('dry-run')) throw new CliError('--to must be specified')
  const target = parseImage(flags.string('to'))
  if (target.id !== '') throw new CliError('--to may not point to an image by ID')
  if (args.filter((arg) => arg === '-').length > 1)
    throw new CliError("you may only specify '-' as an argument one time")
  const base = await readBase(context)
  const layerType = base.manifest.mediaType === ociManifest ? gzipLayer : dockerLayer
  const layers = await readLayers(context, layerType, folder)
  const config = JSON.stringify(newConfig(context, base.config, layers))
  const to = await createOpener(context)(target)
  if (!flags.bool('dry-run')) await pushLayers(context, base, layers, to)
  const descriptor = { ...base.manifest.config, digest: sha256(config), size: Buffer.byteLength(config) }
  const manifest = JSON.stringify({
    schemaVersion: 2,
    mediaType: base.manifest.mediaType,
    config: descriptor,
    layers: [...base.manifest.layers, ...layers.map((layer) => layer.descriptor)],
  })
  if (flags.bool('dry-run')) {
    io.stdout.write(`Would push ${sha256(manifest)} to ${formatImage(target)}\n`)
    return
  }
  await copyBlob(to, {
    digest: descriptor.digest,
    open: () => Promise.resolve(Readable.from([Buffer.from(config)])),
  })
  await putManifest(to, target.tag || 'latest', base.manifest.mediaType, manifest)
  io.stdout.write(`Pushed ${sha256(manifest)} to ${formatImage(target)}\n`)
}

function sha256(text: string): string {
  return `sha256:${createHash('sha256').update(text).digest('hex')}`
}

async function pushLayers(
  { io }: CommandContext,
  base: Base,
  layers: readonly NewLayer[],
  to: Repository,
): Promise<void> {
  const { registry } = base
  for (const layer of base.manifest.layers) {
    if (registry === undefined) break
    const how = await copyBlob(to, {
      digest: layer.digest,
      open: () => registry.blob(layer.digest),
      ...(registry.host === to.host ? { mountFrom: registry.repository } : {}),
    })
    if (how === 'uploaded') io.stdout.write(`Uploading ${decimalSize(layer.size)} ...\n`)
  }
  for (const { descriptor, file } of layers) {
    const started = performance.now()
    await copyBlob(to, { digest: descriptor.digest, open: async () => Readable.from(createReadStream(file)) })
    const rate = Math.round((descriptor.size * 1000) / Math.max(performance.now() - started, 1))
    io.stdout.write(`Uploading ... ${decimalSize(rate)}/s\n`)
  }
}
