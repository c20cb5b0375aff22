import assert from 'node:assert/strict'
import { it } from 'node:test'
import { explainSchema, type OpenApiSchema, wrap } from './explain-schema.ts'

const gvk = { group: 'g', version: 'v1', kind: 'Thing' }
const ref = (name: string): OpenApiSchema => ({ allOf: [{ $ref: `#/components/schemas/a.${name}` }] })
const schemas: Record<string, OpenApiSchema> = {
  'a.Thing': {
    description: 'A thing.\n\nIt is one.',
    'x-kubernetes-group-version-kind': [gvk],
    required: ['spec'],
    properties: {
      spec: { ...ref('Spec'), description: 'What is wanted.' },
      labels: { type: 'object', additionalProperties: { type: 'string' }, description: 'Labels.' },
    },
  },
  'a.Spec': {
    description: 'The spec.',
    properties: { tags: { type: 'array', items: ref('Tag'), description: 'Tags.' } },
  },
  'a.Tag': { properties: { name: { type: 'string' }, inner: ref('Tag') } },
}

it('describes a type and its fields', () => {
  assert.equal(
    explainSchema(schemas, gvk, [], false),
    `GROUP:      g
KIND:       Thing
VERSION:    v1

DESCRIPTION:
    A thing.
    
    It is one.
    
FIELDS:
  labels\t<map[string]string>
    Labels.

  spec\t<Spec> -required-
    What is wanted.


`,
  )
})

it('describes a field with its type, recursively', () => {
  assert.equal(
    explainSchema(schemas, gvk, ['spec'], true),
    `GROUP:      g
KIND:       Thing
VERSION:    v1

FIELD: spec <Spec>


DESCRIPTION:
    What is wanted.
    The spec.
    
FIELDS:
  tags\t<[]Tag>
    inner\t<Tag>
      inner\t<Tag>
      name\t<string>
    name\t<string>

`,
  )
})

it('refuses fields that are not there', () => {
  assert.throws(() => explainSchema(schemas, gvk, ['nope'], false), /field "nope" does not exist/)
})

it('wraps at words', () => {
  assert.equal(wrap('aaa bbb ccc', 7), 'aaa bbb\nccc')
  assert.equal(wrap('aaaaaaaaaa bb', 5), 'aaaaaaaaaa\nbb')
  assert.equal(wrap('a\n\nb', 5), 'a\n\nb')
})
