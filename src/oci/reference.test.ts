import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  asRepository,
  asV2,
  daemonMinimal,
  formatExact,
  formatReference,
  hostPort,
  type ImageReference,
  isImageDigest,
  mostSpecific,
  parseReference,
  referenceProblem,
  withClientDefaults,
} from './reference.ts'

const hex = '99ff383dfd0ea354a44347897ad3d7cde364c70b20ee27db5755e8eb62d36ac5'
const digest = `sha256:${hex}`

function reference(parts: Partial<ImageReference>): ImageReference {
  return { registry: '', namespace: '', name: '', tag: '', id: '', ...parts }
}

function parsed(text: string): ImageReference {
  const found = parseReference(text)
  assert.ok(found, `${text} does not parse`)
  return found
}

describe('parseReference', () => {
  const cases: [string, Partial<ImageReference>][] = [
    ['busybox', { name: 'busybox' }],
    ['busybox:1', { name: 'busybox', tag: '1' }],
    [`busybox:1@${digest}`, { name: 'busybox', tag: '1', id: digest }],
    ['library/ruby', { namespace: 'library', name: 'ruby' }],
    ['a/b/c:t', { namespace: 'a', name: 'b/c', tag: 't' }],
    ['quay.io/a/b/c', { registry: 'quay.io', namespace: 'a', name: 'b/c' }],
    ['quay.io/b', { registry: 'quay.io', name: 'b' }],
    [
      '127.0.0.1:15100/library/app:v1',
      { registry: '127.0.0.1:15100', namespace: 'library', name: 'app', tag: 'v1' },
    ],
    ['host:5000/app', { registry: 'host:5000', name: 'app' }],
    ['localhost/app', { registry: 'localhost', name: 'app' }],
    ['localhost:5000', { registry: 'localhost:5000' }],
    ['registry.example.com', { registry: 'registry.example.com' }],
    ['Foo/bar', { namespace: 'Foo', name: 'bar' }],
    ['a__b/c--d.e_f', { namespace: 'a__b', name: 'c--d.e_f' }],
  ]
  for (const [text, parts] of cases) {
    it(text, () => assert.deepEqual(parsed(text), reference(parts)))
  }

  it('takes linear time on what nearly matches', () => {
    assert.equal(parseReference(`${'a-'.repeat(50_000)}!`), undefined)
    assert.equal(parseReference(`${'a'.repeat(100_000)}!`), undefined)
  })
})

describe('referenceProblem', () => {
  const cases: [string, string | undefined][] = [
    ['', 'repository name must have at least one component'],
    ['Busybox', 'repository name must be lowercase'],
    ['quay.io/Org/app', 'repository name must be lowercase'],
    ['Bad Repo!!', 'invalid reference format'],
    ['Bad Ref:::', 'invalid reference format'],
    ['a/b:', 'invalid reference format'],
    ['a/b:-x', 'invalid reference format'],
    [`a/b:${'x'.repeat(129)}`, 'invalid reference format'],
    [`quay.io/${'a'.repeat(248)}`, 'repository name must not be more than 255 characters'],
    [`quay.io/${'a'.repeat(247)}`, undefined],
    [`a/b@${digest}0`, 'invalid checksum digest length'],
    [`a/b@sha256:${hex.toUpperCase()}`, 'invalid checksum digest format'],
    [`a/b@sha1:${hex}`, 'unsupported digest algorithm'],
    [`a/b@sha384:${'0'.repeat(96)}`, undefined],
    ['a/b@sha256:abc', 'invalid reference format'],
    [`a/b:t@${digest}`, undefined],
  ]
  for (const [text, problem] of cases) {
    it(text.slice(0, 40) || 'empty text', () => assert.equal(referenceProblem(text), problem))
  }
})

