import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { StreamObject } from '../resources/image-types.ts'
import { describeStream } from './stream.ts'

const now = new Date('2026-01-01T00:10:00Z')
const [first, second] = ['1', '2'].map((c) => `sha256:${c.repeat(64)}`) as [string, string]
const pull = (digest: string) => `docker.io/library/ruby@${digest}`

const ruby: StreamObject = {
  metadata: {
    name: 'ruby',
    namespace: 'demo',
    creationTimestamp: '2026-01-01T00:09:00Z',
    labels: { app: 'ruby' },
    annotations: { description: 'Ruby builder', 'openshift.io/display-name': 'Ruby' },
  },
  spec: {
    lookupPolicy: { local: true },
    tags: [
      {
        name: '2.0',
        generation: 2,
        from: { kind: 'DockerImage', name: 'docker.io/library/ruby:latest' },
        importPolicy: { insecure: true, scheduled: true },
        referencePolicy: { type: 'Local' },
        annotations: { description: 'Builds Ruby', tags: 'builder,ruby', supports: 'ruby' },
      },
      { name: 'latest', generation: 1, from: { kind: 'ImageStreamTag', name: '2.0' } },
      { name: 'stable', generation: 1, from: { kind: 'ImageStreamTag', name: 'ruby:2.0' } },
      { name: 'loop', generation: 1, from: { kind: 'ImageStreamTag', name: 'loop' }, reference: true },
    ],
  },
  status: {
    dockerImageRepository: 'registry:5000/demo/ruby',
    tags: [
      {
        tag: '2.0',
        items: [
          {
            created: '2026-01-01T00:08:00Z',
            dockerImageReference: pull(second),
            image: second,
            generation: 2,
          },
          {
            created: '2025-12-29T00:00:00Z',
            dockerImageReference: 'docker.io/library/ruby:1',
            image: first,
            generation: 1,
          },
        ],
        conditions: [
          {
            type: 'ImportSuccess',
            status: 'False',
            reason: 'NotFound',
            message: 'gone',
            lastTransitionTime: '2026-01-01T00:09:55Z',
          },
        ],
      },
      {
        tag: 'pushed',
        items: [{ created: '2026-01-01T00:09:59Z', dockerImageReference: pull(first), image: first }],
      },
    ],
  },
}

it('describes tags, their sources, failures and history', () => {
  assert.equal(
    describeStream(ruby, now),
    `Name:\t\t\truby
Namespace:\t\tdemo
Created:\t\tAbout a minute ago
Labels:\t\t\tapp=ruby
Description:\t\tRuby builder
Annotations:\t\topenshift.io/display-name=Ruby
Image Repository:\tregistry:5000/demo/ruby
Image Lookup:\t\tlocal=true
Unique Images:\t\t2
Tags:\t\t\t5

2.0 (latest, stable)
  updates automatically from registry docker.io/library/ruby:latest
    will use insecure HTTPS or HTTP connections
    prefer registry pullthrough when referencing this tag

  Builds Ruby
  Tags: builder, ruby
  Supports: ruby

  ! error: Import failed (NotFound): gone
      5 seconds ago
  * ${pull(second)}
      2 minutes ago
    docker.io/library/ruby:1
      3 days ago\t${first}

loop
  reference to loop


pushed
  no spec tag

  * ${pull(first)}
      1 second ago
`,
  )
})

it('a stream without tags ends there', () => {
  const text = describeStream(
    { metadata: { name: 'x' }, spec: { lookupPolicy: { local: false } }, status: {} },
    now,
  )
  assert.equal(
    text,
    'Name:\t\t\tx\nLabels:\t\t\t<none>\nAnnotations:\t\t<none>\nImage Repository:\t<none>\nImage Lookup:\t\tlocal=false\nTags:\t\t\t<none>\n',
  )
})

it('says when an import is under way, unless there is nothing to import', () => {
  const tag = (spec: object) =>
    describeStream({ metadata: { name: 'x' }, spec: { tags: [{ name: 't', generation: 3, ...spec }] } }, now)
  assert.match(tag({ from: { kind: 'DockerImage', name: 'a:1' } }), /~ importing latest image \.\.\./)
  assert.doesNotMatch(tag({}), /importing/)
  assert.match(tag({}), /tag without source image/)
  assert.doesNotMatch(tag({ reference: true, from: { kind: 'DockerImage', name: 'a:1' } }), /importing/)
})

it('shows control characters instead of sending them to the terminal', () => {
  const text = describeStream({ metadata: { name: 'x', annotations: { a: '\u001b[31mred' } } }, now)
  assert.match(text, /a=\^\[\[31mred/)
})
