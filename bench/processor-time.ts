import { readdir, readFile } from 'node:fs/promises'

/**
 * Seconds of processor, user and system, that the process's threads have had: to the nanosecond, where `stat` counts ticks of
 * 10 ms. A thread that has ended takes its share with it.
 */
export async function processorSeconds(pid: number): Promise<number> {
  const tasks = `/proc/${pid}/task`
  const threads = await readdir(tasks)
  const nanoseconds = await Promise.all(
    threads.map(async (thread) => {
      try {
        return Number((await readFile(`${tasks}/${thread}/schedstat`, 'utf8')).split(' ')[0])
      } catch {
        return 0 // It ended meanwhile.
      }
    }),
  )
  return nanoseconds.reduce((sum, value) => sum + value, 0) / 1e9
}
