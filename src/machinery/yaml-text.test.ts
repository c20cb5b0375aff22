import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { formatYaml, parseYaml, parseYamlDocuments } from './yaml-text.ts'

describe('parseYaml', () => {
  it('reads one document as JSON data', () => {
    assert.deepEqual(parseYaml('a: 1\nb: [x, "y"]\nc: 2024-01-01\nd: ~\ne: yes\n'), {
      a: 1,
      b: ['x', 'y'],
      c: '2024-01-01',
      d: null,
      e: 'yes',
    })
    assert.deepEqual(parseYaml('{"a":{"b":true}}'), { a: { b: true } })
    assert.deepEqual(parseYaml('a: &x {k: 1}\nb: *x\nc: {<<: *x, l: 2}'), {
      a: { k: 1 },
      b: { k: 1 },
      c: { k: 1, l: 2 },
    })
  })

  it('refuses what is no YAML, and bombs', () => {
    assert.throws(() => parseYaml('a: [1'), {
      name: 'YamlSyntaxError',
      message: /^error converting YAML to JSON: yaml: line 1: /,
    })
    const bomb = Array.from({ length: 12 }, (_, i) =>
      i === 0
        ? 'a0: &a0 [x]'
        : `a${i}: &a${i} [${Array(10)
            .fill(`*a${i - 1}`)
            .join(', ')}]`,
    ).join('\n')
    assert.throws(() => parseYaml(bomb), { name: 'YamlSyntaxError' })
    assert.throws(() => parseYaml('['.repeat(50_000)), { name: 'YamlSyntaxError' })
    assert.deepEqual(Object.keys(parseYaml('__proto__: {polluted: 1}') as object), ['__proto__'])
  })

  it('reads a stream, without its empty documents', () => {
    assert.deepEqual(parseYamlDocuments('---\na: 1\n---\n---\nb: 2\n'), [{ a: 1 }, { b: 2 }])
    assert.deepEqual(parseYamlDocuments(''), [])
  })
})

describe('formatYaml', () => {
  it('prints as Kubernetes does', () => {
    const object = {
      kind: 'Thing',
      apiVersion: 'v1',
      spec: { tags: [{ name: '2.0', on: true, from: null }], empty: {}, none: [], text: 'two\nlines\n' },
      metadata: { creationTimestamp: '2026-11-23T03:54:06Z', labels: { yes: 'no', hash: 'sha256:12' } },
    }
    assert.equal(
      formatYaml(object),
      `apiVersion: v1
kind: Thing
metadata:
  creationTimestamp: "2026-11-23T03:54:06Z"
  labels:
    hash: sha256:12
    "yes": "no"
spec:
  empty: {}
  none: []
  tags:
  - from: null
    name: "2.0"
    "on": true
  text: |
    two
    lines
`,
    )
  })

  it('prints what it reads back', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        const plain = JSON.parse(JSON.stringify(value)) as unknown
        assert.deepEqual(JSON.parse(JSON.stringify(parseYaml(formatYaml(plain)))), plain)
      }),
    )
  })
})
