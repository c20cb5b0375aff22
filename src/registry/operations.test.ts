import assert from 'node:assert/strict'
import { rename } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { imageStreams } from '../api/index.ts'
import { openRegistryLab } from './registry-lab.ts'
import { errorCodes, pushImage } from './test-images.ts'

const enabled = { metrics: { enabled: true, secret: 'metrics-secret' } }

async function eventually(isSo: () => Promise<boolean>): Promise<void> {
  for (let tries = 0; tries < 200; tries++) {
    if (await isSo()) return
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  assert.fail('it never came true')
}

describe('operations', () => {
  it('B-91: while the storage does not answer, every route is 503 but health, and all is well when it does again', async () => {
    await using lab = await openRegistryLab({ config: { storageCheckInterval: 20 } })
    await pushImage(lab, 'demo/app', 'v1')
    const status = async (path: string) => (await lab.request('GET', path)).status
    assert.equal(await status('/v2/'), 200)
    const folder = join(lab.dir, 'blobs')
    await rename(folder, `${folder}.away`)
    await eventually(async () => (await status('/v2/')) === 503)
    const refused = await lab.request('GET', '/v2/demo/app/manifests/v1')
    assert.deepEqual([refused.status, errorCodes(refused)], [503, ['UNAVAILABLE']])
    assert.equal(refused.text.includes(lab.dir), false)
    assert.equal(await status('/healthz'), 200)
    assert.match(lab.logged(), /the storage does not answer/)
    await rename(`${folder}.away`, folder)
    await eventually(async () => (await status('/v2/demo/app/manifests/v1')) === 200)
  })

  it('B-92: operations, storage and the memory of blobs are measured', async () => {
    await using lab = await openRegistryLab({ config: enabled })
    const image = await pushImage(lab, 'demo/app', 'v1')
    await lab.request('GET', '/v2/demo/app/manifests/v1')
    await lab.request('HEAD', `/v2/demo/app/blobs/${image.config.digest}`)
    await lab.request('HEAD', `/v2/demo/app/blobs/sha256:${'0'.repeat(64)}`)
    const { text } = await lab.request('GET', '/extensions/v2/metrics', {
      as: '',
      headers: { authorization: 'Bearer metrics-secret' },
    })
    for (const line of [
      'imageregistry_request_duration_seconds_count{operation="ManifestService.Put"} 1',
      'imageregistry_request_duration_seconds_count{operation="ManifestService.Get"} 1',
      'imageregistry_request_duration_seconds_count{operation="BlobStore.Stat"} 2',
      'imageregistry_http_in_flight_requests 1',
    ]) {
      assert.ok(text.includes(line), line)
    }
    assert.match(
      text,
      /imageregistry_storage_duration_seconds_count\{operation="StorageDriver.PutContent"\} [1-9]/,
    )
    assert.match(text, /imageregistry_digest_cache_requests_total\{type="Hit"\} [1-9]/)
    assert.match(text, /imageregistry_digest_cache_scoped_requests_total\{type="Miss"\} [1-9]/)
  })

  it('B-93: the audit log names who did what, and how it ended', async () => {
    await using lab = await openRegistryLab({ config: { audit: true } })
    await pushImage(lab, 'demo/app', 'v1')
    await lab.request('GET', '/v2/demo/app/manifests/absent', { as: 'bob' })
    const lines = lab.logged().split('\n')
    const of = (user: string, status: string) =>
      lines.filter(
        (line) =>
          line.includes('"openshift.logger":"audit"') &&
          line.includes(`"openshift.auth.user":"${user}"`) &&
          line.includes(`"openshift.request.status":"${status}"`),
      )
    assert.equal(of('alice', 'begin').length, of('alice', 'success').length)
    assert.ok(of('alice', 'success').some((line) => line.startsWith('ManifestService.Put')))
    const [failed] = of('bob', 'error')
    assert.match(failed ?? '', /^ManifestService.Get .*"openshift.request.error":"manifest unknown"/)
    assert.equal(lab.logged().includes('alice-token'), false)
  })

  it('tag histories are served behind their flag, newest first, deletions too', async () => {
    await using plain = await openRegistryLab()
    await using lab = await openRegistryLab({ config: { tagHistory: true } })
    const path = '/v2/demo/app/_oci/tag-history/v1'
    const prefix = 'org.opencontainers.distribution.tag'
    assert.equal((await plain.request('GET', path)).status, 404)
    const digests: string[] = []
    for (let n = 0; n < 3; n++) digests.unshift((await pushImage(lab, 'demo/app', 'v1')).digest)
    interface Entry {
      digest: string
      size: number
      mediaType: string
      annotations: Record<string, string>
    }
    const ask = async (query = '') => {
      const answer = await lab.request('GET', query.startsWith('/') ? query : `${path}${query}`)
      assert.equal(answer.status, 200, answer.text)
      assert.equal(answer.headers.get('content-type'), 'application/vnd.oci.image.index.v1+json')
      const { manifests } = answer.json() as { manifests: Entry[] }
      for (const { size, mediaType, annotations } of manifests) {
        assert.ok(size > 0 && mediaType.includes('manifest'))
        assert.match(annotations[`${prefix}.timestamp`] ?? '', /^\d{4}-\d\d-\d\dT[\d:]{8}\.\d{6}Z$/)
      }
      return { manifests, link: answer.headers.get('link') }
    }
    const read = async (query = '') => (await ask(query)).manifests.map(({ digest }) => digest)
    assert.deepEqual(await read(), digests)
    assert.deepEqual(await read('?n=2'), digests.slice(0, 2))
    assert.deepEqual(await read('?n=0'), [])
    assert.deepEqual(await read(`?digest=${digests[1]}`), [digests[1]])
    const { link } = await ask('?n=2')
    assert.deepEqual(await read(/^<(.*)>; rel="next"$/.exec(link ?? '')?.[1]), [digests[2]])
    const since = (await ask()).manifests[2]?.annotations[`${prefix}.timestamp`]
    assert.deepEqual(await read(`?since=${since}`), digests.slice(0, 2))
    for (const query of ['?before=soon', '?n=-1', '?digest=sha256:1']) {
      assert.equal((await lab.request('GET', `${path}${query}`)).status, 400, query)
    }

    assert.equal((await lab.request('DELETE', '/v2/demo/app/manifests/v1', { as: 'root' })).status, 202)
    await pushImage(lab, 'demo/app', 'v1')
    const events = (await ask()).manifests.map(({ annotations }) => annotations[`${prefix}.event`])
    assert.deepEqual(events, ['created', 'deleted', 'created', 'created', 'created'])
    assert.equal((await ask()).manifests[1]?.digest, digests[0])
    await lab.client.delete(imageStreams, 'demo', 'app')
    assert.equal((await ask()).manifests[0]?.annotations[`${prefix}.event`], 'deleted')
    assert.equal((await lab.request('GET', path, { as: 'mallory' })).status, 401)
    assert.deepEqual(await read('/v2/demo/app/_oci/tag-history/never'), [])
  })
})
