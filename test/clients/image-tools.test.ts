import assert from 'node:assert/strict'
import { existsSync } from 'node:fs'
import { readdir, readlink } from 'node:fs/promises'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import {
  makeImage,
  makeIndex,
  pushImage,
  pushManifest,
  type TestImage,
} from '../../src/upstream/testing/images.ts'
import { openSandbox, start } from './sandbox.ts'
import { weirProgram } from './start-weir.ts'

/** `weir image` between registries and folders, with no API server anywhere. */

const image = makeImage('one', { docker: true })

/** A registry with one image whose last layer breaks off half-way while it stalls. */
async function startSource(
  of: TestImage,
): Promise<AsyncDisposable & { host: string; isStalled: boolean; asked: Promise<void> }> {
  const blobs = new Map([of.config, ...of.layers].map(({ digest, bytes }) => [digest as string, bytes]))
  const last = of.layers.at(-1)?.digest
  const { promise: asked, resolve: noteAsked } = Promise.withResolvers<void>()
  const source = { isStalled: true }
  function answer(url: string, response: ServerResponse): void {
    const name = url.split('/').at(-1) ?? ''
    if (url === '/v2/') return void response.end('{}')
    if (url.includes('/manifests/'))
      return void response.setHeader('Content-Type', of.mediaType).end(of.bytes)
    const bytes = blobs.get(name)
    if (bytes === undefined) return void response.writeHead(404).end()
    response.setHeader('Content-Length', bytes.length)
    if (name !== last || !source.isStalled) return void response.end(bytes)
    response.write(bytes.subarray(0, bytes.length / 2))
    noteAsked()
  }
  const server = createServer((request, response) => answer(request.url ?? '', response))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return Object.assign(source, {
    host: `127.0.0.1:${(server.address() as AddressInfo).port}`,
    asked,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  })
}

describe('image tools', { skip: registryMissing ?? false }, () => {
  it('carries images through a folder and back, lists of images too', async () => {
    await using registry = await startRegistry()
    await using sandbox = await openSandbox()
    const weir = (...args: string[]) => sandbox.must(weirProgram, args)
    const target = { url: `http://${registry.host}`, repository: 'team/app' }
    const arm = makeImage('one', { architecture: 'arm64' })
    const amd = makeImage('one')
    const index = makeIndex([amd, arm])
    await pushImage(target, 'v1', image)
    for (const one of [amd, arm]) await pushImage(target, one.digest, one)
    await pushManifest(target, 'v2', index)

    const folder = ['--insecure', `--dir=${sandbox.path('disk')}`]
    const out = await weir(
      'image',
      'mirror',
      `${registry.host}/team/app`,
      'file://team/app',
      '--keep-manifest-list',
      ...folder,
    )
    assert.deepEqual(
      out.split('\n').sort(),
      ['', `${image.digest} file://team/app:v1`, `${index.digest} file://team/app:v2`].sort(),
    )
    const manifests = sandbox.path('disk', 'v2', 'team', 'app', 'manifests')
    assert.deepEqual(
      (await readdir(manifests)).sort(),
      [image.digest, amd.digest, arm.digest, index.digest, 'v1', 'v2'].sort(),
    )
    assert.equal(await readlink(`${manifests}/v2`), index.digest)

    const told = await weir('image', 'info', 'file://team/app:v1', ...folder)
    assert.match(told, new RegExp(`^Name: +file://team/app:v1\nDigest: +${image.digest}\n`))
    await weir(
      'image',
      'mirror',
      'file://team/app:v*',
      `${registry.host}/back/app`,
      '--insecure',
      '--keep-manifest-list',
      `--from-dir=${sandbox.path('disk')}`,
    )
    for (const [tag, digest] of [
      ['v1', image.digest],
      ['v2', index.digest],
    ]) {
      const accept = { Accept: `${image.mediaType}, ${index.mediaType}` }
      const response = await fetch(`http://${registry.host}/v2/back/app/manifests/${tag}`, {
        headers: accept,
      })
      assert.equal(response.headers.get('docker-content-digest'), digest)
    }
  })

  it('tells about all tags of a repository, and those that match a pattern', async () => {
    await using registry = await startRegistry()
    await using sandbox = await openSandbox()
    const target = { url: `http://${registry.host}`, repository: 'team/app' }
    for (const tag of ['v1', 'v2', 'edge']) await pushImage(target, tag, makeImage(tag))
    const names = async (source: string) =>
      [
        ...(await sandbox.must(weirProgram, ['image', 'info', '--insecure', source])).matchAll(
          /^Name: +.*:(\S+)$/gm,
        ),
      ].map(([, tag]) => tag)
    assert.deepEqual(await names(`${registry.host}/team/app`), ['edge', 'v1', 'v2'])
    assert.deepEqual(await names(`${registry.host}/team/app:v*`), ['v1', 'v2'])
    const none = await sandbox.run(weirProgram, [
      'image',
      'info',
      '--insecure',
      `${registry.host}/team/app:x*`,
    ])
    assert.equal(none.stderr, 'error: no tags match "x*"\n')
    assert.equal(none.status, 1)
  })

  it('refuses a bucket and a folder that holds nothing, in one line', async () => {
    await using sandbox = await openSandbox()
    const bucket = await sandbox.run(weirProgram, [
      'image',
      'mirror',
      '127.0.0.1:1/a/b:1',
      's3://region/bucket/b:1',
    ])
    assert.match(bucket.stderr, /^error: "s3:\/\/.*": buckets are not supported; mirror to file:\/\/.*\n$/)
    const empty = await sandbox.run(weirProgram, ['image', 'info', 'file://a/b:1'])
    assert.match(empty.stderr, /^error: image "file:\/\/a\/b:1" not found: manifest unknown: no file .*\n$/)
  })

  for (const to of ['a folder', 'a registry']) {
    it(`leaves nothing broken when a copy to ${to} is interrupted, and goes on from there`, async () => {
      await using source = await startSource(image)
      await using registry = await startRegistry()
      await using sandbox = await openSandbox()
      const destination = to === 'a folder' ? 'file://team/app:v1' : `${registry.host}/team/app:v1`
      const args = [
        'image',
        'mirror',
        '--insecure',
        '--dir=disk',
        '--max-per-registry=1',
        `${source.host}/team/app:v1`,
        destination,
      ]
      const child = start(weirProgram, args, sandbox.env, sandbox.dir)
      const ended = new Promise((resolve) => child.once('close', (code, signal) => resolve(signal ?? code)))
      await source.asked
      child.kill('SIGINT')
      assert.equal(await ended, 'SIGINT')

      const blobs = sandbox.path('disk', 'v2', 'team', 'app', 'blobs')
      const broken = image.layers.at(-1)?.digest ?? ''
      if (to === 'a folder') {
        assert.ok(!existsSync(`${blobs}/${broken}`))
        assert.ok(!existsSync(sandbox.path('disk', 'v2', 'team', 'app', 'manifests')))
      } else {
        const found = await fetch(`http://${registry.host}/v2/team/app/manifests/v1`)
        assert.equal(found.status, 404)
      }

      source.isStalled = false
      const again = await sandbox.run(weirProgram, args)
      assert.equal(again.status, 0, again.stderr)
      // The first layer is there already, and isn't sent again.
      assert.deepEqual(
        [...again.stderr.matchAll(/^uploading: \S+ (\S+)/gm)].map(([, digest]) => digest),
        [broken, image.config.digest],
      )
      assert.match(again.stdout, new RegExp(`^${image.digest} `))
    })
  }
})
