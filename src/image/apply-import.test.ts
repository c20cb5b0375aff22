import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  canonicalImageStreamImport,
  type Image,
  type ImageImportStatus,
  type ImageStream,
  type ImageStreamImport,
  repositoryCheckAnnotation,
} from '../api/image/index.ts'
import { forbidden } from '../machinery/index.ts'
import { applyImport, applyImportRefusal, imagesToStore, isLimitRefusal } from './apply-import.ts'
import { imageNotFoundStatus, repositoryStatus, successStatus } from './import-status.ts'
import {
  digest,
  env,
  event,
  fromDocker,
  fromTag,
  generationsOf,
  history,
  nowText,
  stream,
  summary,
  write,
} from './stream-fixture.ts'
import { specTag, statusTag } from './stream-tags.ts'

const earlier = '2024-05-05T00:00:00Z'
const annotations = { [repositoryCheckAnnotation]: earlier }

function found(letter: string, tag: string, manifests?: Image[]): ImageImportStatus {
  const image: Image = {
    metadata: { name: digest(letter) },
    dockerImageReference: `quay.io/o/app@${digest(letter)}`,
    dockerImageMetadata: {},
    dockerImageMetadataVersion: '1.0',
  }
  return { status: successStatus, image, tag, ...(manifests === undefined ? {} : { manifests }) }
}

function failed(tag: string): ImageImportStatus {
  return { status: imageNotFoundStatus(`quay.io/o/app:${tag}`), tag }
}

function request(results: ImageImportStatus[], more: object = {}): ImageStreamImport {
  const images = results.map(({ tag }) => ({
    from: { kind: 'DockerImage', name: `quay.io/o/app:${tag}` },
    ...more,
  }))
  return canonicalImageStreamImport({
    metadata: { name: 'ruby', namespace: 'p' },
    spec: { import: true, images },
    status: { images: results },
  } as ImageStreamImport)
}

function imported(old: ImageStream | undefined, made: ImageStreamImport): ImageStream {
  const { stream: next, changed } = applyImport(old, made, env.now)
  return changed ? write(next, old) : next
}

const checked = (of: ImageStream): string | undefined => of.metadata.annotations?.[repositoryCheckAnnotation]
const failure = (of: ImageStream, tag: string) => statusTag(of, tag)?.conditions?.[0]

describe('an import into a new stream', () => {
  it('of one good and one missing image (import.md §2.4)', () => {
    const made = imported(undefined, request([found('a', 'ok'), failed('bad')]))
    assert.equal(made.metadata.generation, 1)
    assert.deepEqual(generationsOf(made), { bad: 1, ok: 1 })
    assert.deepEqual(summary(made), { bad: '', ok: 'a@1' })
    assert.deepEqual(failure(made, 'bad'), {
      type: 'ImportSuccess',
      status: 'False',
      lastTransitionTime: nowText,
      reason: 'NotFound',
      message: 'dockerimage.image.openshift.io "quay.io/o/app:bad" not found',
      generation: 1,
    })
    assert.equal(checked(made), nowText)
    assert.deepEqual(imported(made, request([found('a', 'ok'), failed('bad')])), made)
  })
  it('that fails leaves the stream behind', () => {
    const made = imported(undefined, request([failed('bad')]))
    assert.deepEqual([summary(made), checked(made)], [{ bad: '' }, nowText])
  })
  it('of a repository makes spec tags for what succeeded only', () => {
    const images = [found('a', 'ok'), failed('bad')]
    const made = imported(
      undefined,
      canonicalImageStreamImport({
        metadata: { name: 'ruby', namespace: 'p' },
        spec: { import: true, repository: { from: { kind: 'DockerImage', name: 'quay.io/o/app' } } },
        status: { repository: { status: repositoryStatus(images), images } },
      } as unknown as ImageStreamImport),
    )
    assert.deepEqual(generationsOf(made), { ok: 1 })
    assert.equal(specTag(made, 'ok')?.from?.name, 'quay.io/o/app:ok')
    assert.deepEqual(summary(made), { bad: '', ok: 'a@1' })
  })
})

