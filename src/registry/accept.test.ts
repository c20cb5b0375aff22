import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { dockerManifest, dockerManifestList, ociIndex, ociManifest } from '../oci/index.ts'
import { acceptsManifest, planMismatch } from './accept.ts'

describe('acceptsManifest (A-57)', () => {
  it('takes no header, wildcards, lists, parameters and any q-value', () => {
    for (const header of [
      undefined,
      '',
      '*/*',
      'application/*',
      `text/html, ${ociManifest};q=0`,
      `${dockerManifest},${ociManifest.toUpperCase()} ; x=y`,
    ]) {
      assert.ok(acceptsManifest(header, ociManifest), String(header))
    }
  })
  it('notices what is missing', () => {
    for (const header of [dockerManifest, 'text/*', `${ociIndex}, ${dockerManifestList}`]) {
      assert.ok(!acceptsManifest(header, ociManifest), String(header))
    }
  })
})

it('planMismatch: only a docker list asked by tag is replaced by a child', () => {
  assert.equal(planMismatch(ociManifest, true), 'refuse-image')
  assert.equal(planMismatch(ociIndex, true), 'refuse-index')
  assert.equal(planMismatch(ociIndex, false), 'refuse-index')
  assert.equal(planMismatch(dockerManifestList, true), 'serve-child')
  assert.equal(planMismatch(dockerManifestList, false), 'serve')
  assert.equal(planMismatch(dockerManifest, true), 'serve')
})
