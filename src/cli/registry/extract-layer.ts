import { createWriteStream } from 'node:fs'
import { chown, link, lstat, mkdir, rm, symlink, utimes } from 'node:fs/promises'
import { basename, dirname, join, relative } from 'node:path'
import type { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { createGunzip } from 'node:zlib'
import { extract, type Header } from 'tar-stream'
import { visible } from '../io.ts'

/** Applying one layer to folders (OCI image-spec "Image Layer Filesystem Changeset"). */

export interface ExtractPath {
  /** In the image, without a leading slash; ends in one, or is '', for what a folder holds. */
  source: string
  folder: string
}

export interface ExtractOptions {
  paths: readonly ExtractPath[]
  /** What a layer removes stays. */
  keepRemoved: boolean
  onlyFiles: boolean
  owners: boolean
  /** Receives a line for each entry; nothing is written then. */
  dryRun?(line: string): void
}

const whiteout = '.wh.'
const opaque = '.wh..wh..opq'

/** The name without leading and doubled slashes; undefined when it leads out of the layer. */
function cleanName(name: string): string | undefined {
  const parts = name.split('/').filter((part) => part !== '' && part !== '.')
  return parts.includes('..') || name.includes('\0') ? undefined : parts.join('/')
}

/** Where an entry goes, undefined when none of the paths wants it. */
function destination(
  name: string,
  paths: readonly ExtractPath[],
): { root: string; path: string } | undefined {
  for (const { source, folder } of paths) {
    if (source === '' || source === '/') return { root: folder, path: join(folder, name) }
    if (source.endsWith('/')) {
      if (name.startsWith(source)) return { root: folder, path: join(folder, name.slice(source.length)) }
    } else if (name === source || name.startsWith(`${source}/`)) {
      return { root: folder, path: join(folder, relative(dirname(source), name)) }
    }
  }
  return undefined
}

/** Makes the parents as real folders: a layer's link must not lead the next file out of the destination. */
async function prepareParents(root: string, path: string): Promise<boolean> {
  const parts = relative(root, dirname(path))
    .split('/')
    .filter((part) => part !== '')
  let at = root
  for (const part of parts) {
    at = join(at, part)
    const found = await lstat(at).catch(() => undefined)
    if (found === undefined) await mkdir(at)
    else if (!found.isDirectory()) return false
  }
  return true
}

function dryLine({ mode = 0, size = 0, linkname }: Header, name: string): string {
  const target = linkname ? ` -> ${linkname}` : ''
  return `${visible(`${mode.toString(8).padStart(4, '0')} ${String(size).padStart(12)} ${name}${target}`)}\n`
}

async function writeEntry(
  header: Header,
  body: AsyncIterable<Uint8Array>,
  root: string,
  path: string,
  linkTarget: string | undefined,
): Promise<void> {
  const found = await lstat(path).catch(() => undefined)
  if (header.type === 'directory') {
    if (found !== undefined && !found.isDirectory()) await rm(path)
    await mkdir(path, { recursive: true, mode: (header.mode ?? 0o755) | 0o700 })
    return
  }
  if (found !== undefined) await rm(path, { recursive: true, force: true })
  if (header.type === 'symlink') await symlink(header.linkname ?? '', path)
  else if (header.type === 'link') {
    if (linkTarget !== undefined && (await prepareParents(root, linkTarget))) await link(linkTarget, path)
  } else if (header.type === 'file' || header.type === 'contiguous-file') {
    await pipeline(body, createWriteStream(path, { mode: header.mode ?? 0o644, flags: 'wx' }))
    if (header.mtime) await utimes(path, header.mtime, header.mtime)
  }
}

/** Reads the layer to its end. Devices and pipes are left out. */
export async function extractLayer(layer: Readable, options: ExtractOptions): Promise<void> {
  const entries = extract()
  const reading = pipeline(layer, createGunzip(), entries)
  for await (const entry of entries) {
    await applyEntry(entry.header, entry as unknown as AsyncIterable<Uint8Array>, options)
    entry.resume()
  }
  await reading
}

async function applyEntry(
  header: Header,
  body: AsyncIterable<Uint8Array>,
  options: ExtractOptions,
): Promise<void> {
  const name = cleanName(header.name)
  if (name === undefined || name === '') return
  const target = destination(name, options.paths)
  if (target === undefined || target.path === target.root) return
  if (options.dryRun !== undefined) return options.dryRun(dryLine(header, name))
  if (!(await prepareParents(target.root, target.path))) return
  const base = basename(name)
  if (base === opaque || base.startsWith(whiteout)) {
    if (options.keepRemoved) return
    const gone = base === opaque ? undefined : join(dirname(target.path), base.slice(whiteout.length))
    if (gone !== undefined) await rm(gone, { recursive: true, force: true })
    return
  }
  if (options.onlyFiles && header.type !== 'file') return
  const linked = header.type === 'link' ? cleanName(header.linkname ?? '') : undefined
  const linkTarget = linked === undefined ? undefined : destination(linked, options.paths)
  const sameRoot = linkTarget?.root === target.root ? linkTarget.path : undefined
  await writeEntry(header, body, target.root, target.path, sameRoot)
  if (options.owners && header.type !== 'symlink' && header.uid !== undefined && header.gid !== undefined) {
    await chown(target.path, header.uid, header.gid).catch(() => undefined)
  }
}
