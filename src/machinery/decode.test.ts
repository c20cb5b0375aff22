import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Type from 'typebox'
import { DecodeError, decode } from './decode.ts'
import { objectSchema } from './meta-schema.ts'
import {
  always,
  bytes,
  goBool,
  goString,
  int32,
  int64,
  intOrString,
  list,
  map,
  microTime,
  omit,
  orNull,
  pointer,
  quantity,
  raw,
  rawObject,
  stringMap,
  struct,
  time,
} from './schema.ts'

const tag = struct('TagReference', {
  name: always(goString()),
  annotations: orNull(stringMap(), { emptyIsNull: true }),
  from: pointer(struct('ObjectReference', { kind: omit(goString()), name: omit(goString()) })),
  reference: omit(goBool()),
  generation: orNull(int64()),
  importPolicy: always(
    struct('TagImportPolicy', {
      scheduled: omit(goBool()),
      importMode: omit(goString({ goType: 'v1.ImportModeType' }), { default: 'Legacy' }),
    }),
  ),
})

const schema = objectSchema('ImageStream', {
  spec: always(
    struct('ImageStreamSpec', {
      lookupPolicy: always(struct('ImageLookupPolicy', { local: always(goBool()) })),
      dockerImageRepository: omit(goString()),
      tags: omit(list(tag)),
    }),
  ),
})

function problemOf(schemaOf: Parameters<typeof decode>[0], value: unknown): string {
  try {
    decode(schemaOf, value)
  } catch (error) {
    if (error instanceof DecodeError) return error.message
    throw error
  }
  throw new Error('decoded')
}

describe('decode: emission', () => {
  it('fills in what is always printed, at every depth', () => {
    assert.deepEqual(decode(schema, {}).value, { metadata: {}, spec: { lookupPolicy: { local: false } } })
  })

  it('prints properties in the order of the schema, whatever the order of the input', () => {
    const { value } = decode(schema, {
      spec: {},
      metadata: { namespace: 'n', name: 'a' },
      kind: 'ImageStream',
    })
    assert.equal(
      JSON.stringify(value),
      '{"kind":"ImageStream","metadata":{"name":"a","namespace":"n"},"spec":{"lookupPolicy":{"local":false}}}',
    )
  })

  it('prints null for unset maps and numbers without omitempty, and for empty maps where asked', () => {
    const { value } = decode(tag, { name: 't', annotations: {}, reference: false })
    assert.deepEqual(value, {
      name: 't',
      annotations: null,
      generation: null,
      importPolicy: { importMode: 'Legacy' },
    })
  })

  it('keeps zero values of pointers and drops their nulls', () => {
    const pointers = struct('S', { a: pointer(int32()), b: pointer(goBool()), c: pointer(goString()) })
    assert.deepEqual(decode(pointers, { a: 0, b: false, c: null }).value, { a: 0, b: false })
  })

  it('takes a default for unset, null and empty', () => {
    const policy = struct('S', { type: always(goString(), { default: 'Source' }) })
    for (const value of [{}, { type: null }, { type: '' }]) {
      assert.deepEqual(decode(policy, value).value, { type: 'Source' })
    }
    assert.deepEqual(decode(policy, { type: 'Local' }).value, { type: 'Local' })
  })

  it('gives null elements their zero value, as Go does', () => {
    const lists = struct('S', { a: list(goString()), b: map(goString()), c: list(tag) })
    const { value } = decode(lists, { a: [null], b: { x: null }, c: [null] })
    assert.deepEqual(value.a, [''])
    assert.deepEqual(value.b, { x: '' })
    assert.deepEqual(value.c, [
      { name: '', annotations: null, generation: null, importPolicy: { importMode: 'Legacy' } },
    ])
  })

  it('is idempotent', () => {
    const sent = { metadata: { name: 'a', labels: {} }, spec: { tags: [{ name: 't', from: { kind: 'X' } }] } }
    const once = decode(schema, sent).value
    assert.deepEqual(decode(schema, once).value, once)
  })

  it('leaves its input alone', () => {
    const sent = { metadata: { name: 'a' }, spec: { tags: [{ name: 't', annotations: {} }] } }
    const before = structuredClone(sent)
    decode(schema, sent)
    assert.deepEqual(sent, before)
  })
})

