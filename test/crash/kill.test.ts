import assert from 'node:assert/strict'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { openSandbox } from '../clients/sandbox.ts'
import { killWhileStarting, startWeir } from '../clients/start-weir.ts'
import { check, temporaryFiles } from './check.ts'
import { createRandom } from './random.ts'
import { openTarget } from './target.ts'
import { createWorker, work } from './worker.ts'

/**
 * The server is killed at random moments while clients write. WEIR_CRASH_ROUNDS says how often (12), WEIR_CRASH_SEED
 * repeats what can be repeated: the moments and the writes; how far the machine gets between them can't.
 */
const rounds = Number(process.env.WEIR_CRASH_ROUNDS ?? 12)
const seed = Number(process.env.WEIR_CRASH_SEED ?? Math.floor(Math.random() * 2 ** 31))
const workers = Array.from({ length: 5 }, (_, n) => createWorker(`s${n}`))

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await new Promise((resolve) => probe.once('listening', resolve))
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

describe('a server that is killed', { timeout: rounds * 20_000 + 60_000 }, () => {
  it(`has every acknowledged write, whole, and no rest of the others (${rounds} times)`, async (test) => {
    test.diagnostic(`seed ${seed} (WEIR_CRASH_SEED)`)
    const random = createRandom(seed)
    await using sandbox = await openSandbox()
    const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`]
    const started = {
      dataDir: sandbox.path('data'),
      env: sandbox.env,
      args: ['--listen', addresses[0] as string, '--registry-listen', addresses[1] as string],
    }
    for (let round = 0; round <= rounds; round++) {
      if (random.next() < 0.25) await killWhileStarting(started, random.between(50, 900))
      await using weir = await startWeir(started)
      await using target = openTarget(weir)
      assert.deepEqual(await temporaryFiles(started.dataDir), [])
      if (round === 0) {
        const body = {
          apiVersion: 'project.openshift.io/v1',
          kind: 'ProjectRequest',
          metadata: { name: 'crash' },
        }
        const made = await target.api('POST', '/apis/project.openshift.io/v1/projectrequests', body)
        assert.equal(made?.status, 201, `${made?.bytes}`)
      }
      await Promise.all(workers.map((worker) => check(worker, target, started.dataDir))).catch(
        (error: Error) => {
          throw new Error(`round ${round}: ${error.message}\n${weir.stderr()}`, { cause: error })
        },
      )
      if (round === rounds) break
      const working = Promise.all(
        workers.map((worker, n) => work(worker, target, createRandom(seed + 1000 * round + n))),
      )
      // Also a worker that fails must not go on while the server is gone.
      await Promise.race([pause(random.between(20, 900)), working]).catch((error: Error) => {
        throw new Error(`round ${round}: ${error.message}\n${weir.stderr()}`, { cause: error })
      })
      weir.kill('SIGKILL')
      assert.equal((await weir.ended).status, 'SIGKILL', weir.stderr())
      await working
    }
    const writes = workers.reduce((sum, worker) => sum + worker.writes, 0)
    const images = workers.reduce((sum, worker) => sum + worker.images.size, 0)
    test.diagnostic(`${writes} acknowledged writes, ${images} images`)
    assert(images > rounds, 'too few writes between the kills to say anything')
  })
})
