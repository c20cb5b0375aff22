import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createGathering } from './gather.ts'

it('what is asked for at a time is sent together, in pieces, and what comes meanwhile after it', async () => {
  const sent: number[][] = []
  let open: (() => void)[] = []
  const double = createGathering<number, number>(
    async (items) => {
      sent.push([...items])
      await new Promise<void>((resolve) => open.push(resolve))
      return items.map((item) => item * 2)
    },
    { most: 3, atOnce: 2 },
  )
  const turn = () => new Promise((resolve) => setImmediate(resolve))
  const results = [1, 2, 3, 4].map(double)
  await turn()
  assert.deepEqual(sent, [[1, 2, 3], [4]])
  results.push(double(5), double(6))
  await turn()
  assert.equal(sent.length, 2)
  for (const go of open) go()
  open = []
  await turn()
  await turn()
  assert.deepEqual(sent.slice(2), [[5, 6]])
  for (const go of open) go()
  assert.deepEqual(await Promise.all(results), [2, 4, 6, 8, 10, 12])
})

it('a failure is that of all who were sent together, and of nobody after them', async () => {
  let isBroken = true
  const send = createGathering<number, number>(
    async (items) => {
      if (isBroken) throw new Error('gone')
      return items
    },
    { most: 10, atOnce: 1 },
  )
  const failed = await Promise.allSettled([send(1), send(2)])
  assert.deepEqual(
    failed.map(({ status }) => status),
    ['rejected', 'rejected'],
  )
  isBroken = false
  assert.equal(await send(3), 3)
})
