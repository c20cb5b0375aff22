import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream, TagReference } from '../api/image/index.ts'
import { ApiError } from '../machinery/index.ts'
import {
  digest,
  env,
  event,
  fromDocker,
  fromImage,
  fromTag,
  generationsOf,
  history,
  nowText,
  stream,
  summary,
  write,
} from './stream-fixture.ts'
import { withSpecTag, withStatusTag } from './stream-tags.ts'
import { planStreamWrite } from './stream-write.ts'
import { createWhitelist } from './whitelist.ts'

function refusal(action: () => unknown): ApiError {
  try {
    action()
  } catch (error) {
    assert.ok(error instanceof ApiError, String(error))
    return error
  }
  throw new Error('nothing was refused')
}

function create(...tags: TagReference[]): ImageStream {
  return write(stream({ name: 'app', tags }), undefined, 'public')
}

describe('creating a stream', () => {
  it('discards the status and starts all generations at 1', () => {
    const body = stream({
      generation: 9,
      tags: [fromDocker('a', 'x/y', { generation: 7 })],
      histories: [history('z', event('a'))],
    })
    const made = write(body, undefined, 'public')
    assert.equal(made.metadata.generation, 1)
    assert.deepEqual(generationsOf(made), { a: 1 })
    assert.deepEqual(made.status, { dockerImageRepository: 'reg:5000/p/ruby' })
  })

  it('keeps the status that the server itself supplies', () => {
    const made = write(stream({ histories: [history('a', event('a'))] }), undefined, 'internal')
    assert.deepEqual(summary(made), { a: 'a@1' })
  })

  it('without an integrated registry the followed repository is told', () => {
    const outside = { ...env, internalRegistry: '', externalRegistries: ['ext:1', 'other'] }
    const made = write(stream({ repository: 'quay.io/a/b' }), undefined, 'public', {}, outside)
    assert.deepEqual(made.status, {
      dockerImageRepository: 'quay.io/a/b',
      publicDockerImageRepository: 'ext:1/p/ruby',
    })
  })

  it('a reference to a docker image becomes an event without an image', () => {
    const made = create(fromDocker('r', 'docker.io/no/such:image', { reference: true }))
    assert.deepEqual(made.status.tags, [
      history('r', {
        created: nowText,
        dockerImageReference: 'docker.io/no/such:image',
        image: '',
        generation: 1,
      }),
    ])
  })
})

describe('the worked example of image-api.md §7.6', () => {
  const start = stream({ generation: 4, histories: [history('2.0', event('a', 4))] })
  const pinned = write(withSpecTag(start, fromImage('static-2.0', `ruby@${digest('a')}`)), start)
  const aliased = write(withSpecTag(pinned, fromTag('latest', 'ruby:2.0')), pinned)

  it('a permanent tag', () => {
    assert.equal(pinned.metadata.generation, 5)
    assert.equal(summary(pinned)['static-2.0'], 'a@5')
  })
  it('an alias keeps the time of its source, and the source takes the generation', () => {
    assert.equal(aliased.metadata.generation, 6)
    assert.deepEqual(summary(aliased), { '2.0': 'a@6', 'static-2.0': 'a@5', latest: 'a@6' })
    const latest = aliased.status.tags?.find(({ tag }) => tag === 'latest')?.items?.[0]
    assert.equal(latest?.created, event('a').created)
  })
})

