import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { after, before, it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const config = JSON.stringify({ architecture: 'amd64', os: 'linux', config: {} })
const manifest = JSON.stringify({
  schemaVersion: 2,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  config: {
    mediaType: 'application/vnd.oci.image.config.v1+json',
    digest: `sha256:${createHash('sha256').update(config).digest('hex')}`,
    size: 2,
  },
  layers: [],
})

let server: Server
let mirror = ''
before(async () => {
  server = createServer((request, response) => {
    const url = request.url ?? ''
    const body = url.includes('/mirrored/app/manifests/')
      ? manifest
      : url.includes('/mirrored/app/blobs/')
        ? config
        : ''
    const type = 'application/vnd.oci.image.manifest.v1+json'
    response.writeHead(body === '' && url !== '/v2/' ? 404 : 200, { 'Content-Type': type })
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  mirror = `127.0.0.1:${(server.address() as AddressInfo).port}`
})
after(() => server.close())

const info = (flags: string[], object: object) =>
  runAgainst(['image', 'info', '127.0.0.1:1/team/app:v1', '--insecure', ...flags], [], {
    files: { 'mirrors.json': JSON.stringify(object) },
  })

it('asks the mirrors of a file when the place that was named does not answer', async () => {
  const mirrors = [{ source: '127.0.0.1:1/team', mirrors: [`${mirror}/none`, `${mirror}/mirrored`] }]
  const idms = { kind: 'ImageDigestMirrorSet', spec: { imageDigestMirrors: mirrors } }
  const run = await info(['--idms-file=mirrors.json'], idms)
  assert.deepEqual([run.stderr, run.code], ['', 0])
  assert.match(run.stdout, /^Name: +127\.0\.0\.1:1\/team\/app:v1\n/)
  const icsp = { kind: 'ImageContentSourcePolicy', spec: { repositoryDigestMirrors: mirrors } }
  const old = await info(['--icsp-file=mirrors.json'], icsp)
  assert.equal(
    old.stderr,
    'Flag --icsp-file has been deprecated, support for it will be removed in a future release. Use --idms-file instead.\n',
  )
  assert.equal(old.code, 0)
})

it('without a mirror that helps tells what the place itself said', async () => {
  const run = await info(['--idms-file=mirrors.json'], {
    kind: 'ImageDigestMirrorSet',
    spec: { imageDigestMirrors: [{ source: '127.0.0.1:1/team', mirrors: [`${mirror}/none`] }] },
  })
  assert.equal(
    run.stderr,
    'error: unable to connect to image repository 127.0.0.1:1/team/app:v1: Get "http://127.0.0.1:1/v2/": dial tcp 127.0.0.1:1: connect: connection refused\n',
  )
})

it('takes one file, of the kind that the flag names', async () => {
  const both = await info(['--idms-file=a', '--icsp-file=b'], {})
  assert.match(both.stderr, /\nerror: icsp-file and idms-file are mutually exclusive\n$/)
  const none = await info(['--idms-file=/nope'], {})
  assert.match(none.stderr, /open \/nope: no such file or directory\n$/)
})
