import { LRUCache } from 'lru-cache'
import { type Descriptor, type Digest, parseDigest } from '../oci/index.ts'
import type { Change, Key, Store } from '../store/index.ts'

/**
 * What each repository holds, in the store: instead of distribution's link files.
 *
 *     registry/links/<repository>/<digest>                 a blob that was uploaded or mounted here
 *     registry/holders/<digest>/<repository>               the same, the other way round
 *     registry/manifests/<repository>/<digest>             a manifest that was put here
 *     registry/referrers/<repository>/<subject>/<digest>   its descriptor, when it has a subject
 *     registry/pruned/<digest>                             who linked a blob that a pruner took, while it can be brought back
 *
 * A repository has exactly two components, so no key is a prefix of another repository's.
 */
export interface RepositoryRecords extends AsyncDisposable {
  blobLink(repository: string, digest: Digest): Promise<BlobLink | undefined>
  /** A link that is there stays as it is. */
  linkBlob(repository: string, digest: Digest, link: BlobLink): Promise<void>
  /** false when there was no link. `keepsProof`: that the repository had it is still known, for its images that have it. */
  unlinkBlob(repository: string, digest: Digest, options?: { keepsProof: boolean }): Promise<boolean>
  /** Takes the blob from all repositories. */
  unlinkEverywhere(digest: Digest): Promise<void>
  /** As `unlinkEverywhere`, remembering who had it. */
  prune(digest: Digest, at: Date): Promise<void>
  pruned(digest: Digest): Promise<PrunedBlob | undefined>
  /** Gives the blob back to those who had it; resolves to them. Nothing for a blob that was not pruned. */
  unprune(digest: Digest): Promise<string[]>
  /** What was remembered of it is of no more use. */
  forgetPruned(digest: Digest): Promise<void>
  /** Tells of changes by whichever process. */
  listen(listener: RecordListener): void
  /** Repositories that link the blob, at most `limit`. */
  holders(digest: Digest, limit: number): Promise<string[]>
  manifest(repository: string, digest: Digest): Promise<ManifestRecord | undefined>
  /** What memory has of it. */
  peekManifest(repository: string, digest: Digest): ManifestRecord | undefined
  putManifest(
    repository: string,
    digest: Digest,
    record: ManifestRecord,
    descriptor?: Descriptor,
  ): Promise<void>
  /** false when there was none. */
  deleteManifest(repository: string, digest: Digest): Promise<boolean>
  /** Descriptors of manifests whose subject it is, ordered by digest. */
  referrers(repository: string, subject: Digest): Promise<Descriptor[]>
}

export interface BlobLink {
  /** Bytes. */
  size: number
  /** When it was pulled through, in milliseconds since 1970; absent for what was pushed. */
  pulledAt?: number
}

export interface ManifestRecord {
  mediaType: string
  size: number
  subject?: Digest
  /** As of a blob. */
  pulledAt?: number
}

/** A blob that a pruner took from all repositories. */
export interface PrunedBlob {
  /** Milliseconds since 1970. */
  at: number
  links: Record<string, BlobLink>
}

export interface RecordListener {
  /** Called when a blob is no longer linked, by whichever process. */
  onUnlinked?(repository: string, digest: Digest): void
  /** Called some time after a blob was linked that was pulled through, by whichever process. */
  onPulled?(repository: string, digest: Digest, link: BlobLink): void
}

export interface RepositoryRecordsOptions extends RecordListener {
  store: Store
  maxCached?: number
}

const root = 'registry/'
const linkKey = (repository: string, digest: Digest): Key => `${root}links/${repository}/${digest}`
const holderPrefix = (digest: Digest): Key => `${root}holders/${digest}/`
const holderKey = (digest: Digest, repository: string): Key => `${holderPrefix(digest)}${repository}`
const manifestKey = (repository: string, digest: Digest): Key => `${root}manifests/${repository}/${digest}`
const prunedKey = (digest: Digest): Key => `${root}pruned/${digest}`
/** Where every manifest of every repository is found, for walks. */
export const manifestsPrefix: Key = `${root}manifests/`
/** Every blob with the repositories that link it, ordered by digest. */
export const holdersPrefix: Key = `${root}holders/`
/** Every repository with the blobs that it links. */
export const linksPrefix: Key = `${root}links/`
export const prunedPrefix: Key = `${root}pruned/`
export const referrersPrefix: Key = `${root}referrers/`
const referrerPrefix = (repository: string, subject: Digest): Key =>
  `${root}referrers/${repository}/${subject}/`

const encode = (value: unknown): Uint8Array => Buffer.from(JSON.stringify(value))
const decode = <T>(bytes: Uint8Array): T => JSON.parse(Buffer.from(bytes).toString('utf8')) as T
const put = (key: Key, value: unknown): Change => ({ key, value: encode(value), expect: 'any' })
const drop = (key: Key): Change => ({ key, value: undefined, expect: 'any' })

function parseLinkKey(key: Key): { repository: string; digest: Digest } | undefined {
  const [, repository = '', text = ''] = /^registry\/links\/([^/]+\/[^/]+)\/([^/]+)$/.exec(key) ?? []
  const digest = parseDigest(text)
  return digest === undefined ? undefined : { repository, digest }
}

