import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { describe, it } from 'node:test'
import { openSandbox } from '../clients/sandbox.ts'
import { startWeir } from '../clients/start-weir.ts'
import { memoryGrowth, runMixedLoad } from './mixed-load.ts'

/** Resident memory of a process, MiB. */
async function residentMemory(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, 'utf8')
  return Number(/^VmRSS:\s+(\d+) kB/m.exec(status)?.[1]) / 1024
}

describe('mixed load', () => {
  it('goes without an error, without ever more memory, and every watcher sees what a list says', async (test) => {
    await using sandbox = await openSandbox()
    await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env })
    const seed = Number(process.env.SEED ?? Math.floor(Math.random() * 1e6))
    test.diagnostic(`SEED=${seed}`)
    const result = await runMixedLoad({
      target: { url: weir.apiUrl, token: weir.adminToken, ca: weir.caCert },
      seconds: 20,
      workers: 12,
      seed,
      memory: () => residentMemory(weir.pid),
    })
    const { warm, end } = memoryGrowth(result.memory)
    test.diagnostic(
      `${result.requests} requests, ${result.lists} lists, ${warm.toFixed(0)} to ${end.toFixed(0)} MiB`,
    )
    assert.deepEqual(result.errors.slice(0, 5), [], `SEED=${seed}`)
    assert.deepEqual(result.differences, [], `SEED=${seed}`)
    assert(result.requests > 100)
    assert(end < warm * 1.5 + 32, `from ${warm} to ${end} MiB`)
  })
})
