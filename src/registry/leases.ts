import { createDigestTable, type Digest, type DigestTable } from '../oci/index.ts'

/**
 * What is in use by clients, whether or not anything refers to it: blobs that were asked for or stored a short while ago, and
 * repositories that are being pushed to. Kept in memory; collecting waits for a while after a start.
 */
export interface Leases {
  /** Somebody needs the blob: it stays for the grace time. */
  touch(this: void, digest: Digest): void
  /** The same for a manifest, and so for what it refers to. */
  touchManifest(this: void, digest: Digest): void
  /** When it was asked for, in milliseconds since 1970, a second more or less; undefined when that is too long ago to matter. */
  lastUse(digest: Digest): number | undefined
  /** As `lastUse`, of a manifest. */
  lastPull(digest: Digest): number | undefined
  /** A request that writes to the repository; dispose it when it is over. */
  working(repository: string): Disposable
  /** When the last request that wrote to the repository was over, or now; undefined when that is too long ago to matter. */
  lastWork(repository: string): number | undefined
  /** Whether any repository is being pushed to. */
  readonly isAnyoneWorking: boolean
  /** Whether a request that is under way now has asked for the blob. */
  isInHand(digest: Digest): boolean
  /** Takes the blob from everybody's sight by `work`. Who asks for it meanwhile waits. Nobody may hold it. */
  condemn<T>(digest: Digest, work: () => Promise<T>): Promise<T>
  /** Resolves when nothing is being done to the blob. */
  settled(digest: Digest): Promise<unknown> | undefined
  /** Calls the listener before a blob is taken away: memory of it must go. */
  onCondemned(listener: (digest: Digest) => void): void
  /** Since when everything has been noted, in milliseconds since 1970. */
  readonly since: number
  /** Milliseconds. */
  readonly grace: number
  /** Forgets what has run out. */
  tidy(): void
}

export interface LeaseOptions {
  clock: () => Date
  /** Milliseconds that a lease lasts. */
  grace: number
}

export function createLeases({ clock, grace }: LeaseOptions): Leases {
  const now = (): number => clock().getTime()
  const since = now()
  const blobs = createDigestTable()
  const manifests = createDigestTable()
  /** Requests under way, each with its beginning. */
  const requests = new Map<string, Set<{ since: number }>>()
  const finished = new Map<string, number>()
  const condemned = new Map<Digest, Promise<unknown>>()
  const listeners: ((digest: Digest) => void)[] = []

  const note = (table: DigestTable, digest: Digest): void => table.set(digest, Math.ceil(now() / 1000))

  /** Undefined once it is `grace` ago. */
  function fresh(time: number | undefined): number | undefined {
    return time === undefined || now() - time >= grace ? undefined : time
  }

  function read(table: DigestTable, digest: Digest): number | undefined {
    const seconds = table.get(digest)
    return fresh(seconds === undefined ? undefined : seconds * 1000)
  }

  const ignore = (): void => undefined
  const announce = (digest: Digest): void => {
    for (const listener of listeners) listener(digest)
  }

  function touch(digest: Digest): void {
    note(blobs, digest)
  }

  return {
    since,
    grace,
    touch,
    touchManifest(digest) {
      note(blobs, digest)
      note(manifests, digest)
    },
    lastUse: (digest) => read(blobs, digest),
    lastPull: (digest) => read(manifests, digest),

    working(repository) {
      const request = { since: now() }
      const running = requests.get(repository) ?? new Set()
      running.add(request)
      requests.set(repository, running)
      return {
        [Symbol.dispose]() {
          running.delete(request)
          if (running.size === 0) requests.delete(repository)
          finished.set(repository, now())
        },
      }
    },

    lastWork: (repository) => (requests.has(repository) ? now() : fresh(finished.get(repository))),

    get isAnyoneWorking() {
      if (requests.size > 0) return true
      for (const time of finished.values()) if (fresh(time) !== undefined) return true
      return false
    },

    isInHand(digest) {
      const seconds = blobs.get(digest)
      if (seconds === undefined) return false
      for (const running of requests.values()) {
        for (const request of running) if (seconds * 1000 >= request.since) return true
      }
      return false
    },

    condemn(digest, work) {
      const before = condemned.get(digest)
      announce(digest)
      const running = before === undefined ? work() : before.then(work)
      const over = running.then(ignore, ignore).then(() => {
        announce(digest)
        if (condemned.get(digest) === over) condemned.delete(digest)
      })
      condemned.set(digest, over)
      return running
    },

    settled: (digest) => condemned.get(digest),
    onCondemned: (listener) => void listeners.push(listener),

    tidy() {
      const oldest = Math.floor((now() - grace) / 1000)
      for (const table of [blobs, manifests]) table.keep((seconds) => seconds > oldest)
      for (const [repository, time] of finished) {
        if (fresh(time) === undefined) finished.delete(repository)
      }
    },
  }
}