/** Reads are answered from memory where they can be; writes of other processes reach it through the store's watch. */
export function openRepositoryRecords({
  store,
  maxCached = 50_000,
  ...first
}: RepositoryRecordsOptions): RepositoryRecords {
  const listeners: RecordListener[] = [first]
  const cache = new LRUCache<Key, object>({ max: maxCached })
  const stopping = new AbortController()
  let forgotten = 0

  function forget(key: Key): void {
    forgotten++
    cache.delete(key)
    const link = parseLinkKey(key)
    if (link === undefined) return
    for (const listener of listeners) listener.onUnlinked?.(link.repository, link.digest)
  }

  function learn(key: Key, value: Uint8Array): void {
    const link = parseLinkKey(key)
    const record = link === undefined ? undefined : decode<BlobLink>(value)
    if (link === undefined || record?.pulledAt === undefined) return
    for (const listener of listeners) listener.onPulled?.(link.repository, link.digest, record)
  }

  async function read<T extends object>(key: Key): Promise<T | undefined> {
    const cached = cache.get(key)
    if (cached !== undefined) return cached as T
    const before = forgotten
    const entry = await store.get(key)
    if (entry === undefined) return undefined
    const value = decode<T>(entry.value)
    // A deletion while we read would be undone by remembering what we saw before it.
    if (before === forgotten) cache.set(key, value)
    return value
  }

  async function remove(keys: readonly Key[]): Promise<void> {
    await store.commit(keys.map(drop))
    for (const key of keys) forget(key)
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      try {
        for await (const event of store.watch(root, store.revision(), { signal: stopping.signal })) {
          if (event.type === 'delete') forget(event.key)
          else learn(event.key, event.value)
        }
      } catch {
        // Too far behind, or the engine is away: whatever was missed is read afresh.
        cache.clear()
        forgotten++
        await new Promise((resolve) => setTimeout(resolve, 1000).unref())
      }
    }
  }
  const following = follow()

  async function holdersOf(digest: Digest): Promise<string[]> {
    const { entries } = await store.list(holderPrefix(digest))
    return entries.map(({ key }) => key.slice(holderPrefix(digest).length))
  }

  const unlinked = (digest: Digest, holders: readonly string[]): Key[] =>
    holders.flatMap((name) => [linkKey(name, digest), holderKey(digest, name)])

  async function linksOf(digest: Digest, holders: readonly string[]): Promise<Record<string, BlobLink>> {
    const entries = await store.getMany(holders.map((name) => linkKey(name, digest)))
    return Object.fromEntries(
      entries.flatMap((entry, at) =>
        entry === undefined ? [] : [[holders[at] as string, decode<BlobLink>(entry.value)]],
      ),
    )
  }

  async function readPruned(digest: Digest): Promise<PrunedBlob | undefined> {
    const entry = await store.get(prunedKey(digest))
    return entry && decode<PrunedBlob>(entry.value)
  }

  return {
    listen: (listener) => void listeners.push(listener),

    async prune(digest, at) {
      const holders = await holdersOf(digest)
      const record: PrunedBlob = { at: at.getTime(), links: await linksOf(digest, holders) }
      const keys = unlinked(digest, holders)
      await store.commit([...keys.map(drop), put(prunedKey(digest), record)])
      for (const key of keys) forget(key)
    },

    pruned: readPruned,

    async unprune(digest) {
      const record = await readPruned(digest)
      if (record === undefined) return []
      const links = Object.entries(record.links)
      await store.commit([
        ...links.flatMap(([name, link]) => [
          put(linkKey(name, digest), link),
          put(holderKey(digest, name), {}),
        ]),
        drop(prunedKey(digest)),
      ])
      return links.map(([name]) => name)
    },

    async forgetPruned(digest) {
      if ((await store.get(prunedKey(digest))) !== undefined) await store.commit([drop(prunedKey(digest))])
    },

    blobLink: (repository, digest) => read<BlobLink>(linkKey(repository, digest)),

    async linkBlob(repository, digest, link) {
      const key = linkKey(repository, digest)
      if ((await read(key)) !== undefined) return
      await store.commit([put(key, link), put(holderKey(digest, repository), {})])
      cache.set(key, link)
    },

    async unlinkBlob(repository, digest, { keepsProof } = { keepsProof: false }) {
      const key = linkKey(repository, digest)
      if ((await store.get(key)) === undefined) return false
      await remove(keepsProof ? [key] : [key, holderKey(digest, repository)])
      return true
    },

    async unlinkEverywhere(digest) {
      const keys = unlinked(digest, await holdersOf(digest))
      if (keys.length > 0) await remove(keys)
    },

    async holders(digest, limit) {
      const { entries } = await store.list(holderPrefix(digest), { limit })
      return entries.map(({ key }) => key.slice(holderPrefix(digest).length))
    },

    manifest: (repository, digest) => read<ManifestRecord>(manifestKey(repository, digest)),

    peekManifest: (repository, digest) =>
      cache.get(manifestKey(repository, digest)) as ManifestRecord | undefined,

    async putManifest(repository, digest, record, descriptor) {
      const key = manifestKey(repository, digest)
      const { subject } = record
      const referrer =
        subject === undefined || descriptor === undefined
          ? []
          : [put(`${referrerPrefix(repository, subject)}${digest}`, descriptor)]
      await store.commit([put(key, record), ...referrer])
      cache.set(key, record)
    },

    async deleteManifest(repository, digest) {
      const key = manifestKey(repository, digest)
      const entry = await store.get(key)
      if (entry === undefined) return false
      const { subject } = decode<ManifestRecord>(entry.value)
      await remove([
        key,
        ...(subject === undefined ? [] : [`${referrerPrefix(repository, subject)}${digest}`]),
      ])
      return true
    },

    async referrers(repository, subject) {
      const { entries } = await store.list(referrerPrefix(repository, subject))
      return entries.map(({ value }) => decode<Descriptor>(value))
    },

    async [Symbol.asyncDispose]() {
      stopping.abort()
      await following
    },
  }
}