describe('decode: unknown fields', () => {
  it('drops them and lists their paths in the order of the input', () => {
    const { value, unknown } = decode(schema, {
      zzz: 1,
      spec: { tags: [{ name: 'a' }, { name: 'b', foo: 1, from: { bar: 1 } }], bogus: 1 },
      metadata: { mine: {} },
    })
    assert.deepEqual(unknown, [
      'zzz',
      'spec.tags[1].foo',
      'spec.tags[1].from.bar',
      'spec.bogus',
      'metadata.mine',
    ])
    assert.deepEqual(Object.keys(value), ['metadata', 'spec'])
  })

  it('keeps what a schema preserves', () => {
    const open = struct('S', { a: goString(), b: raw(), c: rawObject('T') }, { preserve: true })
    const sent = { a: 'x', b: [{ n: null }], c: { q: { r: 1 } }, d: { e: null } }
    assert.deepEqual(decode(open, sent), { value: sent, unknown: [] })
  })

  it('takes __proto__ for a key like any other', () => {
    const { value } = decode(map(goString()), JSON.parse('{"__proto__":"x"}'))
    assert.deepEqual(Object.entries(value as object), [['__proto__', 'x']])
    assert.deepEqual(decode(schema, JSON.parse('{"__proto__":{"polluted":1}}')).unknown, ['__proto__'])
  })

  it('does not mistake inherited names for fields', () => {
    assert.deepEqual(decode(schema, { constructor: 1, toString: 2 }).unknown, ['constructor', 'toString'])
  })
})

describe('decode: wrong types', () => {
  it('says so in the words of Go', () => {
    const start = 'json: cannot unmarshal'
    const cases: [unknown, string][] = [
      [
        { spec: { tags: 'x' } },
        `${start} string into Go struct field ImageStreamSpec.spec.tags of type []v1.TagReference`,
      ],
      [
        { spec: { tags: ['x'] } },
        `${start} string into Go struct field ImageStreamSpec.spec.tags of type v1.TagReference`,
      ],
      [
        { spec: { tags: [{ name: 5 }] } },
        `${start} number into Go struct field TagReference.spec.tags.name of type string`,
      ],
      [{ spec: 1 }, `${start} number into Go struct field ImageStream.spec of type v1.ImageStreamSpec`],
      [
        { spec: { lookupPolicy: { local: 'yes' } } },
        `${start} string into Go struct field ImageLookupPolicy.spec.lookupPolicy.local of type bool`,
      ],
      [
        { metadata: { labels: { a: 1 } } },
        `${start} number into Go struct field ObjectMeta.metadata.labels of type string`,
      ],
      [
        { metadata: { labels: [] } },
        `${start} array into Go struct field ObjectMeta.metadata.labels of type map[string]string`,
      ],
      [
        { metadata: { generation: 1.5 } },
        `${start} number 1.5 into Go struct field ObjectMeta.metadata.generation of type int64`,
      ],
      [
        { metadata: { uid: true } },
        `${start} bool into Go struct field ObjectMeta.metadata.uid of type types.UID`,
      ],
      [[], `${start} array into Go value of type v1.ImageStream`],
    ] // prettier-ignore
    for (const [value, message] of cases) assert.equal(problemOf(schema, value), message)
  })

  it('names the struct around a field that follows nested ones', () => {
    assert.equal(
      problemOf(schema, { spec: { tags: [{ from: { name: 'a' }, name: 1 }] } }),
      'json: cannot unmarshal number into Go struct field TagReference.spec.tags.name of type string',
    )
  })

  it('checks the range of integers', () => {
    const port = struct('S', { port: int32() })
    assert.match(
      problemOf(port, { port: 2 ** 31 }),
      /number 2147483648 into Go struct field S.port of type int32/,
    )
  })
})