describe('updating a stream', () => {
  const old = stream({
    name: 'ch',
    generation: 4,
    tags: [
      fromImage('a', `ruby@${digest('a')}`, { generation: 2 }),
      fromTag('b', 'ch:a', { generation: 3 }),
      fromTag('c', 'ch:b', { generation: 4 }),
    ],
    histories: [history('a', event('a', 3)), history('b', event('a', 4)), history('c', event('a', 4))],
  })
  const ruby = stream({ histories: [history('x', event('b')), history('y', event('a'))] })
  const facts = { streams: new Map([['p/ruby', { kind: 'found' as const, stream: ruby }]]) }

  it('moves followers one level', () => {
    const moved = write(withSpecTag(old, fromImage('a', `ruby@${digest('b')}`)), old, 'internal', facts)
    assert.deepEqual(summary(moved), { a: 'b@5 a@3', b: 'b@5 a@4', c: 'a@4' })
  })

  it('an identical reference is not resolved again', () => {
    const same = withSpecTag(old, fromImage('a', `ruby@${digest('a')}`))
    assert.deepEqual(planStreamWrite(same, old, 'internal', env).streams, [])
    assert.deepEqual(write(same, old), old)
  })

  it('a public update keeps the stored status; taking the spec tag away keeps the history', () => {
    const next = stream({ name: 'ch', generation: 4, tags: [], histories: [] })
    const written = write(next, old, 'public')
    assert.equal(written.spec.tags, undefined)
    assert.deepEqual(summary(written), summary(old))
    assert.equal(written.metadata.generation, 5)
  })

  it('drops histories that say nothing', () => {
    const next = withStatusTag(old, history('empty'))
    assert.deepEqual(summary(write(next, old)), summary(old))
  })

  it('a status update restores tags and repository, and takes lookup policy and labels', () => {
    const next = stream({
      name: 'ch',
      generation: 9,
      labels: { a: 'b' },
      tags: [fromDocker('new', 'x/y')],
      repository: 'quay.io/a/b',
      histories: [history('a', event('b', 0))],
    })
    const written = write({ ...next, spec: { ...next.spec, lookupPolicy: { local: true } } }, old, 'status')
    assert.deepEqual(written.spec, { lookupPolicy: { local: true }, tags: old.spec.tags })
    assert.deepEqual(written.metadata.labels, { a: 'b' })
    assert.equal(written.metadata.generation, 4)
    assert.deepEqual(summary(written), { a: 'b@2' })
  })

  it('a tag that points at itself without a history gets none', () => {
    const next = write(withSpecTag(stream(), fromTag('loop', 'ruby:loop')), stream())
    assert.deepEqual(summary(next), {})
  })
})

describe('tags of other streams', () => {
  const abroad = { kind: 'ImageStreamTag', namespace: 'other', name: 'src:1' }
  const next = stream({ name: 'app', tags: [{ ...fromTag('t', ''), from: abroad }] })
  const source = (reference: string): ImageStream => {
    const found = stream({
      name: 'src',
      histories: [history('1', { ...event('a'), dockerImageReference: reference })],
    })
    return { ...found, metadata: { ...found.metadata, namespace: 'other' } }
  }
  const facts = (reference: string, allowed: boolean) => ({
    reviews: new Map([['other/src', { allowed }]]),
    streams: new Map([['other/src', { kind: 'found' as const, stream: source(reference) }]]),
  })

  it('are asked for', () => {
    const plan = planStreamWrite(next, undefined, 'public', env)
    assert.deepEqual(plan.reviews, [{ namespace: 'other', name: 'src' }])
    assert.deepEqual(plan.streams, [{ namespace: 'other', name: 'src' }])
    assert.equal(plan.wantsLimits, true)
  })

  it('another stream of the namespace is read without a review', () => {
    const plan = planStreamWrite(stream({ tags: [fromTag('t', 'src:1')] }), undefined, 'public', env)
    assert.deepEqual([plan.reviews, plan.streams], [[], [{ namespace: 'p', name: 'src' }]])
  })

  it('in the integrated registry they are pulled through this stream from now on', () => {
    const made = write(next, undefined, 'public', facts(`reg:5000/other/src@${digest('a')}`, true))
    const { dockerImageReference } = made.status.tags?.[0]?.items?.[0] ?? {}
    assert.equal(dockerImageReference, `reg:5000/p/app@${digest('a')}`)
  })

  it('a reference keeps the source’s own address', () => {
    const tags = [{ ...fromTag('t', ''), from: abroad, reference: true }]
    const made = write(
      stream({ name: 'app', tags }),
      undefined,
      'public',
      facts(`reg:5000/other/src@${digest('a')}`, true),
    )
    const { dockerImageReference } = made.status.tags?.[0]?.items?.[0] ?? {}
    assert.equal(dockerImageReference, `reg:5000/other/src@${digest('a')}`)
  })

  it('may be forbidden', () => {
    const error = refusal(() => write(next, undefined, 'public', facts('quay.io/a/b', false)))
    const nested =
      'Internal error: imagestreams "app" is invalid: spec.tags[t].from: Forbidden: other/src: "" ""'
    assert.equal(error.message, `ImageStream.image.openshift.io "app" is invalid: []: ${nested}`)
    assert.deepEqual(error.details?.causes, [{ reason: 'InternalError', message: nested, field: '[]' }])
  })

  it('without an answer they are forbidden', () => {
    assert.equal(refusal(() => write(next, undefined, 'public')).reason, 'Invalid')
  })
})

