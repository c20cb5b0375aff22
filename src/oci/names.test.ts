import assert from 'node:assert/strict'
import { it } from 'node:test'
import { parseRepositoryName } from './repository-name.ts'
import { parseTagName } from './tag-name.ts'

it('parseRepositoryName follows A-1', () => {
  for (const name of ['a', 'a/b', 'a/b/c', 'a.b_c__d-e--f/0', 'a'.repeat(255)]) {
    assert.equal(parseRepositoryName(name), name)
  }
  for (const name of ['', 'A', 'a/', '/a', 'a//b', 'a___b', 'a..b', '-a', 'a-', 'a b', 'a'.repeat(256)]) {
    assert.equal(parseRepositoryName(name), undefined, name)
  }
})

it('parseTagName follows A-2', () => {
  for (const name of ['a', '_', 'A.b-c_1', 'x'.repeat(128)]) assert.equal(parseTagName(name), name)
  for (const name of ['', '.a', '-a', 'a b', 'a:b', 'x'.repeat(129)]) {
    assert.equal(parseTagName(name), undefined, name)
  }
})
