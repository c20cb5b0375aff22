import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { gitEnvironment, isGitRef, isInnerPath, parseGitAddress, parseGitCommit } from './git-source.ts'

describe('parseGitAddress', () => {
  it('knows URLs, the short form of ssh and folders', () => {
    const remote = (uri: string) => {
      const address = parseGitAddress(uri)
      return address.kind === 'remote' ? `${address.protocol} ${address.host} ${address.port}` : address.kind
    }
    assert.equal(remote('https://example.com/x.git'), 'https example.com 443')
    assert.equal(remote('http://[::1]:8080/x.git'), 'http ::1 8080')
    assert.equal(remote('git@example.com:team/x.git'), 'ssh example.com 22')
    assert.equal(remote('ssh://git@example.com:2222/x'), 'ssh example.com 2222')
    assert.deepEqual(parseGitAddress('file:///srv/x%20y'), {
      kind: 'local',
      uri: 'file:///srv/x%20y',
      path: '/srv/x y',
    })
  })

  for (const uri of [
    '--upload-pack=touch /tmp/x',
    '-u:x',
    'ext::sh -c true',
    'ext::true',
    '/etc',
    '../x',
    'x.git',
    'https://',
    'ftp://example.com/x',
    'https://example.com/a\nb',
    'file://host/x',
  ]) {
    it(`refuses ${JSON.stringify(uri)}`, () => assert.equal(parseGitAddress(uri).kind, 'refused'))
  }
})

describe('isGitRef', () => {
  it('takes branches, tags and commits, no options and no expressions', () => {
    for (const ref of ['main', 'v1.0', 'feature/x', 'refs/pull/1/head', 'a'.repeat(40)])
      assert(isGitRef(ref), ref)
    for (const ref of ['--x', '-f', 'a..b', 'HEAD@{1}', 'a b', '', ':x', 'a:b']) assert(!isGitRef(ref), ref)
  })
})

describe('isInnerPath', () => {
  it('keeps inside', () => {
    assert(isInnerPath('a/b'))
    assert(!isInnerPath('a/../../b'))
  })
})

describe('gitEnvironment', () => {
  it('gives a password to the host of the repository alone', () => {
    const address = parseGitAddress('https://example.com/x.git')
    assert(address.kind === 'remote')
    const env = gitEnvironment(address, new Set(['username', 'password']))
    const keys = Object.entries(env).filter(([, value]) => value.startsWith('credential.'))
    assert.deepEqual(
      keys.map(([, value]) => value),
      ['credential.helper', 'credential.https://example.com.helper'],
    )
    assert.equal(env.GIT_ALLOW_PROTOCOL, 'https:http:ssh:git')
  })
})

describe('parseGitCommit', () => {
  it('reads what the script prints', () => {
    const text = `${'a'.repeat(40)}\0Ann\0ann@x\0Bob\0bob@x\0Say it\0\n`
    assert.deepEqual(parseGitCommit(text), {
      commit: 'a'.repeat(40),
      message: 'Say it',
      author: { name: 'Ann', email: 'ann@x' },
      committer: { name: 'Bob', email: 'bob@x' },
    })
    assert.equal(parseGitCommit('nothing'), undefined)
  })
})