describe('derived forms', () => {
  it('formatReference inserts library on Docker Hub only', () => {
    assert.equal(formatReference(parsed('docker.io/busybox')), 'docker.io/library/busybox')
    assert.equal(formatReference(parsed('index.docker.io/busybox:1')), 'index.docker.io/library/busybox:1')
    assert.equal(formatReference(parsed('quay.io/busybox')), 'quay.io/busybox')
    assert.equal(formatReference(parsed('busybox')), 'busybox')
  })
  it('formatExact lets the id win, with @ for digests', () => {
    assert.equal(formatExact(parsed(`a/b:t@${digest}`)), `a/b@${digest}`)
    assert.equal(formatExact(reference({ name: 'b', id: 'short' })), 'b:short')
    assert.equal(formatExact(parsed('localhost:5000')), '')
  })
  it('withClientDefaults', () => {
    assert.equal(formatExact(withClientDefaults(parsed('busybox'))), 'docker.io/library/busybox:latest')
    assert.equal(formatExact(withClientDefaults(parsed('a/c'))), 'docker.io/a/c:latest')
    assert.equal(formatExact(withClientDefaults(parsed('host:1/b'))), 'host:1/b:latest')
  })
  it('daemonMinimal undoes them', () => {
    assert.equal(formatExact(daemonMinimal(withClientDefaults(parsed('busybox')))), 'docker.io/busybox')
    assert.equal(formatExact(daemonMinimal(parsed('index.docker.io/a/b:latest'))), 'docker.io/a/b')
    assert.equal(formatExact(daemonMinimal(parsed('quay.io/library/b:1'))), 'quay.io/library/b:1')
  })
  it('asV2', () => {
    assert.equal(asV2(parsed('docker.io/a/b')).registry, 'registry-1.docker.io')
    assert.equal(asV2(parsed('index.docker.io/a/b')).registry, 'registry-1.docker.io')
    assert.equal(asV2(parsed('a/b')).registry, '')
  })
  it('mostSpecific', () => {
    assert.deepEqual(mostSpecific(parsed(`a/b:t@${digest}`)), parsed(`a/b@${digest}`))
    assert.deepEqual(mostSpecific(reference({ name: 'b', id: 'x' })), reference({ name: 'b', tag: 'x' }))
    assert.deepEqual(mostSpecific(parsed('b:t')), parsed('b:t'))
  })
  it('hostPort', () => {
    const cases: [string, boolean, string][] = [
      ['busybox', false, 'docker.io:443'],
      ['busybox', true, 'docker.io:80'],
      ['docker.io/library/busybox', false, 'registry-1.docker.io:443'],
      ['127.0.0.1:15100/a/b', true, '127.0.0.1:15100'],
    ]
    for (const [text, insecure, expected] of cases) {
      const { host, port } = hostPort(parsed(text), insecure)
      assert.equal(`${host}:${port}`, expected)
    }
  })
})

describe('references, at random', () => {
  const word = fc.stringMatching(/^[a-z0-9]{1,8}(?:[._-][a-z0-9]{1,5})?$/)
  const registry = fc.oneof(fc.constant(''), fc.stringMatching(/^[a-z]{1,6}\.(?:io|com)(?::[0-9]{1,4})?$/))
  const tag = fc.oneof(fc.constant(''), fc.stringMatching(/^[A-Za-z0-9_][\w.-]{0,20}$/))
  const id = fc.oneof(fc.constant(''), fc.stringMatching(/^sha256:[0-9a-f]{64}$/))
  const whole = fc
    .record({ registry, path: fc.array(word, { minLength: 2, maxLength: 4 }), tag, id })
    // Without a registry a dot in the first segment would make it one.
    .filter(({ registry: host, path }) => host !== '' || !/[.]|^localhost$/.test(path[0] ?? ''))

  it('a text is taken apart and put together again', () => {
    fc.assert(
      fc.property(whole, ({ registry: host, path, tag: name, id: image }) => {
        const text = `${host === '' ? '' : `${host}/`}${path.join('/')}${name === '' ? '' : `:${name}`}${image === '' ? '' : `@${image}`}`
        const found = parsed(text)
        assert.deepEqual(found, {
          registry: host,
          namespace: path[0],
          name: path.slice(1).join('/'),
          tag: name,
          id: image,
        })
        assert.equal(formatExact({ ...found, id: '' }), text.replace(/@.*/, ''))
      }),
      { verbose: true },
    )
  })

  it('what it writes, it reads back', () => {
    fc.assert(
      fc.property(whole, ({ registry: host, path, tag: name, id: image }) => {
        const [namespace = '', ...rest] = path
        const made = {
          registry: host,
          namespace,
          name: rest.join('/'),
          tag: image === '' ? name : '',
          id: image,
        }
        assert.deepEqual(parseReference(formatExact(made)), made)
        assert.deepEqual(asRepository(made), { ...made, tag: '', id: '' })
      }),
      { verbose: true },
    )
  })

  it('any text either parses or has a problem, and never both', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.stringMatching(/^[aA0.:/@_-]*$/)), (text) => {
        assert.equal(parseReference(text) === undefined, referenceProblem(text) !== undefined)
      }),
      { verbose: true },
    )
  })

  it('client defaults change nothing the second time', () => {
    fc.assert(
      fc.property(whole, ({ registry: host, path, tag: name }) => {
        const once = withClientDefaults({
          registry: host,
          namespace: '',
          name: path.join('/'),
          tag: name,
          id: '',
        })
        assert.deepEqual(withClientDefaults(once), once)
      }),
      { verbose: true },
    )
  })
})

it('isImageDigest wants the whole length', () => {
  assert.equal(isImageDigest(digest), true)
  assert.equal(isImageDigest('sha256:3a335d7'), false)
})
