import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { text as readAll } from 'node:stream/consumers'
import { it } from 'node:test'
import { openSqliteStore } from './open-sqlite-store.ts'
import { contents } from './store-contract-parts.ts'
import { openTestFolder } from './store-test-folder.ts'

const door = new URL('./index.ts', import.meta.url).href

it('after a refusal of the disk no commit is taken, reads go on, and the next opening has all that was acknowledged', {
  timeout: 60_000,
}, async () => {
  await using folder = await openTestFolder()
  // The kernel refuses writes beyond this size of a file, as it would on a broken disk.
  const limited = 'trap "" XFSZ; ulimit -f 2000; exec "$0" --input-type=module -e "$1"'
  const script = `
    import { openSqliteStore, StoreFailedError } from ${JSON.stringify(door)}
    await using store = await openSqliteStore({ file: ${JSON.stringify(folder.file)} })
    let count = 0
    const commit = () => store.commit([{ key: 'k/' + count, value: new Uint8Array(10000), expect: 'absent' }])
    let first
    while (first === undefined) await commit().then(() => count++, (error) => { first = error })
    const second = await commit().catch((error) => error)
    const { entries } = await store.list('k/')
    console.log(JSON.stringify({ count, listed: entries.length, fatal: first.fatal, same: first === second,
      failed: first instanceof StoreFailedError, revision: store.revision() }))`
  const child = spawn('sh', ['-c', limited, process.execPath, script], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const [said] = await Promise.all([readAll(child.stdout), once(child, 'exit')])
  const { count, ...rest } = JSON.parse(said)
  assert.ok(count > 10)
  assert.deepEqual(rest, { listed: count, fatal: true, same: true, failed: true, revision: count })
  await using store = await openSqliteStore({ file: folder.file })
  assert.ok((await contents(store)).length >= count)
})
