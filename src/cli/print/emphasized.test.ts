import assert from 'node:assert/strict'
import { it } from 'node:test'
import { emphasized } from './emphasized.ts'

it('colours on a terminal only, and not against the wish of its user', () => {
  const on = (isTty: boolean, env: Record<string, string> = {}) =>
    emphasized('Warning:', { stderr: { isTty, write: () => {} }, env })
  assert.equal(on(true), '\u001b[33;1mWarning:\u001b[0m')
  assert.equal(on(false), 'Warning:')
  assert.equal(on(true, { NO_COLOR: '1' }), 'Warning:')
  assert.equal(on(true, { TERM: 'dumb' }), 'Warning:')
})
