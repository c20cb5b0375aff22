import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { canonicalImageTag, emptyImage, type ImageTag } from '../api/image/index.ts'
import { ApiError } from '../machinery/index.ts'
import {
  listImageTags,
  planImageTagCreate,
  planImageTagUpdate,
  requireImageTag,
  toImageTag,
} from './image-tag.ts'
import { digest, env, event, fromDocker, history, stream } from './stream-fixture.ts'
import { specTag, statusTag } from './stream-tags.ts'

function refusal(action: () => unknown): string {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error))
    return `${error.code} ${error.message}`
  }
  throw new Error('nothing was refused')
}

const plain = stream({
  generation: 3,
  tags: [fromDocker('a', 'quay.io/o/app', { generation: 3 })],
  histories: [history('a', event('a', 2)), history('pushed', event('b'))],
})

function request(parts: Partial<ImageTag>): ImageTag {
  const { metadata, ...rest } = parts
  return canonicalImageTag({ metadata: { name: 'ruby:a', namespace: 'p', ...metadata }, ...rest } as ImageTag)
}

describe('toImageTag', () => {
  it('shows the metadata of the stream, spec, history and image', () => {
    const image = { ...emptyImage(), metadata: { name: digest('a') } }
    const shown = toImageTag(plain, 'a', image)
    assert.deepEqual(shown.metadata, { ...plain.metadata, name: 'ruby:a' })
    assert.deepEqual([shown.spec, shown.status], [specTag(plain, 'a'), statusTag(plain, 'a')])
    assert.equal(shown.image?.dockerImageReference, event('a').dockerImageReference)
  })
  it('lists every tag of spec and status without images', () => {
    const items = listImageTags(plain)
    assert.deepEqual(
      items.map(({ metadata, spec, image }) => [metadata.name, spec === null, image]),
      [
        ['ruby:a', false, null],
        ['ruby:pushed', true, null],
      ],
    )
  })
  it('is NotFound for others', () => {
    requireImageTag(plain, 'pushed')
    assert.equal(
      refusal(() => requireImageTag(plain, 'x')),
      '404 imagetags.image.openshift.io "ruby:x" not found',
    )
  })
})

describe('planImageTagCreate', () => {
  it('needs a spec, of the same name', () => {
    assert.equal(
      refusal(() => planImageTagCreate(request({}), undefined, env)),
      '422 ImageTag.image.openshift.io "ruby:a" is invalid: spec: Required value: spec is a required field during creation',
    )
    assert.equal(
      refusal(() => planImageTagCreate(request({ spec: fromDocker('b', 'x/y') }), undefined, env)),
      '422 ImageTag.image.openshift.io "ruby:a" is invalid: spec.name: Invalid value: "b": must match image tag name',
    )
  })
  it('fills an empty name in, and refuses what exists', () => {
    const { next } = planImageTagCreate(request({ spec: fromDocker('', 'x/y') }), undefined, env)
    assert.equal(specTag(next, 'a')?.from?.name, 'x/y')
    assert.equal(
      refusal(() => planImageTagCreate(request({ spec: fromDocker('', 'x/y') }), plain, env)),
      '409 imagetags.image.openshift.io "ruby:a" already exists',
    )
  })
})

describe('planImageTagUpdate', () => {
  const status = statusTag(plain, 'a') ?? null

  it('takes a bare name for metadata where the stream has no more', () => {
    const spec = fromDocker('a', 'x/y', { annotations: { k: 'v' } })
    const plan = planImageTagUpdate(request({ spec, status }), plain, env)
    assert.deepEqual([plan.created, specTag(plan.next, 'a')], [false, spec])
  })
  it('without a spec takes the tag away and keeps the history', () => {
    const plan = planImageTagUpdate(request({ spec: null, status }), plain, env)
    assert.equal(specTag(plan.next, 'a'), undefined)
    assert.deepEqual(statusTag(plan.next, 'a'), status)
  })
  it('is a creation for a tag without a spec', () => {
    const metadata = { name: 'ruby:pushed' }
    const pushed = statusTag(plain, 'pushed') ?? null
    assert.equal(
      planImageTagUpdate(request({ metadata, spec: null, status: pushed }), plain, env).created,
      true,
    )
  })
  it('refuses other changes', () => {
    const labelled = stream({ labels: { a: 'b' }, histories: [history('a', event('a'))] })
    assert.equal(
      refusal(() =>
        planImageTagUpdate(request({ spec: fromDocker('a', 'x/y'), status: null }), labelled, env),
      ),
      '422 ImageTag.image.openshift.io "ruby:a" is invalid: [metadata: Invalid value: "": may not update fields other than spec, status: Invalid value: "": may not update fields other than spec]',
    )
  })
  it('holds to the version sent', () => {
    const metadata = { name: 'ruby:a', resourceVersion: '1' }
    assert.match(
      refusal(() => planImageTagUpdate(request({ metadata, status }), plain, env)),
      /^409 .*"ruby:a": another caller has updated the resource version to 7$/,
    )
    assert.equal(
      refusal(() => planImageTagUpdate(request({ metadata, status }), undefined, env)),
      '404 imagetags.image.openshift.io "ruby:a" not found',
    )
  })
})
