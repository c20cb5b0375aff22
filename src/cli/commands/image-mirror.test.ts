import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { matchesPattern } from '../registry/tag-pattern.ts'
import { runAgainst } from '../test-cli.ts'

const stderr = async (...args: string[]) => (await runAgainst(['image', 'mirror', ...args], [])).stderr

describe('image mirror', () => {
  it('takes * in a tag for any characters, and nothing else for a pattern', () => {
    assert.ok(matchesPattern('v1.2', 'v1*'))
    assert.ok(matchesPattern('v1.2', '*'))
    assert.ok(matchesPattern('v1.2-alpine', 'v*-alpine'))
    assert.ok(!matchesPattern('v1x2', 'v1.*'))
    assert.ok(!matchesPattern('xv1', 'v*'))
  })

  it('says what is wrong with what it is to copy', async () => {
    assert.equal(
      await stderr('r/a/b:v*', 'r/a/c:x'),
      'error: when source contains wildcards, the destination must be a repository\n',
    )
    assert.equal(await stderr('r/a/b', 'r/a/c:x'), await stderr('r/a/b:*', 'r/a/c:x'))
    assert.equal(await stderr('r/a/b:1', 'r/a/b:1'), 'error: SRC and DST may not be the same\n')
    assert.equal(
      await stderr('r.example/a/b:1=r.example/a/c:1', 'r.example/a/d:1=r.example/a/c:1'),
      'error: each destination tag may only be specified once: r.example/a/c:1\n',
    )
    assert.match(
      await stderr(),
      /^error: you must specify at least one source image to pull and the destination /,
    )
    assert.match(await stderr('r/a/b:1'), /^error: all arguments must be valid SRC=DST mappings, or /)
    assert.match(
      await stderr('r/a/b:1', `r/a/c@sha256:${'0'.repeat(64)}`),
      /^error: you must specify a tag for DST or /,
    )
  })
})
