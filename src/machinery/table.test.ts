import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import Type from 'typebox'
import { defineKind } from './kind.ts'
import type { KubeObject } from './object.ts'
import { toPartialObjectList } from './partial-object.ts'
import { nameColumn, parseIncludeObject, toTable } from './table.ts'

interface Thing extends KubeObject {
  size?: number
}

const plain = defineKind({
  group: 'x.io',
  version: 'v1',
  kind: 'Thing',
  plural: 'things',
  namespaced: true,
  schema: Type.Object({}),
  schemaName: 'Thing',
})
const sized = defineKind<Thing>({
  ...plain,
  columns: [
    nameColumn,
    { name: 'Size', type: 'integer', description: 'How big.', priority: 1, value: (thing) => thing.size },
    { name: 'Age', type: 'string', description: 'How old.', value: (_, now) => now.getUTCFullYear() - 2020 },
  ],
})
const now = new Date('2026-01-01T00:00:00Z')
const options = { listMeta: { resourceVersion: '7' }, includeObject: 'Metadata', now, columns: true } as const
const thing: Thing = { metadata: { name: 'a', creationTimestamp: '2025-01-01T00:00:00Z' }, size: 3 }

describe('toTable', () => {
  it('shows the columns of the kind', () => {
    const table = toTable(sized, [thing, { metadata: { name: 'b' } }], options)
    assert.deepEqual(table.metadata, { resourceVersion: '7' })
    assert.deepEqual(
      table.columnDefinitions?.map(({ name, type, format, priority }) => [name, type, format, priority]),
      [
        ['Name', 'string', 'name', 0],
        ['Size', 'integer', '', 1],
        ['Age', 'string', '', 0],
      ],
    )
    assert.deepEqual(
      table.rows.map(({ cells }) => cells),
      [
        ['a', 3, 6],
        ['b', null, 6],
      ],
    )
  })

  it('includes as much of the object as is asked for', () => {
    const object = (includeObject: 'None' | 'Metadata' | 'Object') =>
      toTable(sized, [thing], { ...options, includeObject }).rows[0]?.object
    assert.equal(object('None'), null)
    assert.deepEqual(object('Metadata'), {
      kind: 'PartialObjectMetadata',
      apiVersion: 'meta.k8s.io/v1',
      metadata: thing.metadata,
    })
    assert.deepEqual(object('Object'), { ...thing, kind: 'Thing', apiVersion: 'x.io/v1' })
  })

  it('leaves the definitions out after the first event of a watch', () => {
    assert.equal(toTable(sized, [thing], { ...options, columns: false }).columnDefinitions, null)
  })

  it('shows name and time of creation where a kind has no columns', () => {
    const table = toTable(plain, [thing], options)
    assert.deepEqual(
      table.columnDefinitions?.map(({ name, type }) => [name, type]),
      [
        ['Name', 'string'],
        ['Created At', 'date'],
      ],
    )
    assert.deepEqual(table.rows[0]?.cells, ['a', '2025-01-01T00:00:00Z'])
  })
})

describe('parseIncludeObject', () => {
  it('knows three values', () => {
    assert.equal(parseIncludeObject(undefined), 'Metadata')
    assert.equal(parseIncludeObject('None'), 'None')
    assert.throws(() => parseIncludeObject('All'), { code: 400 })
  })
})

describe('toPartialObjectList', () => {
  it('keeps metadata only, in the version asked for', () => {
    const list = toPartialObjectList({ metadata: { continue: 'x' }, items: [thing] }, 'meta.k8s.io/v1beta1')
    assert.deepEqual(list, {
      kind: 'PartialObjectMetadataList',
      apiVersion: 'meta.k8s.io/v1beta1',
      metadata: { continue: 'x' },
      items: [{ kind: 'PartialObjectMetadata', apiVersion: 'meta.k8s.io/v1beta1', metadata: thing.metadata }],
    })
  })
})
