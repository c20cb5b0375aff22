import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { TSchema } from 'typebox'
import {
  always,
  atomic,
  goString,
  int32,
  list,
  mergeBy,
  mergeSet,
  omit,
  pointer,
  raw,
  stringMap,
  struct,
} from '../schema.ts'
import { compareValues } from './compare-values.ts'
import { pathsOf } from './field-set.ts'
import { mergeTypeOf } from './merge-type.ts'
import { mergeValues } from './merge-values.ts'
import { formatFieldPath } from './path-element.ts'
import { validateValue } from './validate-value.ts'
import { fieldSetOf } from './value-field-set.ts'

const port = struct('Port', { port: always(int32()), protocol: omit(goString()), name: omit(goString()) })
const reference = struct(
  'Ref',
  { kind: omit(goString()), name: omit(goString()) },
  { 'x-kubernetes-map-type': 'atomic' },
)
const schema: TSchema = struct('Thing', {
  name: omit(goString()),
  count: pointer(int32()),
  labels: omit(stringMap()),
  tags: omit(list(struct('Tag', { name: always(goString()), from: pointer(reference) }), mergeBy('name'))),
  ports: omit(list(port, { ...mergeBy('port'), 'x-kubernetes-list-map-keys': ['port', 'protocol'] })),
  finalizers: omit(list(goString(), mergeSet)),
  args: omit(list(goString(), atomic)),
  plain: omit(list(goString())),
  patched: omit(
    list(struct('Tag', { name: always(goString()) }), {
      'x-kubernetes-patch-strategy': 'merge',
      'x-kubernetes-patch-merge-key': 'name',
    }),
  ),
  blob: pointer(raw({ type: 'object' })),
})
const type = mergeTypeOf(schema)
const named = (...names: string[]) => names.map((name) => ({ name }))

describe('mergeValues', () => {
  const cases: [string, unknown, unknown, unknown][] = [
    ['leaves of the right win', { name: 'a', count: 1 }, { count: 2 }, { name: 'a', count: 2 }],
    [
      'maps by key',
      { labels: { a: '1', b: '2' } },
      { labels: { b: '3', c: '4' } },
      { labels: { a: '1', b: '3', c: '4' } },
    ],
    [
      'lists by key',
      { tags: named('a', 'b') },
      { tags: [{ name: 'b', from: { name: 'x' } }] },
      { tags: [{ name: 'a' }, { name: 'b', from: { name: 'x' } }] },
    ],
    [
      'atomic structs whole',
      { tags: [{ name: 'a', from: { kind: 'k', name: 'x' } }] },
      { tags: [{ name: 'a', from: { name: 'y' } }] },
      { tags: [{ name: 'a', from: { name: 'y' } }] },
    ],
    ['atomic lists whole', { args: ['a', 'b'] }, { args: ['c'] }, { args: ['c'] }],
    ['lists without a word whole', { plain: ['a', 'b'] }, { plain: ['c'] }, { plain: ['c'] }],
    ['what has no schema whole', { blob: { a: { b: 1 } } }, { blob: { c: 2 } }, { blob: { c: 2 } }],
    [
      'sets by value',
      { finalizers: ['a', 'b'] },
      { finalizers: ['b', 'c'] },
      { finalizers: ['a', 'b', 'c'] },
    ],
    [
      'by the keys of patches where there are no others',
      { patched: named('a') },
      { patched: named('b') },
      { patched: named('a', 'b') },
    ],
    [
      'two keys, one left out',
      { ports: [{ port: 1, protocol: 'TCP' }] },
      {
        ports: [
          { port: 1, name: 'x' },
          { port: 1, protocol: 'UDP' },
        ],
      },
      {
        ports: [
          { port: 1, protocol: 'TCP', name: 'x' },
          { port: 1, protocol: 'UDP' },
        ],
      },
    ],
    ['empty lists keep the other', { tags: named('a') }, { tags: [] }, { tags: named('a') }],
    ['null keeps a map', { labels: { a: '1' } }, { labels: null }, { labels: { a: '1' } }],
    [
      'order of the right',
      { tags: named('a', 'b', 'c') },
      { tags: named('c', 'a') },
      { tags: named('b', 'c', 'a') },
    ],
    [
      'new ones between',
      { tags: named('a', 'c') },
      { tags: named('a', 'b', 'c') },
      { tags: named('a', 'b', 'c') },
    ],
    [
      'others where they stood',
      { tags: named('x', 'a', 'y', 'b') },
      { tags: named('a', 'b') },
      { tags: named('x', 'a', 'y', 'b') },
    ],
  ]
  for (const [what, left, right, merged] of cases) {
    it(what, () => assert.deepEqual(mergeValues(type, left, right), merged))
  }
})

