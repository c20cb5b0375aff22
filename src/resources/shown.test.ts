import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from '../api/index.ts'
import { createObjectCache, encodeObject } from './object-codec.ts'
import { createShower } from './shown.ts'

const stream = {
  metadata: { name: 'app', namespace: 'demo', annotations: { text: 'ä "metadata":{ \\ 💡' } },
  spec: { lookupPolicy: { local: false } },
}
const entry = { key: 'k', value: encodeObject(stream), revision: 7, created: 3 }

describe('what is shown of a stored value', () => {
  it('has in its bytes what it has as an object', () => {
    const shower = createShower(imageStreams, createObjectCache())
    const answer = shower.answer(entry)
    const metadata = { ...stream.metadata, resourceVersion: '7' }
    const expected = { kind: 'ImageStream', apiVersion: 'image.openshift.io/v1', ...stream, metadata }
    assert.deepEqual(JSON.parse(answer.json.toString()), expected)
    assert.deepEqual(answer.object, expected)
    const item = shower.item(entry)
    assert.deepEqual(JSON.parse(item.json.toString()), { ...stream, metadata })
    assert.deepEqual(item.object, { ...stream, metadata })
  })

  it('is not decoded for its bytes', () => {
    const cache = createObjectCache()
    const refusing = { ...cache, decode: () => assert.fail('it was decoded') }
    assert.match(createShower(imageStreams, refusing).item(entry).json.toString(), /"resourceVersion":"7"/)
  })

  it('is right for metadata that are empty, and for a value of another form', () => {
    const shower = createShower(imageStreams, createObjectCache())
    const json = (value: string) => shower.item({ ...entry, value: Buffer.from(value) }).json.toString()
    assert.equal(json('{"metadata":{},"spec":{}}'), '{"metadata":{"resourceVersion":"7"},"spec":{}}')
    const turned = json('{"spec":{},"metadata":{"name":"app"}}')
    assert.deepEqual(JSON.parse(turned), { spec: {}, metadata: { name: 'app', resourceVersion: '7' } })
  })

  it('is decorated where it is stored otherwise', () => {
    const shower = createShower(imageStreams, createObjectCache(), {
      decorate: (object) => ({ ...object, extra: 1 }),
      isShownAsStored: ({ key }) => key === 'same',
    })
    const extraOf = (key: string) => JSON.parse(shower.item({ ...entry, key }).json.toString()).extra
    assert.equal(extraOf('same'), undefined)
    assert.equal(extraOf('other'), 1)
  })

  it('is one for all who watch', () => {
    const shower = createShower(imageStreams, createObjectCache())
    const event = { type: 'put', key: 'k', value: entry.value, revision: 7 } as const
    assert.equal(shower.event(event).json, shower.event(event).json)
  })
})
