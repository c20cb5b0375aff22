import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  canonicalImage,
  canonicalImageStreamTag,
  emptyImage,
  type Image,
  type ImageStreamTag,
} from '../api/image/index.ts'
import { ApiError } from '../machinery/index.ts'
import { digest, env, event, fromDocker, history, stream, summary, write } from './stream-fixture.ts'
import { listStreamTags, requireImageName, streamTagResource, toStreamTag } from './stream-tag.ts'
import { planStreamTagCreate, planStreamTagUpdate, storedStreamTag } from './stream-tag-write.ts'
import { specTag } from './stream-tags.ts'
import { planTagDelete } from './tag-write.ts'

function refusal(action: () => unknown): ApiError {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error))
    return error
  }
  throw new Error('nothing was refused')
}

const image: Image = canonicalImage({
  metadata: { name: digest('a'), uid: 'i', annotations: { own: '1', both: '1' } },
  dockerImageReference: 'elsewhere/x',
  dockerImageMetadata: { Id: 'c' },
  dockerImageMetadataVersion: '1.0',
  dockerImageManifest: '{}',
  dockerImageConfig: '{}',
})

const tagged = stream({
  generation: 3,
  labels: { team: 'web' },
  annotations: { note: 'never shown' },
  tags: [
    fromDocker('a', 'quay.io/o/app', {
      generation: 2,
      annotations: { both: '2' },
      referencePolicy: { type: 'Local' },
    }),
    fromDocker('waiting', 'quay.io/o/app:2', { generation: 3 }),
  ],
  histories: [history('a', event('a', 2)), history('pushed', event('b'))],
})

describe('toStreamTag', () => {
  it('shows stream, tag and image together', () => {
    const { dockerImageManifest, dockerImageConfig, ...shown } = image
    assert.deepEqual(toStreamTag(tagged, 'a', image), {
      kind: 'ImageStreamTag',
      apiVersion: 'image.openshift.io/v1',
      metadata: {
        name: 'ruby:a',
        namespace: 'p',
        uid: 'u1',
        resourceVersion: '7',
        creationTimestamp: event('a').created,
        labels: { team: 'web' },
        annotations: { both: '2' },
      },
      tag: specTag(tagged, 'a'),
      generation: 2,
      lookupPolicy: { local: false },
      image: {
        ...shown,
        metadata: { name: digest('a'), uid: 'i', annotations: { own: '1', both: '2' } },
        dockerImageReference: `reg:5000/p/ruby@${digest('a')}`,
      },
    })
  })
  it('shows the empty image where there is none', () => {
    const shown = toStreamTag(tagged, 'waiting')
    assert.equal(shown.generation, 0)
    assert.equal(shown.metadata.creationTimestamp, '2023-12-31T00:00:00Z')
    assert.deepEqual(shown.image, emptyImage())
  })
  it('shows only the name in lists, and only tags with an image', () => {
    const items = listStreamTags(tagged)
    assert.deepEqual(
      items.map(({ metadata }) => metadata.name),
      ['ruby:a', 'ruby:pushed'],
    )
    assert.deepEqual(items[1]?.tag, null)
    assert.deepEqual(items[0]?.image.metadata, { name: digest('a') })
    assert.equal(items[0]?.kind, undefined)
  })
})

it('requireImageName is NotFound for tags without an image', () => {
  assert.equal(requireImageName(tagged, 'a'), digest('a'))
  const error = refusal(() => requireImageName(tagged, 'waiting'))
  assert.equal(error.message, 'imagestreamtags.image.openshift.io "ruby:waiting" not found')
})

function request(parts: Partial<ImageStreamTag>): ImageStreamTag {
  const { metadata, ...rest } = parts
  return canonicalImageStreamTag({
    metadata: { name: 'ruby:t', namespace: 'p', ...metadata },
    ...rest,
  } as ImageStreamTag)
}

describe('planStreamTagCreate', () => {
  const tag = fromDocker('', 'quay.io/o/app')

  it('makes the stream', () => {
    const plan = planStreamTagCreate(request({ tag }), undefined, env)
    assert.equal(plan.old, undefined)
    const made = write(plan.next, undefined)
    assert.deepEqual(made.spec.tags, [{ ...tag, name: 't', generation: 1 }])
  })
  it('adds to a stream; a pushed tag is no obstacle', () => {
    const plan = planStreamTagCreate(request({ metadata: { name: 'ruby:pushed' }, tag }), tagged, env)
    assert.equal(write(plan.next, tagged).metadata.generation, 4)
  })
  it('a spec tag is', () => {
    const error = refusal(() =>
      planStreamTagCreate(request({ metadata: { name: 'ruby:a' }, tag }), tagged, env),
    )
    assert.equal(error.message, 'imagestreamtag.image.openshift.io "ruby:a" already exists')
    assert.deepEqual(error.details, { name: 'ruby:a', group: 'image.openshift.io', kind: 'imagestreamtag' })
  })
  it('without a tag writes nothing', () => {
    const plan = planStreamTagCreate(request({ tag: null }), tagged, env)
    assert.deepEqual([plan.changed, plan.next], [false, tagged])
  })
  it('needs a colon', () => {
    const error = refusal(() =>
      planStreamTagCreate(request({ metadata: { name: 'ruby' }, tag }), undefined, env),
    )
    assert.equal(error.message, '"ruby" must be of the form <stream_name>:<tag>')
    assert.equal(error.code, 400)
  })
  it('annotations of the tag must be those of the object', () => {
    const error = refusal(() =>
      planStreamTagCreate(request({ tag: { ...tag, annotations: { a: 'b' } } }), undefined, env),
    )
    assert.equal(
      error.message,
      'ImageStreamTag.image.openshift.io "ruby:t" is invalid: tag.annotations: Invalid value: "<map>": tag annotations must not be provided or must be equal to the object meta annotations',
    )
  })
  it('bad references are refused at tag', () => {
    const error = refusal(() =>
      planStreamTagCreate(request({ tag: fromDocker('', 'Bad::') }), undefined, env),
    )
    assert.match(
      error.message,
      /is invalid: tag\.from\.name: Invalid value: "Bad::": invalid reference format$/,
    )
  })
})

