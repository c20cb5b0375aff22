import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { it } from 'node:test'
import type { Image, ImageStream } from '../../api/image/index.ts'
import { type Digest, imageManifestTypes } from '../../oci/index.ts'
import { openMarks } from './marks.ts'

const digest = (text: string) => `sha256:${createHash('sha256').update(text).digest('hex')}` as Digest
const [manifestType = ''] = imageManifestTypes

/** An image with one layer of its own; without `id` its config could not be read. */
const image = (name: string, id?: string) =>
  ({
    metadata: { name: digest(name) },
    dockerImageLayers: [{ name: digest(`layer of ${name}`) }],
    dockerImageManifestMediaType: manifestType,
    dockerImageMetadata: id === undefined ? {} : { Id: digest(id) },
  }) as unknown as Image
const streamWith = (...names: string[]) =>
  ({
    status: { tags: [{ tag: 't', items: names.map((name) => ({ image: digest(name) })) }] },
  }) as unknown as ImageStream

it('what images and streams name is marked, and what has no whole Image has to be read', () => {
  using marks = openMarks()
  assert.equal(marks.hasUnread(), false)
  marks.image(image('a', 'config of a'))
  for (const name of ['a', 'layer of a', 'config of a']) assert.equal(marks.has(digest(name)), true, name)
  assert.equal(marks.has(digest('b')), false)
  assert.deepEqual([marks.hasUnread(), marks.hasImage(digest('a'))], [false, true])
  // A stream that names it changes nothing of that, in either order.
  marks.stream(streamWith('a', 'b'))
  marks.image(image('b', 'config of b'))
  assert.deepEqual(
    [marks.isUnread(digest('a')), marks.isUnread(digest('b')), marks.hasUnread()],
    [false, false, false],
  )
  marks.image(image('c'))
  assert.deepEqual([marks.isUnread(digest('c')), marks.hasUnread()], [true, true])
  marks.read(digest('c'), { blobs: [digest('config of c')], children: [digest('child')] })
  assert.deepEqual([marks.isUnread(digest('c')), marks.has(digest('config of c'))], [false, true])
  assert.deepEqual([marks.isUnread(digest('child')), marks.hasImage(digest('child'))], [true, false])
  marks.read(digest('child'), undefined)
  assert.equal(marks.hasUnread(), false)
  const long = `sha512:${'0'.repeat(128)}` as Digest
  marks.manifest(long)
  assert.deepEqual([marks.has(long), marks.isUnread(long), marks.hasUnread()], [true, true, true])
})

it('digests are told apart however alike they are', () => {
  using marks = openMarks()
  const ends = ['0', '1', '2', '3'].map((end) => `sha256:${'0'.repeat(63)}${end}` as Digest)
  for (const one of ends.slice(0, 2)) marks.manifest(one)
  assert.deepEqual(
    ends.map((one) => marks.has(one)),
    [true, true, false, false],
  )
})

it('marks that lack something say nothing any more', () => {
  using marks = openMarks({ mostPages: 20 })
  marks.image(image('a', 'config of a'))
  const noRoom = { name: 'ScratchError', message: /: database or disk is full; SQLITE_TMPDIR may name / }
  assert.throws(() => {
    for (let n = 0; n < 10_000; n++) marks.manifest(digest(`${n}`))
  }, noRoom)
  assert.throws(() => marks.has(digest('a')), noRoom)
  assert.throws(() => marks.isUnread(digest('a')), noRoom)
  assert.throws(() => marks.hasUnread(), noRoom)
  assert.throws(() => marks.hasImage(digest('a')), noRoom)
  assert.throws(() => marks.image(image('a', 'config of a')), noRoom)
})
