import assert from 'node:assert/strict'
import { describe, it, type TestContext } from 'node:test'
import { requireProgram } from './require-program.ts'

const missing = ['no-such-program-anywhere', 'no-such-package'] as const

/** A test that notes why it was skipped. */
function noting(): { test: TestContext; skipped: string[] } {
  const skipped: string[] = []
  const test = { name: 'noted', skip: (why: string) => skipped.push(why) } as unknown as TestContext
  return { test, skipped }
}

function withCi(value: string | undefined, run: () => void): void {
  const before = process.env.CI
  if (value === undefined) delete process.env.CI
  else process.env.CI = value
  try {
    run()
  } finally {
    if (before === undefined) delete process.env.CI
    else process.env.CI = before
  }
}

describe('requireProgram()', () => {
  it('skips and names the package where a program is missing', () => {
    const { test, skipped } = noting()
    withCi(undefined, () => assert.equal(requireProgram(test, ...missing), false))
    assert.deepEqual(skipped, ['no-such-program-anywhere is not installed: apt-get install no-such-package'])
  })

  it('fails instead in CI', () => {
    const { test, skipped } = noting()
    withCi('true', () =>
      assert.throws(() => requireProgram(test, ...missing), /apt-get install no-such-package/),
    )
    assert.deepEqual(skipped, [])
  })

  it('finds what is there', () => {
    const { test, skipped } = noting()
    assert.equal(requireProgram(test, 'sh', 'dash'), true)
    assert.deepEqual(skipped, [])
  })
})