describe('refusals', () => {
  const badForm = 'must be of the form <tag>, <repo>:<tag>, <id>, or <repo>@<id>'
  const prefix = 'ImageStream.image.openshift.io "app" is invalid: '
  const wrapped = (text: string): string => `[]: Internal error: imagestreams "app" is invalid: ${text}`
  const unknown = { ...fromTag('t', 'a/b'), from: { kind: 'Foo', name: 'a/b' } }
  const kinds =
    "spec.tags[t].from.kind: Required value: valid values are 'DockerImage', 'ImageStreamImage', 'ImageStreamTag'"
  const cases: [string, TagReference, string][] = [
    [
      'unknown kind',
      unknown,
      `[${wrapped(`spec.tags[t].from.name: Invalid value: "a/b": ${badForm}`)}, ${kinds}]`,
    ],
    [
      'no name',
      fromDocker('t', ''),
      `[${wrapped(`spec.tags[t].from.name: Invalid value: "": ${badForm}`)}, spec.tags[t].from.name: Required value]`,
    ],
    [
      'three parts',
      fromTag('t', 'a:b:c'),
      wrapped(`spec.tags[t].from.name: Invalid value: "a:b:c": ${badForm}`),
    ],
    ['missing stream', fromTag('t', 'nope:1'), wrapped('spec.tags[t].from.name: Not found: "nope:1"')],
    [
      'unknown image',
      fromImage('t', 'noat'),
      wrapped(
        'spec.tags[t].from.name: Invalid value: "noat": error generating tag event: imagestreamimage.image.openshift.io "noat" not found',
      ),
    ],
    [
      'bad reference',
      fromDocker('t', 'Bad Ref:::'),
      'spec.tags[t].from.name: Invalid value: "Bad Ref:::": invalid reference format',
    ],
    [
      'a scheduled alias',
      fromTag('t', 'app:x', { importPolicy: { scheduled: true } }),
      'spec.tags[t].importPolicy.scheduled: Invalid value: true: only tags pointing to Docker repositories may be scheduled for background import',
    ],
    [
      'a bad reference policy',
      fromDocker('t', 'a/b', { referencePolicy: { type: 'Wrong' } }),
      'spec.tags[t].referencePolicy.type: Invalid value: "Wrong": valid values are "Source", "Local"',
    ],
    [
      'a bad import mode',
      fromDocker('t', 'a/b', { importPolicy: { importMode: 'Wrong' } }),
      "spec.tags[t].importPolicy.importMode: Invalid value: \"Wrong\": invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'",
    ],
  ]
  for (const [name, tag, text] of cases) {
    it(name, () => assert.equal(refusal(() => create(tag)).message, `${prefix}${text}`))
  }

  it('several images of one beginning', () => {
    const images = [`sha256:ab${'0'.repeat(62)}`, `sha256:ab${'1'.repeat(62)}`]
    const items = images.map((image) => ({ ...event('a'), image }))
    const old = stream({ name: 'app', histories: [history('x', ...items)] })
    const error = refusal(() => write(withSpecTag(old, fromImage('t', 'ab')), old))
    assert.match(error.message, /multiple images match the prefix "ab": sha256:ab0+, sha256:ab1+/)
  })

  it('repositories with tags, ids, or none', () => {
    const field = 'spec.dockerImageRepository: Invalid value: '
    const texts: [string, string][] = [
      ['Bad Repo!!', 'invalid reference format'],
      ['docker.io/a/b:tag', 'the repository name may not contain a tag'],
      [`docker.io/a/b@${digest('a')}`, 'the repository name may not contain an ID'],
    ]
    for (const [repository, detail] of texts) {
      const error = refusal(() => write(stream({ name: 'app', repository }), undefined, 'public'))
      assert.equal(error.message, `${prefix}${field}"${repository}": ${detail}`)
    }
  })

  it('names', () => {
    assert.equal(
      refusal(() => write(stream({ name: 'Bad_Dest' }), undefined)).message,
      'ImageStream.image.openshift.io "Bad_Dest" is invalid: metadata.name: Invalid value: "Bad_Dest": must match "[a-z0-9]+(?:[._-][a-z0-9]+)*"',
    )
    assert.match(
      refusal(() => write(stream({ name: 'a'.repeat(254) }), undefined)).message,
      /'namespace\/name' cannot be longer than 255 characters/,
    )
  })

  it('immutable metadata', () => {
    const old = stream()
    const next = { ...old, metadata: { ...old.metadata, uid: 'other' } }
    assert.match(
      refusal(() => write(next, old, 'public')).message,
      /metadata.uid: Invalid value: "other": field is immutable/,
    )
  })
})

