import { createHash, randomUUID } from 'node:crypto'
import { createReadStream, createWriteStream } from 'node:fs'
import { mkdir, readdir, readFile, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { parseDigest, parseManifest } from '../../oci/index.ts'
import { CliError } from '../errors.ts'
import type { Copied, CopySource } from './copy-blob.ts'
import { type FetchedManifest, RegistryError } from './registry-client.ts'

/**
 * `file://` (cli.md §16): a repository in a folder, laid out as the real client lays it out, so that either reads what the
 * other wrote. Below `v2/<repository>`: `blobs/<digest>`, `manifests/<digest>`, and a tag is a link to its manifest. Everything
 * appears only when it is whole, so an interrupted copy leaves nothing but a file whose name begins with a dot.
 */
export interface FolderRepository extends Disposable {
  readonly kind: 'folder'
  /** `file:/`, so that host and repository joined by `/` read `file://team/app`. */
  readonly host: string
  readonly repository: string
  manifest(reference: string): Promise<FetchedManifest>
  tags(): Promise<string[]>
  blob(digest: string): Promise<Readable>
  hasBlob(digest: string): Promise<boolean>
  write(source: CopySource): Promise<Copied>
  writeManifest(reference: string, text: string): Promise<void>
}

const isThere = async (path: string) => (await stat(path).catch(() => undefined)) !== undefined
const digestOf = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}`

function missing(what: string): RegistryError {
  return new RegistryError(404, what)
}

function safeDigest(digest: string): string {
  const parsed = parseDigest(digest)
  if (parsed === undefined) throw new CliError(`${JSON.stringify(digest)} is not a digest`)
  return parsed
}

/** `root` is the folder of --dir; the repository below it need not exist. */
export function openFolderRepository(root: string, repository: string): FolderRepository {
  const folder = join(root, 'v2', repository)
  const blobs = join(folder, 'blobs')
  const manifests = join(folder, 'manifests')

  async function replace(path: string, make: (temporary: string) => Promise<void>): Promise<void> {
    await mkdir(join(path, '..'), { recursive: true })
    const temporary = join(path, '..', `.${randomUUID()}`)
    try {
      await make(temporary)
      await rename(temporary, path)
    } catch (error) {
      await rm(temporary, { force: true })
      throw error
    }
  }

  async function writeBlob({ digest, open }: CopySource): Promise<void> {
    await replace(join(blobs, safeDigest(digest)), async (temporary) => {
      const hash = createHash(digest.startsWith('sha512:') ? 'sha512' : 'sha256')
      const body = await open()
      body.on('data', (chunk: Buffer) => hash.update(chunk))
      await pipeline(body, createWriteStream(temporary, { mode: 0o644 }))
      const found = `${digest.slice(0, digest.indexOf(':'))}:${hash.digest('hex')}`
      if (found !== digest) throw new CliError(`the blob ${digest} has the content of ${found}`)
    })
  }

  return {
    kind: 'folder',
    host: 'file:/',
    repository,
    async manifest(reference) {
      const text = await readFile(join(manifests, reference), 'utf8').catch(() => {
        throw missing(`manifest unknown: no file ${join(manifests, reference)}`)
      })
      const digest = digestOf(text)
      if (reference.startsWith('sha256:') && reference !== digest)
        throw new CliError(`${join(manifests, reference)} has the content of ${digest}`)
      const parsed = parseManifest(text, undefined)
      if (!parsed.ok) throw new CliError(`unable to read manifest ${reference}: ${parsed.problem}`)
      return { digest, mediaType: parsed.manifest.mediaType, text, manifest: parsed.manifest }
    },
    async tags() {
      const names = await readdir(manifests).catch(() => {
        throw missing(`name unknown: no folder ${manifests}`)
      })
      return names.filter((name) => !name.startsWith('.') && !name.includes(':')).sort()
    },
    async blob(digest) {
      const path = join(blobs, safeDigest(digest))
      if (!(await isThere(path))) throw missing(`blob unknown: no file ${path}`)
      return Readable.from(createReadStream(path))
    },
    hasBlob: (digest) => isThere(join(blobs, safeDigest(digest))),
    async write(source) {
      if (await isThere(join(blobs, safeDigest(source.digest)))) return 'present'
      await writeBlob(source)
      return 'uploaded'
    },
    async writeManifest(reference, text) {
      const digest = digestOf(text)
      await replace(join(manifests, digest), (temporary) => writeFile(temporary, text))
      if (reference !== digest)
        await replace(join(manifests, reference), (temporary) => symlink(digest, temporary))
    },
    [Symbol.dispose]() {},
  }
}
