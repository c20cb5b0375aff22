import assert from 'node:assert/strict'
import { it } from 'node:test'
import { RetentionPolicy } from './retention.ts'

it('keeps the newest revisions', () => {
  const policy = new RetentionPolicy({ keepRevisions: 10 })
  assert.equal(policy.target(5, 0), 0)
  assert.equal(policy.target(10, 1), 0)
  assert.equal(policy.target(25, 2), 15)
})

it('keeps what is younger than the age, and counts what was there at the start from then on', () => {
  const policy = new RetentionPolicy({ keepMs: 100 })
  assert.equal(policy.target(50, 1000), 0)
  assert.equal(policy.target(60, 1050), 0)
  assert.equal(policy.target(70, 1099), 0)
  assert.equal(policy.target(80, 1100), 50)
  assert.equal(policy.target(80, 1149), 50)
  assert.equal(policy.target(80, 1150), 60)
  assert.equal(policy.target(90, 5000), 80)
  assert.equal(policy.target(90, 5100), 90)
})

it('forgets what either bound exceeds', () => {
  const policy = new RetentionPolicy({ keepMs: 100, keepRevisions: 10 })
  assert.equal(policy.target(50, 0), 40)
  assert.equal(policy.target(55, 100), 50)
  assert.equal(policy.target(90, 150), 80)
})

it('keeps everything without a bound', () => {
  assert.equal(new RetentionPolicy({}).target(1_000_000, 1e12), 0)
})