describe('allowed registries', () => {
  const strict = { ...env, whitelist: createWhitelist([{ domainName: 'quay.io' }], 'reg:5000') }
  const far = fromDocker('t', 'docker.io/a/b')
  const allowed = '"quay.io:443", "reg:5000"'

  it('refuse new tags from elsewhere', () => {
    const error = refusal(() => write(stream({ name: 'app', tags: [far] }), undefined, 'public', {}, strict))
    assert.equal(
      error.message,
      `ImageStream.image.openshift.io "app" is invalid: spec.tags[t].from.name: Forbidden: registry "docker.io" not allowed by whitelist: ${allowed}`,
    )
  })
  it('never block what was there before', () => {
    const old = stream({ tags: [{ ...far, generation: 1 }] })
    const next = withSpecTag(old, fromDocker('u', 'docker.io/a/b:other'))
    assert.deepEqual(generationsOf(write(next, old, 'public', {}, strict)), { t: 1, u: 2 })
  })
  it('of a status update only what is new is looked at', () => {
    const foreign = { ...event('a'), dockerImageReference: `evil.io/a/b@${digest('a')}` }
    const old = stream({ histories: [history('a', foreign)] })
    assert.deepEqual(summary(write(old, old, 'status', {}, strict)), { a: 'a@1' })
    const next = withStatusTag(old, history('b', { ...foreign, dockerImageReference: 'other.io/a/b' }))
    assert.match(
      refusal(() => write(next, old, 'status', {}, strict)).message,
      /status\.tags\[b\]\.items\[0\]\.dockerImageReference: Forbidden: registry "other\.io" not allowed/,
    )
  })
})

describe('limits', () => {
  const limits = [
    {
      metadata: {},
      spec: {
        limits: [
          {
            type: 'openshift.io/ImageStream',
            max: { 'openshift.io/images': '1', 'openshift.io/image-tags': '1' },
          },
        ],
      },
    },
  ]
  const tags = [fromDocker('a', 'x/a'), fromDocker('b', 'x/b')]
  const histories = [history('a', event('a')), history('b', event('b'))]
  const both =
    'ImageStream.image.openshift.io "ruby" is forbidden: [requested usage of openshift.io/image-tags exceeds the maximum limit per openshift.io/ImageStream (2 > 1), requested usage of openshift.io/images exceeds the maximum limit per openshift.io/ImageStream (2 > 1)]'

  it('refuse spec writes at the empty path', () => {
    const error = refusal(() => write(stream({ tags, histories }), undefined, 'internal', { limits }))
    assert.equal(
      error.message,
      `ImageStream.image.openshift.io "ruby" is invalid: []: Internal error: ${both}`,
    )
    assert.deepEqual(error.details?.causes, [
      { reason: 'InternalError', message: `Internal error: ${both}`, field: '[]' },
    ])
  })
  it('refuse status writes at imageStream', () => {
    const old = stream({ histories: [history('a', event('a'))] })
    const error = refusal(() => write(stream({ histories }), old, 'status', { limits }))
    assert.match(
      error.message,
      /is invalid: imageStream: Forbidden: ImageStream\.image\.openshift\.io "ruby" is forbidden: requested usage of openshift\.io\/images/,
    )
  })
  it('let be what was too much before', () => {
    const old = stream({ tags: tags.map((tag) => ({ ...tag, generation: 1 })), histories })
    const next = { ...old, metadata: { ...old.metadata, labels: { a: 'b' } } }
    assert.deepEqual(write(next, old, 'public', { limits }).metadata.labels, { a: 'b' })
  })
})
