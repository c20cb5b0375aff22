/**
 * `node bench/collect.ts`: how long a collection of blobs takes over 1,000, 10,000 and 100,000 images, what memory it needs, and what
 * pushes and pulls notice of one. `--images N` for another size, `--load` for the second part alone, `--quick` without the largest.
 */
import { parseArgs } from 'node:util'
import { measureCollection } from './measure-collection.ts'
import { measureDisturbance } from './measure-disturbance.ts'

const { values: options } = parseArgs({
  options: { images: { type: 'string' }, load: { type: 'boolean' }, quick: { type: 'boolean' } },
})
const say = (line: string): void => void process.stdout.write(`${line}\n`)
const sizes =
  options.images === undefined
    ? [1000, 10_000, ...(options.quick === true ? [] : [100_000])]
    : [Number(options.images)]

if (options.load !== true) {
  say('    images     blobs    look    move  delete   memory (own, pages of the store)')
  for (const size of sizes) {
    const { images, blobs, looking, discarding, deleting, growth } = await measureCollection(size)
    const seconds = [looking, discarding, deleting]
      .map((value) => `${value.toFixed(1)} s`.padStart(7))
      .join(' ')
    say(
      `${String(images).padStart(10)}${String(blobs).padStart(10)}${seconds}   ${growth.own.toFixed(0)} MiB, ${growth.mapped.toFixed(0)} MiB`,
    )
  }
}
if (options.images === undefined) {
  for (const line of await measureDisturbance(options.quick === true ? 2500 : 25_000)) say(line)
}
