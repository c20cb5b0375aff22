import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import {
  dns1035LabelProblems,
  dns1123LabelProblems,
  dns1123SubdomainProblems,
  generateName,
  labelValueProblems,
  nameIsDnsLabel,
  nameIsDnsSubdomain,
  pathSegmentProblems,
  qualifiedNameProblems,
} from './names.ts'

describe('names', () => {
  it('have the messages of Kubernetes', () => {
    assert.deepEqual(dns1123LabelProblems('A'), [
      "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')",
    ])
    assert.deepEqual(dns1123SubdomainProblems('a..b'), [
      "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')",
    ])
    assert.deepEqual(labelValueProblems('-'), [
      "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')",
    ])
    assert.deepEqual(dns1123LabelProblems('a'.repeat(64)), ['must be no more than 63 bytes'])
  })

  it('accept what is right', () => {
    for (const name of ['a', '1', 'a-b', '0'.repeat(63)]) assert.deepEqual(dns1123LabelProblems(name), [])
    for (const name of ['a.b', 'sha256', 'x-1.y']) assert.deepEqual(dns1123SubdomainProblems(name), [])
    for (const name of ['', 'A_b.c-d']) assert.deepEqual(labelValueProblems(name), [])
    for (const name of ['a', 'k8s.io/Name', 'A_b']) assert.deepEqual(qualifiedNameProblems(name), [])
    assert.equal(dns1035LabelProblems('1a').length, 1)
  })

  it('tell which part of a qualified name is wrong', () => {
    assert.deepEqual(qualifiedNameProblems('/a'), ['prefix part must be non-empty'])
    assert.match(qualifiedNameProblems('A/b')[0] as string, /^prefix part a lowercase RFC 1123 subdomain/)
    assert.equal(qualifiedNameProblems('x/')[0], 'name part must be non-empty')
    assert.match(qualifiedNameProblems('a/b/c')[0] as string, /^a qualified name must consist of/)
  })

  it('may be anything that is one segment of a path', () => {
    assert.deepEqual(pathSegmentProblems('a:b@c'), [])
    assert.deepEqual(pathSegmentProblems('..'), ["may not be '..'"])
    assert.deepEqual(pathSegmentProblems('a/b%c'), ["may not contain '/'", "may not contain '%'"])
    assert.deepEqual(pathSegmentProblems('.', true), [])
  })

  it('allow a prefix to end in a dash', () => {
    assert.deepEqual(nameIsDnsSubdomain('gen-', true), [])
    assert.deepEqual(nameIsDnsLabel('gen-', true), [])
    assert.equal(nameIsDnsSubdomain('gen-', false).length, 1)
  })
})

describe('generateName', () => {
  it('adds five characters and keeps within a label', () => {
    fc.assert(
      fc.property(
        fc.stringMatching(/^[a-z]{1,80}-$/),
        fc.infiniteStream(fc.double({ min: 0, max: 0.999, noNaN: true })),
        (prefix, numbers) => {
          const name = generateName(prefix, () => numbers.next().value as number)
          assert.match(name, /[bcdfghjklmnpqrstvwxz2456789]{5}$/)
          assert.ok(name.startsWith(prefix.slice(0, 58)) && name.length <= 63)
        },
      ),
    )
  })
})
