import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { ImageStream } from '../../api/index.ts'
import { createPackedStreams } from './packed-streams.ts'

it('streams come back as far as pruning reads them, in their order', () => {
  const streams = Array.from({ length: 300 }, (_, n) => ({
    metadata: { namespace: `p${n % 3}`, name: `s${n}`, creationTimestamp: `2026-01-01T00:00:${n % 60}Z` },
    status: {
      dockerImageRepository: n % 2 === 0 ? '' : `registry/p/s${n}`,
      tags: Array.from({ length: n % 4 }, (_, tag) => ({
        tag: `t${tag}`,
        items: Array.from({ length: tag }, (_, item) => ({
          image: item === 0 ? '' : `sha256:${String(n * 10 + item).padStart(64, '0')}`,
          created: '2026-01-01T00:00:00Z',
        })),
      })),
    },
  }))
  const packed = createPackedStreams()
  for (const stream of streams) packed.add(stream as unknown as ImageStream)
  assert.deepEqual([...packed], streams)
  assert.deepEqual([...packed], streams)
})

it('what a server leaves out is as good as empty', () => {
  const packed = createPackedStreams()
  packed.add({ metadata: { name: 's' }, status: { tags: [{ tag: 't', items: null }] } } as ImageStream)
  packed.add({ metadata: { name: 'u' } } as ImageStream)
  const [first, second] = packed
  assert.deepEqual(first?.status.tags, [{ tag: 't', items: [] }])
  assert.deepEqual([second?.metadata.name, second?.status.tags], ['u', []])
})
