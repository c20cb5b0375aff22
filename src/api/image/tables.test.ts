import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from './image-stream.ts'
import { type ImageTag, imageTags } from './image-tag.ts'
import type { NamedTagEventList } from './tag-event.ts'
import type { TagReference } from './tag-reference.ts'
import { formatTagsCell } from './tags-cell.ts'

const now = new Date('2024-05-06T12:00:00Z')
const twoDaysAgo = '2024-05-04T12:00:00Z'

function history(
  tag: string,
  created: string | null,
  generation = 1,
  image = 'sha256:aa',
): NamedTagEventList {
  return { tag, items: [{ created, dockerImageReference: 'r/a@x', image, generation }] }
}

describe('the tags of a stream', () => {
  const at = (second: number): string => `2024-05-06T10:00:0${second}Z`

  it('newest first, ties by name, without history last', () => {
    const tags = [
      history('b', at(1)),
      history('a', at(1)),
      history('new', at(5)),
      { tag: 'none', items: null },
    ]
    assert.equal(formatTagsCell(tags), 'new,a,b,none')
  })
  it('cuts at about forty characters', () => {
    const names = ['alpha-release', 'bravo-release', 'charlie-release', 'delta-release']
    assert.equal(
      formatTagsCell(names.map((name) => history(name, at(1)))),
      'alpha-release,bravo-release,charlie-release + 1 more...',
    )
  })
  it('always shows the first', () => {
    assert.equal(
      formatTagsCell([history('x'.repeat(60), at(2)), history('y', at(1))]),
      `${'x'.repeat(60)} + 1 more...`,
    )
  })
  it('is empty for no tags', () => assert.equal(formatTagsCell([]), ''))
})

it('the repository of a stream is the public, else the followed, else the internal one', () => {
  const column = imageStreams.columns[1]
  const stream = (spec: object, status: object) =>
    ({ metadata: {}, spec, status }) as Parameters<NonNullable<typeof column>['value']>[0]
  const status = { dockerImageRepository: 'in', publicDockerImageRepository: 'out' }
  assert.equal(column?.value(stream({ dockerImageRepository: 'far' }, status), now), 'out')
  assert.equal(
    column?.value(stream({ dockerImageRepository: 'far' }, { dockerImageRepository: 'in' }), now),
    'far',
  )
  assert.equal(column?.value(stream({}, { dockerImageRepository: 'in' }), now), 'in')
})

describe('the cells of an image tag', () => {
  const tag = (from: object | undefined, more: Partial<TagReference> = {}): TagReference => ({
    name: 't',
    annotations: null,
    ...(from === undefined ? {} : { from }),
    generation: 2,
    importPolicy: {},
    referencePolicy: { type: 'Source' },
    ...more,
  })
  const cells = (spec: TagReference | null, status: NamedTagEventList | null): unknown[] => {
    const itag = { metadata: { name: 's:t' }, spec, status, image: null } as ImageTag
    return imageTags.columns.slice(1).map((column) => column.value(itag, now))
  }
  const docker = { kind: 'DockerImage', name: 'a/b:c' }
  const istag = { kind: 'ImageStreamTag', name: 'b:c' }
  const failed: NamedTagEventList = {
    tag: 't',
    items: null,
    conditions: [
      {
        type: 'ImportSuccess',
        status: 'False',
        reason: 'InternalError',
        lastTransitionTime: twoDaysAgo,
        generation: 2,
      },
    ],
  }
  const rows: [string, TagReference | null, NamedTagEventList | null, unknown[]][] = [
    ['nothing', null, null, ['', '', null, '']],
    ['no source, no history', tag(undefined), null, ['', '', null, '']],
    ['push only', null, history('t', twoDaysAgo), ['Push', 'image/sha256:aa', 1, '2 days ago']],
    ['imported', tag(docker), history('t', twoDaysAgo, 2), ['Tag', 'image/sha256:aa', 1, '2 days ago']],
    ['waiting', tag(docker), history('t', twoDaysAgo, 1), ['Tag', 'Importing', 1, '2 days ago']],
    ['pushed over', tag(docker), history('t', twoDaysAgo, 3), ['Push', 'image/sha256:aa', 1, '2 days ago']],
    ['alias without history', tag(istag), null, ['Tag', 'istag/b:c', null, '']],
    [
      'alias without colon',
      tag({ kind: 'ImageStreamTag', name: 'c' }),
      history('t', twoDaysAgo, 3),
      ['Track', 'image/sha256:aa', 1, '2 days ago'],
    ],
    [
      'scheduled wins',
      tag({ ...istag, namespace: 'a' }, { importPolicy: { scheduled: true } }),
      null,
      ['Scheduled', 'istag a/b:c', null, ''],
    ],
    [
      'reference',
      tag(docker, { reference: true }),
      { tag: 't', items: [{ created: twoDaysAgo, dockerImageReference: 'a/b:c', image: '', generation: 2 }] },
      ['Ref', 'a/b:c', 1, '2 days ago'],
    ],
    [
      'image',
      tag({ kind: 'ImageStreamImage', name: 'b@sha256:cc' }),
      null,
      ['Tag', 'image/sha256:cc', null, ''],
    ],
    ['bad image', tag({ kind: 'ImageStreamImage', name: 'b' }), null, ['Tag', 'InvalidRefName', null, '']],
    ['bad kind', tag({ kind: 'Foo', name: 'b' }), null, ['Tag', 'InvalidRefKind', null, '']],
    ['failed', tag(docker), failed, ['Tag', 'ImportFailed (InternalError)', null, '2 days ago']],
  ]
  for (const [name, spec, status, expected] of rows) {
    it(name, () => assert.deepEqual(cells(spec, status), expected))
  }
})
