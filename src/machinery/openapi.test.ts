import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import protobuf from 'protobufjs/minimal.js'
import { defineKind, type Kind } from './kind.ts'
import { objectSchema } from './meta-schema.ts'
import { createOpenApi } from './openapi.ts'
import {
  always,
  goString,
  int32,
  list,
  mergeBy,
  omit,
  orNull,
  pointer,
  quantity,
  raw,
  struct,
  time,
} from './schema.ts'

const branch = struct(
  'Branch',
  { name: always(goString()), length: omit(int32()), cut: pointer(time()) },
  { description: 'A branch.' },
)
const spec = struct('TreeSpec', {
  branches: omit(list(branch, { ...mergeBy('name'), description: 'All branches.' })),
  weight: pointer(quantity()),
  crown: pointer(branch, { description: 'The highest one.' }),
  extra: orNull(raw(), { mandatory: false }),
})
const tree = objectSchema('Tree', { spec: always(spec) }, { description: 'A tree.' })
const scale = objectSchema('Scale', {}, { schemaName: 'io.k8s.api.autoscaling.v1.Scale' })
const name = (kind: string) => `com.github.openshift.api.wood.v1.${kind}`

const kinds: readonly Kind[] = [
  defineKind({
    group: 'wood.openshift.io',
    version: 'v1',
    kind: 'Tree',
    plural: 'trees',
    namespaced: true,
    legacy: true,
    schema: tree,
    schemaName: name('Tree'),
    subresources: [
      { name: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: ['get'], schema: scale },
      { name: 'status', kind: 'Tree', verbs: ['get', 'patch', 'update'] },
    ],
  }),
  defineKind({
    group: 'wood.openshift.io',
    version: 'v1',
    kind: 'Axe',
    plural: 'axes',
    namespaced: false,
    verbs: ['create'],
    schema: objectSchema('Axe', {}),
    schemaName: name('Axe'),
  }),
]

/** What stands at a path of keys in a document; undefined where one is missing. */
function at(value: unknown, ...keys: string[]): unknown {
  return keys.reduce<unknown>((node, key) => (node as Record<string, unknown> | undefined)?.[key], value)
}

/** One key of each object of a list. */
function each(value: unknown, key: string): unknown[] {
  assert.ok(Array.isArray(value))
  return value.map((item) => at(item, key))
}

const openApi = createOpenApi(kinds, 'v1.2.3')
const v3 = openApi.v3('wood.openshift.io', 'v1')
const v2 = openApi.v2()
const root = '/apis/wood.openshift.io/v1'

/** Every `$ref` in the document. */
function refs(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, item]) => (key === '$ref' ? [item as string] : refs(item)))
}

