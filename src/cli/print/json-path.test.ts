import assert from 'node:assert/strict'
import { it } from 'node:test'
import { compileJsonPath, findJsonPath } from './json-path.ts'

const list = {
  kind: 'List',
  items: [
    {
      metadata: { name: 'a', labels: { 'x.y/z': '1' } },
      n: 1,
      tags: [{ tag: 'latest', items: [{ image: 'i1' }] }],
    },
    { metadata: { name: 'b' }, n: 2, tags: [] },
  ],
  empty: {},
}

const templates: [string, string][] = [
  ['{.kind}', 'List'],
  ['{$.kind} {@.kind}', 'List List'],
  ['{.items[*].metadata.name}', 'a b'],
  ['{.items[0].metadata.labels}', '{"x.y/z":"1"}'],
  ['{.items[0].metadata.labels.x\\.y/z}', '1'],
  ["{.items[0]['metadata']['name']}", 'a'],
  ['{.items[-1:].metadata.name}', 'b'],
  ['{.items[?(@.metadata.name=="b")].n}', '2'],
  ['{.items[?(@.n>1)].metadata.name}', 'b'],
  ['{.items[?(@.metadata.labels)].n}', '1'],
  ['{range .items[*]}{.metadata.name}{"\\n"}{end}', 'a\nb\n'],
  ['{.items[*].tags[*].items[0].image}', 'i1'],
  ['{..image}', 'i1'],
  ["{.items[0]['n','n']}", '1 1'],
  ['{.nothing}', ''],
  ['{.empty}', '{}'],
  ['plain .text', 'plain .text'],
  ['{.kind}{.items[0].n}', 'List1'],
]
for (const [template, text] of templates) {
  it(`${template} is ${JSON.stringify(text)}`, () =>
    assert.equal(compileJsonPath(template, { allowMissing: true })(list), text))
}

it('tells of missing fields when asked to', () => {
  assert.throws(() => compileJsonPath('{.nothing}', { allowMissing: false })(list), /nothing is not found/)
})

it('refuses what is no template', () => {
  assert.throws(() => compileJsonPath('{.a[}', { allowMissing: true }), /unterminated array|unclosed action/)
  assert.throws(() => compileJsonPath('{range .items[*]}', { allowMissing: true }), /unterminated range/)
})

it('finds values as they are', () => {
  assert.deepEqual(findJsonPath('{.items[*].n}', list, { allowMissing: true }), [1, 2])
})
