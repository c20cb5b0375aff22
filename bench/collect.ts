/**
 * `node bench/collect.ts`: how long a collection of blobs takes over 1,000, 10,000 and 100,000 images, what memory it needs, and what
 * pushes and pulls notice of one. `--images N` for another size, `--load` for the second part alone, `--quick` without the largest.
 */
import { execFileSync } from 'node:child_process'
import { parseArgs } from 'node:util'
import { type CollectionFigures, measureCollection } from './measure-collection.ts'
import { measureDisturbance } from './measure-disturbance.ts'

const { values: options } = parseArgs({
  options: {
    images: { type: 'string' },
    load: { type: 'boolean' },
    quick: { type: 'boolean' },
    child: { type: 'boolean' },
  },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const sizes =
  options.images === undefined
    ? [1000, 10_000, ...(options.quick === true ? [] : [100_000])]
    : [Number(options.images)]

/** In a process of its own, set up as `bin/weir` sets up the server: what one size has made grow is not the next one's start. */
function measureApart(images: number): CollectionFigures {
  const args = [
    '--max-semi-space-size=8',
    '--heap-growing-percent=50',
    '--expose-gc',
    import.meta.filename,
    '--child',
    '--images',
    String(images),
  ]
  const env = { ...process.env, MALLOC_ARENA_MAX: '2' }
  const output = execFileSync(process.execPath, args, {
    env,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  return JSON.parse(output) as CollectionFigures
}

function tell({ images, blobs, looking, discarding, deleting, growth, live }: CollectionFigures): void {
  const seconds = [looking, discarding, deleting]
    .map((value) => `${value.toFixed(1)} s`.padStart(7))
    .join(' ')
  const counts = `${String(images).padStart(10)}${String(blobs).padStart(10)}`
  const memory = [growth.own, live, growth.mapped].map((value) => `${value.toFixed(0)} MiB`).join(', ')
  say(`${counts}${seconds}   ${memory}`)
}

if (options.child === true) {
  say(JSON.stringify(await measureCollection(Number(options.images))))
} else {
  if (options.load !== true) {
    say('    images     blobs    look    move  delete   memory (own, in use of it, pages of the store)')
    for (const size of sizes) tell(measureApart(size))
  }
  if (options.images === undefined) {
    for (const line of await measureDisturbance(options.quick === true ? 2500 : 25_000)) say(line)
  }
}