describe('openApiV3', () => {
  const schema = (key: string, ...keys: string[]) => at(v3, 'components', 'schemas', key, ...keys)

  it('turns a struct into a schema with its required properties, references and patch keys', () => {
    assert.deepEqual(schema(name('TreeSpec')), {
      type: 'object',
      properties: {
        branches: {
          description: 'All branches.',
          type: 'array',
          items: { default: {}, allOf: [{ $ref: `#/components/schemas/${name('Branch')}` }] },
          'x-kubernetes-patch-merge-key': 'name',
          'x-kubernetes-patch-strategy': 'merge',
        },
        crown: {
          description: 'The highest one.',
          allOf: [{ $ref: `#/components/schemas/${name('Branch')}` }],
        },
        extra: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.runtime.RawExtension' }] },
        weight: { allOf: [{ $ref: '#/components/schemas/io.k8s.apimachinery.pkg.api.resource.Quantity' }] },
      },
    })
    assert.deepEqual(schema(name('Branch'), 'required'), ['name'])
    assert.equal(schema(name('Branch'), 'description'), 'A branch.')
    assert.deepEqual(schema(name('Tree'), 'required'), ['spec'])
  })

  it('tags kinds and lists with their group, and legacy kinds without one too', () => {
    const tags = (kind: string) => {
      const found = schema(name(kind), 'x-kubernetes-group-version-kind')
      return each(found, 'group').map((group, index) => `${group}/${each(found, 'kind')[index]}`)
    }
    assert.deepEqual(tags('Tree'), ['/Tree', 'wood.openshift.io/Tree'])
    assert.deepEqual(tags('TreeList'), ['/TreeList', 'wood.openshift.io/TreeList'])
    assert.deepEqual(tags('Axe'), ['wood.openshift.io/Axe'])
    assert.equal(schema(name('AxeList')), undefined)
  })

  it('has no reference to nowhere', () => {
    const missing = refs(v3).filter((ref) => schema(ref.replace('#/components/schemas/', '')) === undefined)
    assert.deepEqual(missing, [])
  })

  it('has a path for each way to a kind', () => {
    assert.deepEqual(Object.keys(at(v3, 'paths') as object), [
      `${root}/`,
      `${root}/axes`,
      `${root}/namespaces/{namespace}/trees`,
      `${root}/namespaces/{namespace}/trees/{name}`,
      `${root}/namespaces/{namespace}/trees/{name}/scale`,
      `${root}/namespaces/{namespace}/trees/{name}/status`,
      `${root}/trees`,
      `${root}/watch/namespaces/{namespace}/trees`,
      `${root}/watch/namespaces/{namespace}/trees/{name}`,
      `${root}/watch/trees`,
    ])
  })

  it('names operations and says what they do', () => {
    const item = at(v3, 'paths', `${root}/namespaces/{namespace}/trees/{name}`)
    const told = ['get', 'put', 'patch', 'delete'].map((method) => [
      at(item, method, 'operationId'),
      at(item, method, 'x-kubernetes-action'),
    ])
    assert.deepEqual(told, [
      ['readWoodOpenshiftIoV1NamespacedTree', 'get'],
      ['replaceWoodOpenshiftIoV1NamespacedTree', 'put'],
      ['patchWoodOpenshiftIoV1NamespacedTree', 'patch'],
      ['deleteWoodOpenshiftIoV1NamespacedTree', 'delete'],
    ])
    const parameters = each(at(item, 'patch', 'parameters'), 'name')
    assert.deepEqual(parameters, ['dryRun', 'fieldManager', 'fieldValidation', 'force'])
    assert.deepEqual(each(at(item, 'parameters'), 'name'), ['name', 'namespace', 'pretty'])
  })

  it('lifts parameters to the path where there is one operation', () => {
    const axes = at(v3, 'paths', `${root}/axes`)
    assert.equal(at(axes, 'post', 'parameters'), undefined)
    assert.deepEqual(each(at(axes, 'parameters'), 'name'), [
      'dryRun',
      'fieldManager',
      'fieldValidation',
      'pretty',
    ])
  })

  it('answers subresources with their own kind', () => {
    const operation = at(v3, 'paths', `${root}/namespaces/{namespace}/trees/{name}/scale`, 'get')
    assert.deepEqual(at(operation, 'x-kubernetes-group-version-kind'), {
      group: 'autoscaling',
      version: 'v1',
      kind: 'Scale',
    })
    assert.ok(schema('io.k8s.api.autoscaling.v1.Scale'))
  })

  it('is undefined where nothing is served', () => {
    assert.equal(openApi.v3('wood.openshift.io', 'v2'), undefined)
  })

  it('is indexed by path with the hash of each document', () => {
    const index = openApi.v3Index((group, version) => `${group}-${version}-hash`)
    assert.deepEqual(index.paths, {
      'apis/wood.openshift.io/v1': {
        serverRelativeURL: '/openapi/v3/apis/wood.openshift.io/v1?hash=wood.openshift.io-v1-hash',
      },
    })
  })
})

describe('openApiV2', () => {
  it('writes references beside descriptions, and no empty defaults', () => {
    const properties = at(v2, 'definitions', name('TreeSpec'), 'properties')
    assert.deepEqual(at(properties, 'crown'), {
      description: 'The highest one.',
      $ref: `#/definitions/${name('Branch')}`,
    })
    assert.deepEqual(at(properties, 'branches', 'items'), { $ref: `#/definitions/${name('Branch')}` })
  })

  it('has no reference to nowhere', () => {
    const missing = refs(v2).filter((ref) => {
      const [, section, key] = ref.split('/') as [string, string, string]
      return at(v2, section, key) === undefined
    })
    assert.deepEqual(missing, [])
  })

  it('keeps dryRun and fieldValidation in the operation, where older clients look', () => {
    const put = at(v2, 'paths', `${root}/namespaces/{namespace}/trees/{name}`, 'put')
    const inline = each(at(put, 'parameters'), 'name').filter((each) => each !== undefined)
    assert.deepEqual(inline, ['body', 'dryRun', 'fieldValidation'])
  })

  it('encodes as protobuf what it says as JSON', () => {
    const found = readTopLevel(openApi.v2Protobuf())
    assert.equal(new TextDecoder().decode(found.get(1)?.[0]), '2.0')
    const definitions = readTopLevel(found.get(9)?.[0] as Uint8Array).get(1) ?? []
    const names = definitions.map((entry) => new TextDecoder().decode(readTopLevel(entry).get(1)?.[0]))
    assert.deepEqual(names, Object.keys(v2.definitions))
    const paths = readTopLevel(found.get(8)?.[0] as Uint8Array).get(2) ?? []
    assert.equal(paths.length, Object.keys(v2.paths).length)
  })
})

/** The length-delimited fields of a message, by number. */
function readTopLevel(bytes: Uint8Array): Map<number, Uint8Array[]> {
  const reader = protobuf.Reader.create(bytes)
  const fields = new Map<number, Uint8Array[]>()
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if ((tag & 7) === 2) fields.set(tag >>> 3, [...(fields.get(tag >>> 3) ?? []), reader.bytes()])
    else reader.skipType(tag & 7)
  }
  return fields
}
