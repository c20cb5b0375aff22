/** Does the work for each item, so many at a time; rejects with the first failure, when what is under way is over. */
export async function inParallel<T>(
  most: number,
  items: AsyncIterable<T>,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const running = new Set<Promise<void>>()
  let failure: { error: unknown } | undefined
  for await (const item of items) {
    const job: Promise<void> = work(item)
      .catch((error: unknown) => {
        failure ??= { error }
      })
      .finally(() => running.delete(job))
    running.add(job)
    if (running.size >= most) await Promise.race(running)
    if (failure !== undefined) break
  }
  await Promise.all(running)
  if (failure !== undefined) throw failure.error
}
