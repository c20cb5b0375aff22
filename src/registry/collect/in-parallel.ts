/** Items that are gathered for each that is worked on at once. */
const gathered = 8

/**
 * Does the work for each item, so many at a time; rejects with the first failure, when what is under way is over. Items are taken
 * while nothing is under way, so that whoever gives them can tell what others do.
 */
export async function inParallel<T>(
  most: number,
  items: AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  let waiting: T[] = []
  for await (const item of items) {
    waiting.push(item)
    if (waiting.length < most * gathered) continue
    await workOff(most, waiting, work)
    waiting = []
  }
  await workOff(most, waiting, work)
}

async function workOff<T>(
  most: number,
  items: readonly T[],
  work: (item: T) => Promise<void>,
): Promise<void> {
  const next = items.values()
  let failure: { error: unknown } | undefined
  const worker = async (): Promise<void> => {
    for (const item of next) {
      if (failure !== undefined) return
      await work(item).catch((error: unknown) => {
        failure ??= { error }
      })
    }
  }
  await Promise.all(Array.from({ length: most }, worker))
  if (failure !== undefined) throw failure.error
}
