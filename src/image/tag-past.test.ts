import assert from 'node:assert/strict'
import { it } from 'node:test'
import { type TagEventRecord, tagEventName } from '../api/weir/index.ts'
import { digest, event } from './stream-fixture.ts'
import { pastStates, rejectedImages, stateAt } from './tag-past.ts'

/** `a>b push 5`: from image a to image b, at second 5; `-` for none. */
function record(text: string): TagEventRecord {
  const [move = '', cause = '', at = '0'] = text.split(' ')
  const [before = '', after = ''] = move.split('>')
  const state = (letter: string) => ({ image: digest(letter), dockerImageReference: `r@${letter}` })
  const micros = Number(at) * 1_000_000
  return {
    metadata: { name: tagEventName('app', 'v1', micros) },
    stream: 'app',
    tag: 'v1',
    time: new Date(micros / 1000).toISOString(),
    cause,
    subject: 'alice',
    ...(before === '-' ? {} : { before: state(before) }),
    ...(after === '-' ? {} : { after: state(after) }),
  }
}

const records = ['b>c push 9', 'c>b rollback 7', 'b>c push 5', '->b push 3'].map(record)
const letter = (image: string) => image.slice(7, 8)
const at = (past: Parameters<typeof stateAt>[0], seconds: number) => {
  const found = stateAt(past, seconds * 1_000_000)
  return found.kind === 'state' ? letter(found.state.image) : found.kind
}

it('stateAt() reads the records, then the stream’s own history', () => {
  const past = { records, items: [] }
  assert.deepEqual(
    [2, 3, 4.9, 5, 8, 100].map((seconds) => at(past, seconds)),
    ['absent', 'b', 'b', 'c', 'b', 'c'],
  )
  const older = {
    records: records.slice(0, 2),
    items: [event('b'), event('c'), event('b', 1, '1970-01-01T00:00:02Z')],
  }
  assert.deepEqual(
    [1, 2, 6, 7].map((seconds) => at(older, seconds)),
    ['unknown', 'b', 'b', 'b'],
  )
  assert.equal(at({ records: [record('b>- tag 5')], items: [] }, 6), 'absent')
  assert.equal(at({ records: [], items: [] }, 6), 'absent')
  assert.equal(at({ records: [], items: [event('a', 1, '1970-01-01T00:00:05Z')] }, 4), 'unknown')
})

it('pastStates() and rejectedImages() tell where a rollback may go', () => {
  assert.deepEqual(
    pastStates({ records, items: [event('c'), event('b'), event('c'), event('b'), event('a')] }).map(
      ({ image }) => letter(image),
    ),
    ['c', 'b', 'c', 'b'],
  )
  const items = [event('c'), event('b'), event('a')]
  assert.deepEqual(
    pastStates({ records: records.slice(0, 1), items }).map(({ image }) => letter(image)),
    ['c', 'b', 'b', 'a'],
  )
  assert.deepEqual([...rejectedImages(records)], [])
  assert.deepEqual([...rejectedImages(records.slice(1))].map(letter), ['c'])
})
