import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TagEventRecord } from '../../api/index.ts'
import type { TagSpec, TagStatus } from '../resources/image-types.ts'
import { explainTag, type TagFacts } from './explain-tag.ts'

const now = new Date('2026-01-01T01:00:00Z')
const explain = (spec: Partial<TagSpec> | undefined, status: Partial<TagStatus> = {}, facts: TagFacts = {}) =>
  explainTag(
    {
      metadata: { name: 'app' },
      spec: { tags: spec === undefined ? [] : [{ name: 'v1', ...spec }] },
      status: { dockerImageRepository: 'registry/demo/app', tags: [{ tag: 'v1', ...status }] },
    },
    'v1',
    now,
    facts,
  )
const event = (image: string) => ({
  created: '2026-01-01T00:00:00Z',
  dockerImageReference: image,
  generation: 1,
})
const imported = { from: { kind: 'DockerImage', name: 'quay.io/x/app:v1' }, generation: 1 }

describe('explaining a tag', () => {
  it('says since when, from where, and what comes next', () => {
    const { image, reasons } = explain(
      { ...imported, importPolicy: { scheduled: true }, referencePolicy: { type: 'Local' } },
      { items: [event('quay.io/x/app@sha256:2'), event('quay.io/x/app@sha256:1')] },
    )
    assert.equal(image, 'quay.io/x/app@sha256:2')
    assert.deepEqual(reasons, [
      'it has had this image since 2026-01-01T00:00:00Z (about an hour ago)',
      'it is imported from quay.io/x/app:v1',
      'followers pull it through the integrated registry (reference policy Local)',
      'next: quay.io/x/app:v1 is looked at again on schedule',
      'before: quay.io/x/app@sha256:1 from 2026-01-01T00:00:00Z (about an hour ago)',
    ])
  })

  it('tells who moved it and why, by the record of that image alone', () => {
    const record = (cause: TagEventRecord['cause'], image = 'sha256:2') =>
      ({
        cause,
        subject: 'ann',
        after: { image, dockerImageReference: '' },
        changes: [{ field: 'user', before: 'root', after: '1001' }],
      }) as TagEventRecord
    const latest = { ...event('registry/demo/app@sha256:2'), image: 'sha256:2' }
    const told = (facts: TagFacts) => explain(undefined, { items: [latest] }, facts).reasons.slice(1, -1)
    const differs = 'it differs from the image before: user root -> 1001'
    assert.deepEqual(told({ move: record('push') }), ['ann pushed it', differs])
    assert.deepEqual(told({ move: record('push'), build: 'app-2' }), [
      'build app-2 made it; ann pushed it',
      differs,
    ])
    assert.deepEqual(told({ move: record('tag') }), ['ann set the tag', differs])
    assert.deepEqual(told({ move: record('schedule') }), ['an import on schedule brought it', differs])
    assert.deepEqual(told({ move: record('push', 'sha256:1') }), told({}))
  })

  it('tells a failed import, and that the old image stays', () => {
    const conditions = [{ type: 'ImportSuccess', status: 'False', reason: 'NotFound', message: 'gone' }]
    const withImage = explain(imported, { items: [event('x')], conditions }).reasons
    assert.ok(withImage.includes('its last import failed at an unknown time: NotFound: gone'))
    assert.ok(withImage.includes('the last good image stays until an import works'))
    const without = explain(imported, { conditions }).reasons
    assert.equal(without[0], 'it has no image yet')
    assert.ok(!without.includes('the last good image stays until an import works'))
  })

  it('tells pushes, tracking tags and tags that are not there', () => {
    assert.ok(
      explain(imported, { items: [event('registry/demo/app@sha256:3')] }).reasons[1]?.endsWith(
        'put in later by a push',
      ),
    )
    const tracking = explain(
      { from: { kind: 'ImageStreamTag', name: 'v0' } },
      { items: [event('x')] },
    ).reasons
    assert.deepEqual(tracking.slice(1), ['it tracks the tag v0', 'next: the image changes when v0 does'])
    assert.deepEqual(explain(undefined).reasons, [
      'the stream has no such tag',
      'next: a push or a tag command makes it',
    ])
  })
})
