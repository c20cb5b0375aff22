import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { StreamObject } from '../resources/image-types.ts'
import { chooseMatch, isBuilder, type Match, matchName } from './match.ts'
import { parseStreamTerm, scoreName, searchStreams, searchSupporting } from './search-streams.ts'

const stream = (
  name: string,
  tags: Record<string, { annotations?: object; from?: object; image?: string }>,
) =>
  ({
    metadata: { name, namespace: 'demo' },
    spec: {
      tags: Object.entries(tags).map(([tag, { annotations, from }]) => ({ name: tag, annotations, from })),
    },
    status: {
      tags: Object.entries(tags).map(([tag, { image }]) => ({
        tag,
        items: image === undefined ? null : [{ image }],
      })),
    },
  }) as StreamObject

const search = (term: string, streams: StreamObject[], allowMissingTags = false) => {
  const asked = parseStreamTerm(term)
  return asked === undefined ? [] : searchStreams(streams, asked, { allowMissingTags })
}
const names = (matches: readonly Match[]) => matches.map((match) => `${matchName(match)} ${match.score}`)
const choose = (term: string, ...streams: StreamObject[]) =>
  chooseMatch([{ weight: 0, matches: search(term, streams) }]).kind

describe('searching streams', () => {
  it('scores names by how near they are', () => {
    const asked = (name: string) => scoreName('ruby', name)
    assert.deepEqual(['ruby', 'Ruby', 'ruby-20', 'RUBY-20', 'my-ruby', 'My-Ruby', 'rub'].map(asked), [
      0,
      0.02,
      0.1,
      0.12,
      0.2,
      0.22,
      undefined,
    ])
    assert.equal(scoreName('*', 'anything'), 0)
  })

  it('takes latest, and the tag that latest stands for', () => {
    const own = { image: 'sha256:1' }
    assert.deepEqual(names(search('ruby', [stream('ruby', { latest: own })])), ['demo/ruby:latest 0'])
    const follows = { ...own, from: { kind: 'ImageStreamTag', name: '2.0' } }
    assert.deepEqual(names(search('ruby', [stream('ruby', { latest: follows, '2.0': own })])), [
      'demo/ruby:2.0 0',
    ])
    assert.deepEqual(names(search('ruby:latest', [stream('ruby', { latest: follows, '2.0': own })])), [
      'demo/ruby:latest 0',
    ])
  })

  it('offers other tags only in part, and hidden ones never', () => {
    const hidden = { image: 'sha256:1', annotations: { tags: 'builder,hidden' } }
    const ruby = stream('ruby', { latest: hidden, '2.0': { image: 'sha256:2' }, '1.9': hidden })
    assert.deepEqual(names(search('ruby', [ruby])), ['demo/ruby:2.0 0.5'])
    assert.deepEqual(names(search('ruby:1.9', [ruby])), ['demo/ruby:1.9 0'])
    assert.equal(choose('ruby', ruby), 'partial')
  })

  it('knows no streams in registries', () => assert.equal(parseStreamTerm('quay.io/demo/ruby'), undefined))

  it('takes a tag without an image when told to', () => {
    const empty = stream('ruby', { latest: {} })
    assert.equal(choose('ruby', empty), 'noTags')
    assert.deepEqual(names(search('ruby', [empty], true)), ['demo/ruby:latest 0'])
  })

  it('finds tags by the languages that they support', () => {
    const streams = [
      stream('one', { latest: { image: 'a', annotations: { supports: 'ruby:2.0,ruby' } } }),
      stream('two', { latest: { image: 'b', annotations: { supports: 'ruby:1.9' } } }),
      stream('three', { latest: { annotations: { supports: 'ruby' } } }),
    ]
    assert.deepEqual(names(searchSupporting(streams, 'ruby')), ['demo/one:latest 0', 'demo/two:latest 0.5'])
  })
})

describe('choosing a match', () => {
  const at = (score: number, name = 'x'): Match => ({
    kind: 'container',
    score,
    reference: name,
    image: { metadata: {} },
  })

  it('takes the exact one of the first group that has exactly one', () => {
    const choice = chooseMatch([
      { weight: 0, matches: [at(0, 'a'), at(0.1, 'b')] },
      { weight: 2, matches: [at(0, 'c')] },
    ])
    assert.deepEqual(choice, { kind: 'match', match: at(0, 'a') })
  })

  it('tells several from one in part and from none', () => {
    assert.equal(chooseMatch([]).kind, 'none')
    assert.equal(chooseMatch([{ weight: 0, matches: [at(0.5), at(0.5)] }]).kind, 'several')
    assert.equal(chooseMatch([{ weight: 0, matches: [at(0), at(0)] }]).kind, 'several')
    assert.equal(chooseMatch([{ weight: 0, matches: [at(0.1), at(0.5)] }]).kind, 'partial')
    assert.equal(
      chooseMatch([
        { weight: 2, matches: [at(0.1)] },
        { weight: 0, matches: [at(0.2)] },
      ]).kind,
      'several',
    )
  })

  it('knows a builder by label, variable or annotation', () => {
    const image = (config: object): Match => ({
      ...at(0),
      image: { metadata: {}, dockerImageMetadata: { Config: config } },
    })
    assert.ok(isBuilder(image({ Labels: { 'io.openshift.s2i.scripts-url': 'image:///x' } })))
    assert.ok(isBuilder(image({ Env: ['STI_SCRIPTS_URL=x'] })))
    assert.ok(!isBuilder(image({ Env: ['OTHER=STI_SCRIPTS_URL'] })))
  })
})