describe('planStreamTagUpdate', () => {
  const tag = fromDocker('ignored', 'quay.io/o/other')

  it('a blind PUT replaces the tag and its annotations', () => {
    const plan = planStreamTagUpdate(request({ metadata: { name: 'ruby:a' }, tag }), tagged, env)
    assert.equal(plan.created, false)
    const written = specTag(write(plan.next, tagged), 'a')
    assert.deepEqual(written, { ...tag, name: 'a', generation: 4 })
  })
  it('annotations of the object win over those of the tag', () => {
    const metadata = { name: 'ruby:a', annotations: { x: 'y' } }
    const plan = planStreamTagUpdate(
      request({ metadata, tag: { ...tag, annotations: { a: 'b' } } }),
      tagged,
      env,
    )
    assert.deepEqual(specTag(plan.next, 'a')?.annotations, { x: 'y' })
  })
  it('of a new tag is a creation', () => {
    assert.equal(planStreamTagUpdate(request({ tag }), tagged, env).created, true)
    const plan = planStreamTagUpdate(request({ tag }), undefined, env)
    assert.deepEqual([plan.created, plan.old], [true, undefined])
  })
  it('without a tag changes annotations alone', () => {
    const plan = planStreamTagUpdate(request({ metadata: { name: 'ruby:a' }, tag: null }), tagged, env)
    assert.deepEqual(specTag(plan.next, 'a'), { ...specTag(tagged, 'a'), annotations: null })
  })
  it('what GET returned can be sent back', () => {
    const plan = planStreamTagUpdate(storedStreamTag(tagged, 'p', 'ruby:a'), tagged, env)
    assert.deepEqual(write(plan.next, tagged), tagged)
  })

  const cases: [string, Partial<ImageStreamTag>, boolean, number, string][] = [
    [
      'a bad name',
      { metadata: { name: 'ruby' }, tag },
      true,
      400,
      'ImageStreamTags must be retrieved with <name>:<tag>',
    ],
    [
      'an old version',
      { metadata: { name: 'ruby:a', resourceVersion: '1' }, tag },
      true,
      409,
      'Operation cannot be fulfilled on imagestreamtags.image.openshift.io "ruby:a": another caller has updated the resource version to 7',
    ],
    [
      'a version of nothing',
      { metadata: { name: 'ruby:a', resourceVersion: '1' }, tag },
      false,
      404,
      'imagestreamtags.image.openshift.io "ruby:a" not found',
    ],
    [
      'no tag at all',
      { metadata: { name: 'ruby:pushed' }, tag: null },
      true,
      400,
      'imagestreamtag pushed is not a spec tag in imagestream p/ruby, cannot be updated',
    ],
    [
      'other labels',
      { metadata: { name: 'ruby:a', labels: { team: 'db' } }, tag },
      true,
      422,
      'ImageStreamTag.image.openshift.io "ruby:a" is invalid: metadata: Invalid value: "": may not update fields other than metadata.annotations',
    ],
    [
      'another uid',
      { metadata: { name: 'ruby:a', uid: 'x' }, tag },
      true,
      422,
      'ImageStreamTag.image.openshift.io "ruby:a" is invalid: [metadata.uid: Invalid value: "x": field is immutable, metadata: Invalid value: "": may not update fields other than metadata.annotations]',
    ],
  ]
  for (const [name, parts, exists, code, message] of cases) {
    it(`refuses ${name}`, () => {
      const error = refusal(() => planStreamTagUpdate(request(parts), exists ? tagged : undefined, env))
      assert.deepEqual([error.code, error.message], [code, message])
    })
  }
})

describe('planTagDelete', () => {
  it('takes spec and history away', () => {
    const written = write(planTagDelete(tagged, 'a', streamTagResource).next, tagged)
    assert.equal(specTag(written, 'a'), undefined)
    assert.deepEqual(summary(written), { pushed: 'b@1' })
    assert.equal(written.metadata.generation, 4)
  })
  it('of a pushed tag changes no generation', () => {
    const written = write(planTagDelete(tagged, 'pushed', streamTagResource).next, tagged)
    assert.deepEqual(summary(written), { a: 'a@2' })
    assert.equal(written.metadata.generation, 3)
  })
  it('refuses unknown tags and other uids', () => {
    assert.equal(
      refusal(() => planTagDelete(tagged, 'none', streamTagResource)).message,
      'imagestreamtags.image.openshift.io "ruby:none" not found',
    )
    assert.match(
      refusal(() => planTagDelete(tagged, 'a', streamTagResource, { uid: 'x' })).message,
      /"ruby:a": the UID precondition was not met$/,
    )
  })
})
