import assert from 'node:assert/strict'
import { it } from 'node:test'
import { formatGoSyntax } from './go-syntax.ts'

it('shows maps, lists, nothing and scalars as Go code', () => {
  assert.equal(
    formatGoSyntax({ b: [1, 'x"y', true], a: null, c: {} }),
    'map[string]interface {}{"a":interface {}(nil), "b":[]interface {}{1, "x\\"y", true}, "c":map[string]interface {}{}}',
  )
})
