import assert from 'node:assert/strict'
import { it } from 'node:test'
import { matchesImage, parseStreamImageName, parseStreamTagName, splitStreamTagName } from './virtual-name.ts'

it('names of stream tags, strict', () => {
  assert.deepEqual(parseStreamTagName('a:b'), { stream: 'a', tag: 'b' })
  for (const name of ['a', 'a:', ':b', 'a:b:c', 'a@b', 'a:b@c', '']) {
    assert.equal(parseStreamTagName(name), undefined, name)
  }
})

it('names of stream tags, loose', () => {
  assert.deepEqual(splitStreamTagName('a:b:c'), { stream: 'a', tag: 'b:c', hasTag: true })
  assert.deepEqual(splitStreamTagName('a:'), { stream: 'a', tag: 'latest', hasTag: true })
  assert.deepEqual(splitStreamTagName('a'), { stream: 'a', tag: 'latest', hasTag: false })
})

it('names of stream images', () => {
  assert.deepEqual(parseStreamImageName('a@sha256:b'), { stream: 'a', id: 'sha256:b' })
  for (const name of ['a', 'a@', '@b', 'a@b@c']) assert.equal(parseStreamImageName(name), undefined, name)
})

it('a digest matches by its beginning, with or without algorithm', () => {
  const image = `sha256:3a335d7${'0'.repeat(57)}`
  for (const wanted of ['3a335d7', 'sha256:3a335d7', image, 'sha256:']) assert.ok(matchesImage(image, wanted))
  for (const wanted of ['a335d7', 'sha256:a', '3a335d8']) assert.ok(!matchesImage(image, wanted))
  assert.ok(matchesImage('plain', 'pla'))
  assert.ok(!matchesImage('x:plain', 'pla'))
})
