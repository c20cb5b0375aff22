/** One at a time for each key, in the order of asking: writers of one object wait rather than lose races. */
export interface KeyLock {
  run<T>(key: string, work: () => Promise<T>): Promise<T>
}

export function createKeyLock(): KeyLock {
  const last = new Map<string, Promise<unknown>>()
  return {
    async run(key, work) {
      const before = last.get(key)
      const mine = before === undefined ? work() : before.then(work, work)
      // What waits behind must not see an error as unhandled.
      const settled = mine.then(
        () => {},
        () => {},
      )
      last.set(key, settled)
      try {
        return await mine
      } finally {
        if (last.get(key) === settled) last.delete(key)
      }
    },
  }
}