describe('decode: formats', () => {
  const formats = struct('S', {
    at: pointer(time()),
    micro: pointer(microTime()),
    data: omit(map(bytes())),
    cpu: pointer(quantity()),
    port: pointer(intOrString()),
    nullable: pointer(Type.Union([Type.Literal('A'), Type.Literal('B'), Type.Null()])),
  })

  it('prints times in UTC with whole seconds, and leaves out the zero time', () => {
    assert.deepEqual(decode(formats, { at: '2024-05-06T23:34:48.123+02:00' }).value, {
      at: '2024-05-06T21:34:48Z',
    })
    assert.deepEqual(decode(formats, { micro: '2024-05-06T21:34:48.12Z' }).value, {
      micro: '2024-05-06T21:34:48.120000Z',
    })
    assert.deepEqual(decode(formats, { at: '0001-01-01T00:00:00Z' }).value, {})
  })

  it('refuses times as time.Parse does', () => {
    const layout = '"2006-01-02T15:04:05Z07:00"'
    assert.equal(problemOf(formats, { at: 'x' }), `parsing time "x" as ${layout}: cannot parse "x" as "2006"`)
    assert.equal(
      problemOf(formats, { at: '2024-05-06' }),
      `parsing time "2024-05-06" as ${layout}: cannot parse "" as "T"`,
    )
    assert.equal(
      problemOf(formats, { at: '2024-13-06T00:00:00Z' }),
      'parsing time "2024-13-06T00:00:00Z": month out of range',
    )
    assert.equal(problemOf(formats, { at: 5 }), 'json: cannot unmarshal number into Go value of type string')
  })

  it('checks base64, quantities and integers-or-strings', () => {
    assert.deepEqual(decode(formats, { data: { a: 'YWJj', b: '' } }).value, { data: { a: 'YWJj', b: '' } })
    assert.equal(problemOf(formats, { data: { a: 'Y*Jj' } }), 'illegal base64 data at input byte 1')
    assert.deepEqual(decode(formats, { cpu: 2, port: 'http' }).value, { cpu: '2', port: 'http' })
    assert.match(problemOf(formats, { cpu: '2 apples' }), /^quantities must match the regular expression/)
    assert.match(problemOf(formats, { cpu: true }), /^quantities must match/)
    assert.equal(problemOf(formats, { cpu: '2Mk' }), "unable to parse quantity's suffix")
    assert.match(problemOf(formats, { cpu: `${'1'.repeat(500_000)}x` }), /^quantities must match/)
    assert.equal(
      problemOf(formats, { port: true }),
      'json: cannot unmarshal bool into Go value of type int32',
    )
  })

  it('takes fields as they are that were decoded before, where they stood and nowhere else', () => {
    const schema = Type.Object({
      spec: Type.Object({ size: Type.Optional(Type.String()) }),
      status: Type.Object({ size: Type.Optional(Type.String()) }),
    })
    const spec = { size: 'large', left: 'from before' }
    const same = decode<{ spec: object }>(schema, { spec, status: { other: 1 } }, { known: { spec } })
    assert.equal(same.value.spec, spec)
    assert.deepEqual(same.unknown, ['status.other'])
    const moved = decode(schema, { spec: { ...spec }, status: spec }, { known: { spec, status: {} } })
    assert.deepEqual(moved.value, { spec: { size: 'large' }, status: { size: 'large' } })
    assert.deepEqual(moved.unknown, ['spec.left', 'status.left'])
    const inner = decode(Type.Object({ a: schema }), { a: { spec, status: {} } }, { known: { spec } })
    assert.deepEqual(inner.unknown, ['a.spec.left'])
  })

  it('takes a union of literals for its type, and null for unset', () => {
    assert.deepEqual(decode(formats, { nullable: 'C' }).value, { nullable: 'C' })
    assert.deepEqual(decode(formats, { nullable: null }).value, {})
    assert.match(problemOf(formats, { nullable: 1 }), /cannot unmarshal number/)
  })
})
