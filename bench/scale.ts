/**
 * `node bench/scale.ts [--streams 100000]…`: figures of Weir alone with so many streams of ten tags, each tag an image of its own;
 * 1,000, 10,000 and 100,000 streams unless it says otherwise. `--dir DIR` keeps the data (3 GB for 100,000) and uses what is there.
 */
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { openLoad } from './load.ts'
import { filledMark, measureAtScale } from './measure-scale.ts'
import { formatMeasurement } from './report.ts'

const { values } = parseArgs({
  options: { streams: { type: 'string', multiple: true }, dir: { type: 'string' } },
})
const sizes = (values.streams ?? ['1000', '10000', '100000']).map(Number)
const kept = values.dir
const home = kept ?? (await mkdtemp(join(tmpdir(), 'weir-scale-')))
try {
  await using load = openLoad()
  for (const streams of sizes) {
    const dir = join(home, String(streams))
    const isFilled = existsSync(filledMark(dir))
    await measureAtScale(
      {
        size: { streams, tags: 10, streamsInNamespace: 100 },
        load,
        dir,
        watchers: [1, 100, 1000],
        rounds: 3,
        report: (measurement) => void process.stdout.write(`${formatMeasurement(measurement)}\n`),
      },
      isFilled,
    )
    if (kept === undefined) await rm(dir, { recursive: true, force: true })
  }
} finally {
  if (kept === undefined) await rm(home, { recursive: true, force: true })
}
