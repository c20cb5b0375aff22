/**
 * Sends together what is asked for together: an item waits until the turn of the event loop is over, or until one of the requests
 * under way has come back. `send` answers one result for each item, in their order; what it throws is everybody's.
 */
export function createGathering<T, R>(
  send: (items: readonly T[]) => Promise<readonly R[]>,
  { most, atOnce }: { most: number; atOnce: number },
): (item: T) => Promise<R> {
  interface Waiting {
    item: T
    resolve(result: R): void
    reject(error: unknown): void
  }
  let waiting: Waiting[] = []
  let running = 0
  let isDue = false

  async function sendOff(part: readonly Waiting[]): Promise<void> {
    running++
    try {
      const results = await send(part.map(({ item }) => item))
      for (const [at, { resolve }] of part.entries()) resolve(results[at] as R)
    } catch (error) {
      for (const { reject } of part) reject(error)
    }
    running--
    plan()
  }

  function flush(): void {
    isDue = false
    while (running < atOnce && waiting.length > 0) {
      const part = waiting.slice(0, most)
      waiting = waiting.slice(most)
      void sendOff(part)
    }
  }

  function plan(): void {
    if (isDue || running >= atOnce || waiting.length === 0) return
    isDue = true
    setImmediate(flush)
  }

  return (item) =>
    new Promise((resolve, reject) => {
      waiting.push({ item, resolve, reject })
      plan()
    })
}
