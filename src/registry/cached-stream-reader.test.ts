import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from '../api/image/index.ts'
import type { Client } from '../client/client.ts'
import { openCachedStreamReader } from './cached-stream-reader.ts'
import { digestOf, openRegistryLab } from './registry-lab.ts'
import { dropTag, setTag } from './test-images.ts'

/** Counts the reads that reach the API. */
function counting(client: Client): { client: Client; gets: () => number } {
  let gets = 0
  const counted = Object.create(client) as Client
  counted.get = ((...parameters: Parameters<Client['get']>) => {
    gets++
    return client.get(...parameters)
  }) as Client['get']
  return { client: counted, gets: () => gets }
}

describe('cached stream reader', () => {
  it('gives the same view, without asking, until the stream changes', async () => {
    await using lab = await openRegistryLab()
    const { client, gets } = counting(lab.client)
    await using reader = openCachedStreamReader({ client, store: lab.store })
    await setTag(lab, 'demo/app', 'v1', digestOf('one'))
    const first = await reader.stream('demo', 'app')
    assert.deepEqual(first?.tags.get('v1')?.[0]?.image, digestOf('one'))
    const before = gets()
    await setTag(lab, 'demo/other', 'v1', digestOf('one'))
    for (let n = 0; n < 10; n++) assert.equal(await reader.stream('demo', 'app'), first)
    assert.equal(gets(), before)
  })

  it('remembers so many bytes, the streams that were asked for last', async () => {
    await using lab = await openRegistryLab()
    const { client, gets } = counting(lab.client)
    await using reader = openCachedStreamReader({ client, store: lab.store, streamBytes: 5000 })
    for (const name of ['a', 'b', 'c']) await setTag(lab, `demo/${name}`, 'v1', digestOf('one'))
    const askedFor = async (name: string) => {
      const before = gets()
      assert.equal((await reader.stream('demo', name))?.name, name)
      return gets() - before
    }
    assert.deepEqual([await askedFor('a'), await askedFor('b'), await askedFor('c')], [1, 1, 1])
    assert.deepEqual([await askedFor('c'), await askedFor('b'), await askedFor('a')], [0, 0, 1])
  })

  it('is never older than the last write', async () => {
    await using lab = await openRegistryLab()
    await using reader = openCachedStreamReader({ client: lab.client, store: lab.store })
    for (let n = 0; n < 50; n++) {
      await setTag(lab, 'demo/app', 'v1', digestOf(String(n)))
      assert.equal((await reader.stream('demo', 'app'))?.tags.get('v1')?.[0]?.image, digestOf(String(n)))
    }
    await dropTag(lab, 'demo/app', 'v1')
    assert.equal((await reader.stream('demo', 'app'))?.tags.size, 0)
    await lab.client.delete(imageStreams, 'demo', 'app')
    assert.equal(await reader.stream('demo', 'app'), undefined)
  })

  it('names are ordered by the bytes of the joined name', async () => {
    await using lab = await openRegistryLab()
    await using reader = openCachedStreamReader({ client: lab.client, store: lab.store })
    for (const name of ['demo/b', 'demo/a-x', 'demo/a', 'bob/z'])
      await setTag(lab, name, 'v1', digestOf(name))
    assert.deepEqual(await reader.names({ after: '', limit: 9 }), ['bob/z', 'demo/a', 'demo/a-x', 'demo/b'])
    assert.deepEqual(await reader.names({ after: 'demo/a', limit: 1 }), ['demo/a-x'])
    assert.deepEqual(await reader.names({ after: 'zzz', limit: 1 }), [])
  })
})
