import assert from 'node:assert/strict'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { type Lab, openLab } from './open-lab.ts'
import { descriptorOf, indexOf, randomImage, type TestBlob, toBlob } from './random-image.ts'

/** A registry of the attacker's own: it serves what it is given, and says of any other blob that it has it. */
async function openOwnUpstream(manifest: TestBlob, config: TestBlob) {
  const server = http.createServer((request, response) => {
    const path = request.url ?? ''
    if (path === '/v2/') return response.end('{}')
    const blob = path.includes('/manifests/') ? manifest : path.includes(config.digest) ? config : undefined
    if (blob === undefined) {
      response.writeHead(request.method === 'HEAD' ? 200 : 404, { 'content-length': '64' })
      return response.end(request.method === 'HEAD' ? undefined : ' '.repeat(64))
    }
    response.writeHead(200, {
      'content-type': blob.mediaType,
      'docker-content-digest': blob.digest,
      'content-length': String(blob.bytes.length),
    })
    response.end(request.method === 'HEAD' ? undefined : blob.bytes)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function importOf(host: string) {
  return {
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStreamImport',
    metadata: { name: 'own' },
    spec: {
      import: true,
      images: [
        {
          from: { kind: 'DockerImage', name: `${host}/evil/x:v1` },
          to: { name: 'v1' },
          importPolicy: { insecure: true },
        },
      ],
    },
  }
}

const imports = '/apis/image.openshift.io/v1/namespaces/demo/imagestreamimports'

async function twoTenants(): Promise<Lab> {
  const lab = await openLab()
  await lab.project('demo', 'alice')
  await lab.project('theirs', 'bob')
  return lab
}

describe('threat 10: naming content of another tenant does not open it', () => {
  it('in a manifest that is imported from a registry of one’s own', async () => {
    await using lab = await twoTenants()
    const secret = await lab.push('theirs/ruby:v1', randomImage('secret'), 'bob')
    const [layer] = secret.layers
    assert(layer !== undefined)
    const own = randomImage('evil')
    const manifest = toBlob(
      Buffer.from(
        JSON.stringify({
          schemaVersion: 2,
          mediaType: own.mediaType,
          config: descriptorOf(own.config),
          layers: [descriptorOf(layer)],
        }),
      ),
      own.mediaType,
    )
    await using upstream = await openOwnUpstream(manifest, own.config)
    const made = await lab.call('POST', imports, { as: 'alice', body: importOf(upstream.host) })
    assert.equal(made.status, 201)
    const got = await lab.pull('GET', `/v2/demo/own/blobs/${layer.digest}`, { as: 'alice' })
    assert(!got.bytes.includes(layer.bytes), 'the bytes of another tenant')
  })

  it('in an index that is pushed', async () => {
    await using lab = await twoTenants()
    const secret = await lab.push('theirs/ruby:v1', randomImage('secret'), 'bob')
    const index = indexOf({ 'linux/amd64': secret })
    const put = await lab.pull('PUT', '/v2/demo/own/manifests/v1', {
      as: 'alice',
      headers: { 'content-type': index.mediaType },
      body: index.bytes,
    })
    assert.equal(put.status, 400)
    assert.match(put.bytes.toString(), /MANIFEST_BLOB_UNKNOWN/)
    const got = await lab.pull('GET', `/v2/demo/own/manifests/${secret.digest}`, { as: 'alice' })
    assert.equal(got.status, 404)
  })

  it('while what was tagged over with the right to it stays readable', async () => {
    await using lab = await twoTenants()
    const image = await lab.push('demo/app:v1', randomImage('shared'), 'alice')
    const tag = {
      apiVersion: 'image.openshift.io/v1',
      kind: 'ImageStreamTag',
      metadata: { name: 'copy:v1' },
      tag: { name: 'v1', from: { kind: 'ImageStreamTag', namespace: 'demo', name: 'app:v1' } },
    }
    const path = '/apis/image.openshift.io/v1/namespaces/theirs/imagestreamtags'
    assert.equal((await lab.call('POST', path, { as: 'root', body: tag })).status, 201)
    for (const { digest, bytes } of [image.config, ...image.layers]) {
      const got = await lab.pull('GET', `/v2/theirs/copy/blobs/${digest}`, { as: 'bob' })
      assert.equal(got.status, 200)
      assert(got.bytes.equals(bytes))
    }
  })
})
