import assert from 'node:assert/strict'
import { it } from 'node:test'
import { createObject, errorTexts } from '../common/write-object.ts'
import { imageDigestMirrorSets } from './image-digest-mirror-set.ts'

it('mirror sets name hosts and paths, without scheme, tag or digest', () => {
  const texts = (entry: object) =>
    errorTexts(
      createObject(imageDigestMirrorSets, { metadata: { name: 'm' }, spec: { imageDigestMirrors: [entry] } })
        .errors,
    )
  const at = 'spec.imageDigestMirrors[0]'
  assert.deepEqual(
    texts({ source: 'quay.io/org', mirrors: ['mirror.example.com:5000/org/app', 'localhost:5000'] }),
    [],
  )
  assert.deepEqual(texts({ source: '*.example.com' }), [])
  assert.deepEqual(texts({ source: '' }), [`${at}.source: Required value`])
  assert.deepEqual(texts({ source: 'https://quay.io' }), [`${at}.source: Invalid value`])
  assert.deepEqual(texts({ source: 'quay.io/app', mirrors: ['x/app:1', `x/app@sha256:${'0'.repeat(64)}`] }), [
    `${at}.mirrors[0]: Invalid value`,
    `${at}.mirrors[1]: Invalid value`,
  ])
  assert.deepEqual(texts({ source: 'a', mirrorSourcePolicy: 'Ask' }), [
    `${at}.mirrorSourcePolicy: Unsupported value`,
  ])
})