describe('compareValues', () => {
  const shown = (left: unknown, right: unknown) => {
    const { added, modified, removed } = compareValues(type, left, right)
    return [added, modified, removed].map((set) => pathsOf(set).map(formatFieldPath))
  }
  const cases: [string, unknown, unknown, [string[], string[], string[]]][] = [
    ['nothing', { labels: { a: '1' } }, { labels: { a: '1' } }, [[], [], []]],
    ['a leaf', { name: 'a', count: 1 }, { name: 'b' }, [[], ['.name'], ['.count']]],
    ['a new map', {}, { labels: { a: '1' } }, [['.labels', '.labels.a'], [], []]],
    ['one that goes empty', { labels: { a: '1' } }, { labels: {} }, [[], [], ['.labels.a']]],
    ['an empty one for none', {}, { labels: {} }, [['.labels'], [], []]],
    [
      'elements',
      { tags: named('a') },
      { tags: named('b') },
      [['.tags[name="b"]', '.tags[name="b"].name'], [], ['.tags[name="a"]', '.tags[name="a"].name']],
    ],
    ['an atomic list', { args: ['a'] }, { args: ['b'] }, [[], ['.args'], []]],
    ['order of keyed lists is none', { tags: named('a', 'b') }, { tags: named('b', 'a') }, [[], [], []]],
    [
      'elements that are there twice',
      { tags: named('a') },
      { tags: named('a', 'a') },
      [['.tags[name="a"]'], [], ['.tags[name="a"]', '.tags[name="a"].name']],
    ],
  ]
  for (const [what, left, right, found] of cases) it(what, () => assert.deepEqual(shown(left, right), found))
})

describe('fieldSetOf', () => {
  it('names leaves, elements and keys, and structs only when they are empty', () => {
    const value = {
      labels: { a: '1' },
      tags: [{ name: 'x', from: { name: 'y' } }],
      args: ['z'],
      blob: { q: 1 },
      finalizers: ['f'],
      count: null,
      ports: [],
    }
    assert.deepEqual(pathsOf(fieldSetOf(type, value)).map(formatFieldPath), [
      '.args',
      '.blob',
      '.count',
      '.finalizers[="f"]',
      '.labels.a',
      '.tags[name="x"]',
      '.tags[name="x"].from',
      '.tags[name="x"].name',
    ])
  })
})

describe('validateValue', () => {
  const cases: [unknown, string[]][] = [
    [{ name: 'a', count: null, labels: null }, []],
    [
      { bogus: 1, tags: [{ name: 'a', more: 1 }] },
      ['.bogus: field not declared in schema', '.tags[name="a"].more: field not declared in schema'],
    ],
    [{ count: 'a' }, ['.count: expected numeric (int or float), got string']],
    [{ labels: { a: 1 } }, ['.labels.a: expected string, got &value.valueUnstructured{Value:1}']],
    [{ tags: 'x' }, ['.tags: expected list, got &{x}']],
    [{ labels: 'x' }, ['.labels: expected map, got &{x}']],
    [{ tags: named('a', 'a') }, ['.tags: duplicate entries for key [name="a"]']],
    [
      { tags: [{}] },
      [
        '.tags: element 0: associative list with keys has an element that omits key field "name" (and doesn\'t have default value)',
      ],
    ],
    [{ tags: [null] }, ['.tags: element 0: associative list with keys may not have a null element']],
  ]
  for (const [value, errors] of cases) {
    it(JSON.stringify(value), () => assert.deepEqual(validateValue(type, value), errors))
  }
})
