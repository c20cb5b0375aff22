import { readFileSync } from 'node:fs'
import { readFile } from 'node:fs/promises'

/** Of a process, MiB. */
export async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}

/** MiB: a process's own, and pages of files that it looks at, which the system takes back when it needs room. */
export interface Memory {
  own: number
  mapped: number
}

/** Zero for a process that is gone. */
export function memoryOf(pid: number): Memory {
  let status = ''
  try {
    status = readFileSync(`/proc/${pid}/status`, 'utf8')
  } catch {
    // It has ended.
  }
  const field = (name: string) =>
    Number(new RegExp(`^${name}:\\s+(\\d+) kB`, 'm').exec(status)?.[1] ?? 0) / 1024
  return { own: field('RssAnon'), mapped: field('RssFile') }
}

/** The most that the processes had of each while the work went on. */
export async function watchMemory<T>(
  pids: readonly number[],
  work: () => Promise<T>,
): Promise<{ value: T; most: Memory[] }> {
  const most: Memory[] = pids.map(() => ({ own: 0, mapped: 0 }))
  const look = () => {
    for (const [at, pid] of pids.entries()) {
      const [now, before] = [memoryOf(pid), most[at]!]
      most[at] = { own: Math.max(before.own, now.own), mapped: Math.max(before.mapped, now.mapped) }
    }
  }
  const timer = setInterval(look, 50)
  try {
    return { value: await work(), most }
  } finally {
    clearInterval(timer)
  }
}