describe('an import into a stream', () => {
  const tag = fromDocker('t', 'quay.io/o/app:t', {
    generation: 3,
    annotations: { k: 'v' },
    referencePolicy: { type: 'Local' },
  })
  const old = stream({ generation: 4, annotations, tags: [tag], histories: [history('t', event('a', 3))] })

  it('of the same image writes nothing', () => {
    assert.deepEqual(applyImport(old, request([found('a', 't')]), env.now), {
      stream: old,
      changed: false,
      held: [],
    })
  })
  it('without the annotation writes it', () => {
    const bare = stream({ generation: 4, tags: [tag], histories: [history('t', event('a', 3))] })
    const made = imported(bare, request([found('a', 't')]))
    assert.deepEqual([checked(made), made.metadata.generation], [nowText, 4])
  })
  it('of another image prepends it, keeping annotations and reference policy', () => {
    const made = imported(old, request([found('b', 't')], { importPolicy: { insecure: true } }))
    assert.deepEqual(summary(made), { t: 'b@5 a@3' })
    assert.deepEqual(specTag(made, 't'), {
      ...tag,
      generation: 5,
      importPolicy: { insecure: true, importMode: 'Legacy' },
    })
    assert.equal(checked(made), nowText)
  })
  it('after a reset moves the generation and keeps the time', () => {
    const reset = write({ ...old, spec: { ...old.spec, tags: [{ ...tag, generation: 0 }] } }, old, 'public')
    assert.deepEqual(generationsOf(reset), { t: 5 })
    const made = imported(reset, request([found('a', 't')]))
    assert.deepEqual([summary(made), generationsOf(made)], [{ t: 'a@6' }, { t: 6 }])
    assert.equal(statusTag(made, 't')?.items?.[0]?.created, event('a').created)
  })
  it('that fails keeps the history and says why', () => {
    const made = imported(old, request([failed('t')]))
    assert.deepEqual([summary(made), generationsOf(made)], [{ t: 'a@3' }, { t: 5 }])
    assert.equal(failure(made, 't')?.generation, 5)
    const again = applyImport(made, request([failed('t')]), new Date('2025-01-01T00:00:00Z'))
    assert.deepEqual(again, { stream: made, changed: false, held: [] })
  })
  it('that succeeds after a failure forgets it', () => {
    const broken = imported(old, request([failed('t')]))
    const made = imported(broken, request([found('a', 't')]))
    assert.deepEqual([summary(made), failure(made, 't')], [{ t: 'a@6' }, undefined])
  })
  it('takes all tags that wait to one generation', () => {
    const waiting = stream({
      generation: 5,
      annotations,
      tags: [
        fromDocker('a', 'quay.io/o/app:a', { generation: 1 }),
        fromDocker('b', 'quay.io/o/app:b', { generation: 5 }),
      ],
    })
    assert.deepEqual(generationsOf(imported(waiting, request([found('a', 'a'), found('b', 'b')]))), {
      a: 6,
      b: 6,
    })
  })
  it('moves followers', () => {
    const followed = stream({
      generation: 4,
      annotations,
      tags: [tag, fromTag('latest', 't', { generation: 2 })],
      histories: [history('t', event('a', 3)), history('latest', event('a', 3))],
    })
    assert.deepEqual(summary(imported(followed, request([found('b', 't')]))), {
      latest: 'b@5 a@3',
      t: 'b@5 a@3',
    })
  })
  it('over a push prepends', () => {
    const pushed = stream({
      generation: 4,
      annotations,
      tags: [tag],
      histories: [history('t', event('b', 4), event('a', 3))],
    })
    assert.deepEqual(summary(imported(pushed, request([found('a', 't')]))), { t: 'a@5 b@4 a@3' })
  })
  it('without a target is told and not tagged', () => {
    const made = request([found('c', 't')])
    const untagged = {
      ...made,
      spec: { ...made.spec, images: made.spec.images?.map(({ to, ...rest }) => rest) ?? [] },
    }
    assert.equal(applyImport(old, untagged, env.now).changed, false)
    assert.deepEqual(imagesToStore(untagged), [])
  })
})

it('imagesToStore puts parts before their list, and each image once', () => {
  const child = found('c', '').image as Image
  const names = imagesToStore(request([found('a', 'x', [child]), found('a', 'y', [child]), failed('z')])).map(
    ({ metadata }) => metadata.name,
  )
  assert.deepEqual(names, [digest('c'), digest('a')])
})

describe('an import that limits refuse', () => {
  const error = forbidden(
    { group: 'image.openshift.io', resource: 'ImageStream' },
    'ruby',
    'requested usage of openshift.io/images exceeds the maximum limit per openshift.io/ImageStream (3 > 2)',
  )

  it('is told by its message', () => {
    assert.ok(isLimitRefusal(error))
    assert.ok(!isLimitRefusal(forbidden({ group: '', resource: 'x' }, 'y', 'no')))
  })
  it('leaves conditions on the tags that would have been new', () => {
    const old = stream({
      generation: 4,
      tags: [fromDocker('a', 'x/a', { generation: 1 })],
      histories: [history('a', event('a'))],
    })
    const refused = stream({ histories: [history('a', event('b')), history('n', event('c'))] })
    const made = write(applyImportRefusal(old, refused, error, env.now), old, 'status')
    assert.deepEqual(made.spec, old.spec)
    assert.deepEqual(summary(made), { a: 'a@1', n: '' })
    assert.deepEqual(failure(made, 'n'), {
      type: 'ImportSuccess',
      status: 'False',
      lastTransitionTime: nowText,
      reason: 'Forbidden',
      message: error.message,
      generation: 5,
    })
    assert.equal(made.metadata.annotations, undefined)
  })
})
