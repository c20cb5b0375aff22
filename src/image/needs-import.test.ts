import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { repositoryCheckAnnotation, type TagReference } from '../api/image/index.ts'
import {
  importRequestFor,
  needsImport,
  observedGeneration,
  scheduledImportRequestFor,
} from './needs-import.ts'
import { digest, event, fromDocker, fromTag, history, nowText, stream } from './stream-fixture.ts'

const imported = { [repositoryCheckAnnotation]: nowText }
const condition = { type: 'ImportSuccess', status: 'False', lastTransitionTime: nowText, generation: 5 }

it('observedGeneration is that of the newest event or the failure, whichever is newer', () => {
  const failed = { ...history('t', event('a', 3)), conditions: [condition] }
  assert.equal(observedGeneration(stream({ histories: [failed] }), 't'), 5)
  assert.equal(observedGeneration(stream({ histories: [history('t', event('a', 3))] }), 't'), 3)
  assert.equal(observedGeneration(stream(), 't'), 0)
})

describe('needsImport', () => {
  const at = stream({ histories: [history('t', event('a', 3))] })
  const cases: [string, TagReference, boolean, boolean][] = [
    ['a newer tag', fromDocker('t', 'a/b', { generation: 4 }), false, true],
    ['an observed tag', fromDocker('t', 'a/b', { generation: 3 }), false, false],
    ['no generation, counted', fromDocker('t', 'a/b'), true, true],
    ['no generation, not counted', fromDocker('t', 'a/b'), false, false],
    ['a reference', fromDocker('t', 'a/b', { generation: 4, reference: true }), true, false],
    ['an alias', fromTag('t', 'a:b', { generation: 4 }), true, false],
  ]
  for (const [name, tag, ifUnset, expected] of cases) {
    it(name, () => assert.equal(needsImport(at, tag, ifUnset), expected))
  }
})

describe('importRequestFor', () => {
  const tag = fromDocker('t', 'quay.io/a/b', { generation: 1, referencePolicy: { type: 'Local' } })
  const done = fromDocker('done', 'quay.io/a/c', { generation: 1 })
  const histories = [history('done', event('a', 1))]

  it('asks for what waits, for this version of the stream', () => {
    assert.deepEqual(importRequestFor(stream({ tags: [tag, done], histories })), {
      kind: 'ImageStreamImport',
      apiVersion: 'image.openshift.io/v1',
      metadata: { name: 'ruby', namespace: 'p', resourceVersion: '7', uid: 'u1' },
      spec: {
        import: true,
        images: [
          {
            from: { kind: 'DockerImage', name: 'quay.io/a/b' },
            to: { name: 't' },
            importPolicy: { importMode: 'Legacy' },
            referencePolicy: { type: 'Local' },
          },
        ],
      },
      status: {},
    })
  })
  it('asks for nothing when all is observed, annotated or not', () => {
    assert.equal(importRequestFor(stream({ tags: [done], histories })), undefined)
    assert.equal(importRequestFor(stream({ tags: [done], histories, annotations: imported })), undefined)
    assert.equal(importRequestFor(stream()), undefined)
  })
  it('asks for the whole repository and every tag of a new stream that follows one', () => {
    const next = stream({
      tags: [tag, done],
      histories,
      repository: 'quay.io/r/r',
      annotations: { 'openshift.io/image.insecureRepository': 'true' },
    })
    const request = importRequestFor(next)
    assert.equal(request?.spec.images?.length, 2)
    assert.deepEqual(request?.spec.repository?.from, { kind: 'DockerImage', name: 'quay.io/r/r' })
    assert.deepEqual(request?.spec.repository?.importPolicy, { insecure: true })
  })
  it('never again for the repository, once imported', () => {
    const annotations = imported
    assert.equal(importRequestFor(stream({ repository: 'quay.io/r/r', annotations })), undefined)
    const request = importRequestFor(stream({ repository: 'quay.io/r/r', annotations, tags: [tag] }))
    assert.equal(request?.spec.repository, undefined)
  })
})

describe('scheduledImportRequestFor', () => {
  const scheduled = { generation: 2, importPolicy: { importMode: 'Legacy', scheduled: true } }
  const names = (parts: Parameters<typeof stream>[0]): (string | undefined)[] | undefined =>
    scheduledImportRequestFor(stream({ annotations: imported, ...parts }))?.spec.images?.map(
      ({ to }) => to?.name,
    )

  it('asks for all scheduled tags and for no other', () => {
    const tags = [fromDocker('a', 'x/a', scheduled), fromDocker('b', 'x/b', { generation: 2 })]
    const histories = [history('a', event('a', 2)), history('b', event('b', 2))]
    assert.deepEqual(names({ generation: 2, tags, histories }), ['a'])
  })
  it('a pinned digest only until it was imported', () => {
    const tags = [fromDocker('a', `x/a@${digest('a')}`, scheduled)]
    assert.deepEqual(names({ generation: 2, tags }), ['a'])
    assert.equal(names({ generation: 2, tags, histories: [history('a', event('a', 2))] }), undefined)
  })
  it('no bad names, no references', () => {
    const tags = [
      fromDocker('a', 'Bad::', scheduled),
      fromDocker('b', 'x/b', { ...scheduled, reference: true }),
    ]
    assert.equal(names({ tags }), undefined)
  })
})
