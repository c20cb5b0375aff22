import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { objectSchema } from './meta-schema.ts'
import { always, goBool, struct } from './schema.ts'
import { formatWatchEvent, toBookmark, toErrorObject, tooOldRevision } from './watch-event.ts'

const kind = {
  group: 'x.io',
  version: 'v1',
  kind: 'Thing',
  schema: objectSchema('Thing', { spec: always(struct('ThingSpec', { on: always(goBool()) })) }),
}

describe('watch events', () => {
  it('are one line each', () => {
    assert.equal(
      formatWatchEvent('ADDED', { metadata: { name: 'a\nb' } }),
      '{"type":"ADDED","object":{"metadata":{"name":"a\\nb"}}}\n',
    )
  })

  it('bookmark with an empty object of the kind', () => {
    assert.deepEqual(toBookmark(kind, 7), {
      kind: 'Thing',
      apiVersion: 'x.io/v1',
      metadata: { resourceVersion: '7' },
      spec: { on: false },
    })
    assert.deepEqual(toBookmark(kind, 7, { endsInitialEvents: true }).metadata.annotations, {
      'k8s.io/initial-events-end': 'true',
    })
  })

  it('end with 410 when the revision is gone', () => {
    assert.deepEqual(toErrorObject(tooOldRevision(1, 814)), {
      kind: 'Status',
      apiVersion: 'v1',
      metadata: {},
      status: 'Failure',
      message: 'too old resource version: 1 (814)',
      reason: 'Expired',
      code: 410,
    })
  })
})
