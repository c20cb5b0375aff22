import assert from 'node:assert/strict'
import { it } from 'node:test'
import { emptyImage, type ImageSignature } from '../api/image/index.ts'
import { addSignature, readSignatureName, removeSignature } from './signatures.ts'

const signature = (name: string, content: string): ImageSignature => ({
  kind: 'ImageSignature',
  apiVersion: 'image.openshift.io/v1',
  metadata: { name },
  type: 'atomic',
  content,
})
const signed = addSignature(emptyImage(), signature('i@a', 'eA=='))

it('signatures are added to their image, without a kind of their own', () => {
  assert.deepEqual(signed.signatures, [{ metadata: { name: 'i@a' }, type: 'atomic', content: 'eA==' }])
  assert.equal(addSignature(signed, signature('i@b', 'eQ==')).signatures?.length, 2)
})

it('neither name nor content twice', () => {
  const exists = /imageSignatures\.image\.openshift\.io "i@[ab]" already exists/
  assert.throws(() => addSignature(signed, signature('i@a', 'eQ==')), exists)
  assert.throws(() => addSignature(signed, signature('i@b', 'eA==')), exists)
})

it('and removed again', () => {
  assert.deepEqual(removeSignature(signed, 'i@a'), emptyImage())
  assert.throws(() => removeSignature(signed, 'i@b'), /imageSignatures\.image\.openshift\.io "i@b" not found/)
})

it('by a name of two parts', () => {
  assert.deepEqual(readSignatureName('i@a'), { image: 'i', signature: 'a' })
  assert.throws(
    () => readSignatureName('i'),
    /ImageSignatures must be accessed with <imageName>@<signatureName>/,
  )
})
