import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageReference } from '../oci/index.ts'
import { parseReference, withClientDefaults } from '../oci/index.ts'
import { blockedRegistry, planPlaces, toRepository, wantedPart } from './locate.ts'
import { noRegistrySources } from './types.ts'

const digest = `sha256:${'a'.repeat(64)}`
const parse = (text: string) => parseReference(text) as ImageReference

describe('references on the wire', () => {
  const table: [string, string, string][] = [
    ['busybox', 'docker.io', 'library/busybox'],
    ['a/c', 'docker.io', 'a/c'],
    ['127.0.0.1:15100/a/b', '127.0.0.1:15100', 'a/b'],
    ['quay.io/a/b/c:v1', 'quay.io', 'a/b/c'],
    [`quay.io/a/b@${digest}`, 'quay.io', 'a/b'],
    ['localhost:5000/app', 'localhost:5000', 'app'],
  ]
  for (const [text, registry, name] of table) {
    it(text, () => assert.deepEqual(toRepository(parse(text)), { registry, name }))
  }
  it('a digest wins over a tag', () => {
    assert.deepEqual(wantedPart(parse(`a/b:v1@${digest}`)), { by: 'digest', value: digest })
    assert.deepEqual(wantedPart(parse('a/b')), { by: 'tag', value: 'latest' })
  })
})

describe('planPlaces()', () => {
  const entry = {
    source: 'quay.io/org',
    mirrors: ['mirror.test/org'],
    use: 'digest',
    neverSource: true,
  } as const
  const sources = { ...noRegistrySources, mirrors: [entry], insecure: ['mirror.test'] }
  it('asks mirrors first and the original last, whatever NeverContactSource says', () => {
    const places = planPlaces(parse(`quay.io/org/app@${digest}`), 'digest', false, sources)
    assert.deepEqual(places, [
      { repository: { registry: 'mirror.test', name: 'org/app' }, isMirror: true, insecure: true },
      { repository: { registry: 'quay.io', name: 'org/app' }, isMirror: false, insecure: false },
    ])
  })
  it('the insecure flag of the tag is not the mirror’s', () => {
    const places = planPlaces(parse(`quay.io/org/app@${digest}`), 'digest', true, {
      ...sources,
      insecure: [],
    })
    assert.deepEqual(
      places.map(({ insecure }) => insecure),
      [false, true],
    )
  })
  it('blocks registries without mirrors', () => {
    const blocked = { ...sources, blocked: ['quay.io', 'docker.io'] }
    const ask = (text: string, by: 'tag' | 'digest') =>
      blockedRegistry(parse(text), withClientDefaults(parse(text)), by, blocked)
    assert.equal(ask(`quay.io/org/app@${digest}`, 'digest'), undefined)
    assert.equal(ask('quay.io/org/app:v1', 'tag'), 'quay.io')
    assert.equal(ask('busybox', 'tag'), 'docker.io')
    assert.equal(ask('other.test/x', 'tag'), undefined)
  })
})
