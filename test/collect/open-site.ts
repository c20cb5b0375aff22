import assert from 'node:assert/strict'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pino } from 'pino'
import { Agent, request } from 'undici'
import { loadConfig } from '../../src/server/config.ts'
import { runServer } from '../../src/server/run-server.ts'
import type { TestImage } from '../lab/random-image.ts'

/** A server over a data directory on the disk, which can be stopped and started; requests are the administrator's. */
export interface Site extends AsyncDisposable {
  dataDir: string
  start(): Promise<void>
  stop(): Promise<void>
  registry(method: string, path: string, body?: Uint8Array, type?: string): Promise<SiteAnswer>
  api(method: string, path: string, body?: object): Promise<SiteAnswer>
  project(name: string): Promise<void>
  push(repository: string, tag: string, image: TestImage): Promise<void>
}

export interface SiteAnswer {
  status: number
  bytes: Buffer
  // biome-ignore lint/suspicious/noExplicitAny: answers of tests are looked at, not worked with
  json: any
}

export async function openSite(settings = '', clock = () => new Date()): Promise<Site> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-site-'))
  const dataDir = join(dir, 'data')
  await writeFile(join(dir, 'weir.yaml'), settings)
  let running: { server: Awaited<ReturnType<typeof runServer>>; agent: Agent; token: string } | undefined

  async function start(): Promise<void> {
    const flags = {
      dataDir,
      listen: '127.0.0.1:0',
      registryListen: '127.0.0.1:0',
      config: join(dir, 'weir.yaml'),
    }
    const server = await runServer(await loadConfig(flags, {}), {
      clock,
      log: pino({ level: 'silent' }),
    })
    const ca = await readFile(join(dataDir, 'pki', 'ca.crt'), 'utf8')
    const token = (await readFile(join(dataDir, 'pki', 'admin.token'), 'utf8')).trim()
    running = { server, agent: new Agent({ connect: { ca } }), token }
  }

  async function stop(): Promise<void> {
    const stopping = running
    running = undefined
    await stopping?.agent.close()
    await stopping?.server[Symbol.asyncDispose]()
  }

  async function send(
    url: URL,
    method: string,
    body: Uint8Array | undefined,
    type: string,
  ): Promise<SiteAnswer> {
    assert(running !== undefined, 'the site is stopped')
    const answer = await request(url, {
      method: method as 'GET',
      dispatcher: running.agent,
      headers: { authorization: `Bearer ${running.token}`, ...(type === '' ? {} : { 'content-type': type }) },
      ...(body === undefined ? {} : { body }),
    })
    const bytes = Buffer.from(await answer.body.arrayBuffer())
    return {
      status: answer.statusCode,
      bytes,
      get json() {
        return JSON.parse(bytes.toString())
      },
    }
  }

  const registry: Site['registry'] = (method, path, body, type = '') =>
    send(new URL(path, running?.server.registryUrl), method, body, type)
  const api: Site['api'] = (method, path, body) =>
    send(
      new URL(path, running?.server.apiUrl),
      method,
      body === undefined ? undefined : Buffer.from(JSON.stringify(body)),
      body === undefined ? '' : 'application/json',
    )

  return {
    dataDir,
    start,
    stop,
    registry,
    api,
    async project(name) {
      const made = await api('POST', '/apis/project.openshift.io/v1/projectrequests', {
        apiVersion: 'project.openshift.io/v1',
        kind: 'ProjectRequest',
        metadata: { name },
      })
      assert.equal(made.status, 201, made.bytes.toString())
    },
    async push(repository, tag, image) {
      for (const { digest, bytes } of [image.config, ...image.layers]) {
        const path = `/v2/${repository}/blobs/uploads/?digest=${digest}`
        assert.equal((await registry('POST', path, bytes, 'application/octet-stream')).status, 201)
      }
      const put = await registry('PUT', `/v2/${repository}/manifests/${tag}`, image.bytes, image.mediaType)
      assert.equal(put.status, 201, put.bytes.toString())
    },
    async [Symbol.asyncDispose]() {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
}
