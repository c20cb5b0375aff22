import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { Image, TagReference } from '../api/image/index.ts'
import { growsStream, imageLimitError, type LimitRange, streamLimitError } from './limits.ts'
import { formatBinaryQuantity, parseQuantity } from './quantity.ts'
import { digest, event, fromDocker, fromImage, fromTag, history, stream } from './stream-fixture.ts'

function range(type: string, max: Record<string, string>): LimitRange {
  return {
    metadata: {},
    spec: {
      limits: [
        { type, max },
        { type: 'Pod', max: { cpu: '1' } },
      ],
    },
  }
}

describe('streamLimitError', () => {
  const maxTags = (max: string): LimitRange =>
    range('openshift.io/ImageStream', { 'openshift.io/image-tags': max })
  const counted = (...tags: TagReference[]): number => {
    const error = streamLimitError(stream({ tags }), undefined, [maxTags('0')])
    return Number(/\((\d+) > 0\)/.exec(error?.message ?? '(0 > 0)')?.[1])
  }

  it('counts what tags refer to, each once', () => {
    assert.equal(counted(fromDocker('a', 'busybox'), fromDocker('b', 'docker.io/library/busybox:latest')), 1)
    assert.equal(counted(fromImage('a', `ruby@${digest('a')}`), fromImage('b', `ruby@${digest('a')}`)), 1)
    assert.equal(counted(fromTag('a', 'x:1'), fromTag('b', 'x:2'), fromTag('c', '2')), 3)
  })
  it('takes the smallest of several maxima', () => {
    const next = stream({ tags: [fromDocker('a', 'x/a'), fromDocker('b', 'x/b')] })
    assert.equal(streamLimitError(next, undefined, [maxTags('5'), maxTags('2')]), undefined)
    assert.match(streamLimitError(next, undefined, [maxTags('5'), maxTags('1')])?.message ?? '', /\(2 > 1\)$/)
  })
  it('is a Forbidden that names the stream', () => {
    const error = streamLimitError(stream({ tags: [fromDocker('a', 'x/a')] }), undefined, [maxTags('0')])
    assert.equal(error?.code, 403)
    assert.deepEqual(error?.details, { name: 'ruby', group: 'image.openshift.io', kind: 'ImageStream' })
  })
  it('leaves alone what gains nothing', () => {
    const old = stream({
      tags: [fromDocker('a', 'x/a'), fromDocker('b', 'x/b')],
      histories: [history('a', event('a'))],
    })
    const next = stream({ tags: [fromDocker('a', 'x/a')], histories: [history('a', event('a'))] })
    assert.equal(growsStream(next, old), false)
    assert.equal(streamLimitError(next, old, [maxTags('0')]), undefined)
    assert.equal(growsStream(stream({ histories: [history('a', event('b'))] }), old), true)
  })
})

it('imageLimitError measures the pushed image', () => {
  const image: Image = {
    metadata: {},
    dockerImageMetadata: { Size: 2048 },
    dockerImageMetadataVersion: '1.0',
  }
  const storage = (max: string): LimitRange => range('openshift.io/Image', { storage: max })
  assert.equal(imageLimitError(image, 's', [storage('2Ki')]), undefined)
  const error = imageLimitError(image, 's', [storage('1Ki')])
  assert.equal(
    error?.message,
    'imagestreammappings.image.openshift.io "s" is forbidden: requested usage of storage exceeds the maximum limit per openshift.io/Image (2Ki > 1Ki)',
  )
})

it('quantities', () => {
  const texts: [string, number | undefined][] = [
    ['2', 2],
    ['1.5k', 1500],
    ['1Mi', 1048576],
    ['500m', 0.5],
    ['2e3', 2000],
    ['x', undefined],
    ['', undefined],
  ]
  for (const [text, amount] of texts) assert.equal(parseQuantity(text), amount, text)
  assert.deepEqual([0, 153, 1024, 1536, 3 * 2 ** 20].map(formatBinaryQuantity), [
    '0',
    '153',
    '1Ki',
    '1536',
    '3Mi',
  ])
})
