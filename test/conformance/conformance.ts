import assert from 'node:assert/strict'
import { randomBytes } from 'node:crypto'
import { describe, it } from 'node:test'
import { blobChecks, type Connect } from './blob-checks.ts'
import { manifestChecks } from './manifest-checks.ts'
import { createWire, digestOf, type Target } from './wire.ts'

/**
 * What the OCI Distribution conformance suite asks of a registry (registry.md §9), over HTTP. `open` gives a registry
 * whose two repositories nothing was ever pushed to.
 */
export function conformance(name: string, open: () => Promise<Target>): void {
  const connect: Connect = async () => {
    const target = await open()
    return {
      wire: createWire(target),
      repositories: target.repositories,
      [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
    }
  }

  describe(`${name}: empty`, () => {
    it('ping', async () => {
      await using target = await connect()
      assert.equal((await target.wire.send('GET', '/v2/')).status, 200)
    })

    it('tag list', async () => {
      await using target = await connect()
      const seen = await target.wire.send('GET', `/v2/${target.repositories[0]}/tags/list`)
      assert.ok([200, 404].includes(seen.status))
      assert.equal(typeof seen.json(), 'object')
    })

    it('referrers', async () => {
      await using target = await connect()
      const subject = digestOf(randomBytes(8))
      const seen = await target.wire.send('GET', `/v2/${target.repositories[0]}/referrers/${subject}`)
      assert.equal(seen.status, 200)
      const mediaType = 'application/vnd.oci.image.index.v1+json'
      assert.equal(seen.headers.get('content-type'), mediaType)
      assert.deepEqual(seen.json(), { schemaVersion: 2, mediaType, manifests: [] })
    })
  })

  blobChecks(name, connect)
  manifestChecks(name, connect)
}
