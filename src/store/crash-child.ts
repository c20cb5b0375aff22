import { writeSync } from 'node:fs'
import { openSqliteStore } from './open-sqlite-store.ts'
import { put, text } from './store-contract-parts.ts'

/**
 * What the crash test kills: four writers that each go on counting in three keys at once, and say `WRITER COUNT REVISION`
 * as soon as a commit is acknowledged. Arguments: the file, and whether history is forgotten meanwhile.
 */
const [file = '', forget] = process.argv.slice(2)
const store = await openSqliteStore({ file })

/** At once, or what was acknowledged last would be lost with the process. The reader may be behind: then the pipe is full. */
function say(line: string): void {
  for (let rest = Buffer.from(line); rest.length > 0; ) {
    try {
      rest = rest.subarray(writeSync(1, rest))
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') throw error
    }
  }
}

async function write(writer: number): Promise<void> {
  let count = Number(text((await store.get(`w/${writer}/a`))?.value) ?? 0)
  const filler = 'x'.repeat(500 * writer)
  for (;;) {
    count++
    const value = `${count} ${filler}`
    const revision = await store.commit([
      put(`w/${writer}/a`, `${count}`),
      put(`w/${writer}/b`, value),
      put(`new/${writer}/${count}`, value, 'absent'),
    ])
    say(`${writer} ${count} ${revision}\n`)
  }
}

async function compact(): Promise<void> {
  for (;;) {
    await store.compact(Math.max(0, store.revision() - 100))
    await new Promise((resolve) => setTimeout(resolve, 3))
  }
}

await Promise.all([write(0), write(1), write(2), write(3), ...(forget === 'forget' ? [compact()] : [])])
