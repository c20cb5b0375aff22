import assert from 'node:assert/strict'
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { setTimeout as pause } from 'node:timers/promises'
import { Agent, request } from 'undici'
import type { ImageStream } from '../../src/api/index.ts'
import { runCli } from '../../src/cli/index.ts'
import { createTransport } from '../../src/client/index.ts'
import { fsckCommand } from '../../src/server/fsck-command.ts'
import { openSandbox } from '../clients/sandbox.ts'
import { createRandom, type Random } from '../crash/random.ts'
import { descriptorOf, digestOf, noise, randomImage, type TestImage, toBlob } from '../lab/random-image.ts'

/**
 * Random histories of pushes, tags, rollbacks, deletions, prunings, collections and undeletions, and the server is killed between
 * any two steps of any of them. WEIR_COLLECT_ROUNDS says how often (6), WEIR_COLLECT_SEED repeats what can be repeated.
 */
const rounds = Number(process.env.WEIR_COLLECT_ROUNDS ?? 6)
const seed = Number(process.env.WEIR_COLLECT_SEED ?? Math.floor(Math.random() * 2 ** 31))
const hour = 3_600_000
const grace = hour
/** All the turns of the clock together stay within the 795 days after which the server makes a certificate of a day to come. */
const trash = 400 * hour
const streams = ['s0', 's1', 's2']
const tagNames = ['a', 'b', 'c']
const octets = 'application/octet-stream'
const istags = '/apis/image.openshift.io/v1/namespaces/crash/imagestreamtags'

interface Answer {
  status: number
  bytes: Buffer
}

interface Target {
  child: ChildProcess
  /** undefined when the connection broke off. */
  registry(method: string, path: string, body?: Buffer, type?: string): Promise<Answer | undefined>
  api(method: string, path: string, body?: object): Promise<Answer | undefined>
}

/** Layers that images share, so that counting them is no trivial matter. */
const pool = Array.from({ length: 6 }, (_, n) => toBlob(noise(`pool ${n}`, 3000 + n), octets))

function sharingImage(name: string, random: Random): TestImage {
  const image = randomImage(name, { layerSize: random.between(100, 20_000) })
  const layers = [random.pick(pool), ...image.layers.slice(1)]
  const { mediaType } = image
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: descriptorOf(image.config),
    layers: layers.map(descriptorOf),
  }
  return { ...toBlob(Buffer.from(JSON.stringify(manifest)), mediaType), config: image.config, layers }
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const { port } = probe.address() as { port: number }
  await new Promise((resolve) => probe.close(resolve))
  return port
}

async function main(test: { diagnostic(text: string): void }): Promise<void> {
  test.diagnostic(`seed ${seed} (WEIR_COLLECT_SEED)`)
  const random = createRandom(seed)
  await using sandbox = await openSandbox()
  const dataDir = sandbox.path('data')
  const settings = sandbox.path('weir.yaml')
  await writeFile(settings, 'garbageCollection: { enabled: false, grace: 1h, trash: 400h }\n')
  const addresses = [`127.0.0.1:${await freePort()}`, `127.0.0.1:${await freePort()}`] as const
  let ahead = 0
  let collections = 0
  let pushes = 0
  let rollbacks = 0
  const images = new Map<string, TestImage>()

  async function start(): Promise<Target & AsyncDisposable> {
    const script = join(import.meta.dirname, 'server-child.ts')
    const child = fork(script, [dataDir, ...addresses, settings, String(ahead)], {
      stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
    })
    let stderr = ''
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    const [message] = await Promise.race([once(child, 'message'), once(child, 'exit')])
    assert.equal(message, 'ready', stderr)
    const token = (await readFile(join(dataDir, 'pki', 'admin.token'), 'utf8')).trim()
    const ca = await readFile(join(dataDir, 'pki', 'ca.crt'), 'utf8')
    const agent = new Agent({ connect: { ca } })
    const send = async (url: string, method: string, body?: Buffer, type?: string) => {
      try {
        const answer = await request(url, {
          method: method as 'GET',
          dispatcher: agent,
          headers: {
            authorization: `Bearer ${token}`,
            ...(type === undefined ? {} : { 'content-type': type }),
          },
          ...(body === undefined ? {} : { body }),
        })
        return { status: answer.statusCode, bytes: Buffer.from(await answer.body.arrayBuffer()) }
      } catch {
        return undefined
      }
    }
    return {
      child,
      registry: (method, path, body, type) => send(`http://${addresses[1]}${path}`, method, body, type),
      api: (method, path, body) =>
        send(
          `https://${addresses[0]}${path}`,
          method,
          body && Buffer.from(JSON.stringify(body)),
          body && 'application/json',
        ),
      async [Symbol.asyncDispose]() {
        child.kill('SIGKILL')
        if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
        await agent.destroy()
      },
    }
  }

  async function turnClock(target: Target, by: number): Promise<void> {
    ahead += by
    if (target.child.connected) target.child.send(ahead, () => undefined)
  }

  /** Throws for an answer that is no success; false: the server is gone. */
  function done(what: string, answer: Answer | undefined, expected: readonly number[]): boolean {
    if (answer !== undefined)
      assert(expected.includes(answer.status), `${what}: ${answer.status} ${answer.bytes}`)
    return answer !== undefined
  }

  async function push(target: Target, stream: string, tag: string, image: TestImage, isCareful: boolean) {
    const base = `/v2/crash/${stream}`
    for (const { digest, bytes } of [image.config, ...image.layers]) {
      // As docker does: what the registry says that it has is not sent.
      const known = isCareful ? await target.registry('HEAD', `${base}/blobs/${digest}`) : { status: 404 }
      if (known === undefined) return false
      if (known.status === 200) continue
      const sent = await target.registry('POST', `${base}/blobs/uploads/?digest=${digest}`, bytes, octets)
      if (!done(`POST ${digest}`, sent, [201])) return false
    }
    const path = `${base}/manifests/${tag}`
    images.set(image.digest, image)
    pushes++
    return done(`PUT ${path}`, await target.registry('PUT', path, image.bytes, image.mediaType), [201])
  }

  async function work(target: Target, stream: string, own: Random): Promise<void> {
    for (let n = 0; ; n++) {
      const dice = own.next()
      const tag = own.pick(tagNames)
      let goesOn: boolean
      if (dice < 0.45) {
        const image = sharingImage(`${stream} ${own.next()}`, own)
        goesOn = await push(target, stream, tag, image, own.next() < 0.7)
      } else if (dice < 0.6) {
        // The same image again, perhaps after everything of it was collected.
        const [, image] = own.pick([...images].concat([['', sharingImage(`${stream} ${n}`, own)]]))
        goesOn = await push(target, stream, tag, image, true)
      } else if (dice < 0.75) {
        const path = `${istags}/${stream}:${tag}`
        const from = { kind: 'ImageStreamTag', name: `${stream}:${own.pick(tagNames)}` }
        const body = {
          apiVersion: 'image.openshift.io/v1',
          kind: 'ImageStreamTag',
          metadata: { name: `${stream}:${tag}` },
          tag: { from },
        }
        goesOn = (await target.api('PUT', path, body)) !== undefined
      } else if (dice < 0.85) {
        goesOn = await rollBack(target, `${stream}:${tag}`, own)
      } else if (dice < 0.95) {
        goesOn = done('DELETE tag', await target.api('DELETE', `${istags}/${stream}:${tag}`), [200, 404])
      } else {
        const path = `/v2/crash/${stream}/blobs/uploads/?digest=`
        const bytes = noise(`${stream} lost ${own.next()}`, 500)
        goesOn = done(
          'lost blob',
          await target.registry('POST', `${path}${digestOf(bytes)}`, bytes, octets),
          [201],
        )
      }
      if (!goesOn) return
    }
  }

  /** To an image that is there, or refused: the tag is gone, has no earlier image, or that one was pruned. */
  async function rollBack(target: Target, name: string, own: Random): Promise<boolean> {
    const body = {
      apiVersion: 'weir.dev/v1',
      kind: 'TagRollback',
      metadata: { name },
      spec: { to: String(own.between(1, 3)) },
    }
    const answer = await target.api('POST', '/apis/weir.dev/v1/namespaces/crash/tagrollbacks', body)
    if (answer?.status === 201) rollbacks++
    return done('roll back', answer, [201, 404, 409, 422])
  }

  async function collect(target: Target, spec: object = {}): Promise<boolean> {
    const body = { apiVersion: 'weir.dev/v1', kind: 'BlobCollection', metadata: {}, spec }
    const answer = await target.api('POST', '/apis/weir.dev/v1/blobcollections', body)
    collections++
    return done('collect', answer, [201])
  }

  async function undelete(target: Target, own: Random): Promise<boolean> {
    if (images.size === 0) return true
    const digest = own.pick([...images.keys()])
    const to = own.next() < 0.5 ? { to: `crash/undeleted:${own.pick(tagNames)}` } : {}
    const body = { apiVersion: 'weir.dev/v1', kind: 'BlobRestoration', metadata: {}, spec: { digest, ...to } }
    const answer = await target.api('POST', '/apis/weir.dev/v1/blobrestorations', body)
    return done('undelete', answer, [201, 400, 404])
  }

  async function tidy(target: Target, own: Random): Promise<void> {
    for (;;) {
      const dice = own.next()
      if (dice < 0.4) await turnClock(target, own.between(0, 1.5 * grace))
      const goesOn = dice < 0.8 ? await collect(target) : await undelete(target, own)
      if (!goesOn) return
      await pause(own.between(0, 20))
    }
  }

  /** The client's own command, in a world that stands still but for the kill. */
  async function prune(): Promise<string> {
    let output = ''
    const write = (text: string): void => {
      output += text
    }
    const take = { write, isTty: false }
    const words = ['adm', 'prune', 'images', '--keep-tag-revisions=1', '--keep-younger-than=0s', '--confirm']
    const code = await runCli(
      [
        ...words,
        '--force-insecure',
        `--registry-url=http://${addresses[1]}`,
        `--kubeconfig=${join(dataDir, 'admin.kubeconfig')}`,
      ],
      {
        env: { HOME: sandbox.path('home') },
        cwd: '/',
        stdin: process.stdin,
        stdout: take,
        stderr: take,
        now: () => new Date(Date.now() + ahead),
        connect: createTransport,
        signal: new AbortController().signal,
      },
      { program: 'weir' },
    )
    return `${code} ${output}`
  }

  async function readStreams(target: Target): Promise<ImageStream[]> {
    const answer = await target.api('GET', '/apis/image.openshift.io/v1/namespaces/crash/imagestreams')
    assert.equal(answer?.status, 200)
    return (JSON.parse(`${answer?.bytes}`) as { items: ImageStream[] }).items
  }

  async function served(target: Target, path: string, digest: string): Promise<void> {
    const answer = await target.registry('GET', path)
    assert.equal(answer?.status, 200, `${path}: ${answer?.bytes}`)
    assert.equal(digestOf(answer?.bytes as Buffer), digest)
  }

  /** Every tag's whole history is served, with every blob. */
  async function check(target: Target): Promise<void> {
    for (const { metadata, status } of await readStreams(target)) {
      const base = `/v2/crash/${metadata.name}`
      const digests = new Set<string>()
      for (const { tag, items } of status.tags ?? []) {
        const [newest] = items ?? []
        if (newest !== undefined) await served(target, `${base}/manifests/${tag}`, newest.image)
        for (const { image } of items ?? []) digests.add(image)
      }
      const blobs = new Set<string>()
      for (const digest of digests) {
        await served(target, `${base}/manifests/${digest}`, digest)
        const image = images.get(digest)
        assert(image !== undefined, `nobody pushed ${digest}`)
        for (const blob of [image.config, ...image.layers]) blobs.add(blob.digest)
      }
      for (const digest of blobs) await served(target, `${base}/blobs/${digest}`, digest)
    }
  }

  for (let round = 0; round <= rounds; round++) {
    await using target = await start()
    if (round === 0) {
      const body = {
        apiVersion: 'project.openshift.io/v1',
        kind: 'ProjectRequest',
        metadata: { name: 'crash' },
      }
      const made = await target.api('POST', '/apis/project.openshift.io/v1/projectrequests', body)
      assert.equal(made?.status, 201, `${made?.bytes}`)
    }
    await check(target).catch((error: Error) => {
      throw new Error(`after round ${round - 1}: ${error.message}`, { cause: error })
    })
    if (round === rounds) break
    if (random.next() < 0.5) {
      // What lies in the trash goes for good while nobody relies on it.
      await turnClock(target, trash + 2 * grace)
      await collect(target)
    }
    const isPruning = round % 2 === 1
    const workers = isPruning
      ? [prune()]
      : [
          ...streams.map((stream, n) => work(target, stream, createRandom(seed + 1000 * round + n))),
          tidy(target, createRandom(seed + 1000 * round + 500)),
        ]
    const working = Promise.all(workers)
    const end = Promise.race([pause(random.between(50, isPruning ? 400 : 1500)), working])
    await end.catch((error: Error) => {
      throw new Error(`round ${round}: ${error.message}`, { cause: error })
    })
    target.child.kill('SIGKILL')
    await working
  }

  const fsck = async (): Promise<string> => {
    let output = ''
    const write = (text: string): void => {
      output += text
    }
    const take = { write }
    const given: Record<string, string | boolean> = { 'data-dir': dataDir, deep: true }
    await fsckCommand.run({
      io: { env: {}, stdout: take, stderr: take, signal: new AbortController().signal },
      flags: {
        string: (name) => String(given[name] ?? ''),
        bool: (name) => given[name] === true,
        int: () => 0,
        changed: (name) => given[name] !== undefined,
      },
    })
    return output
  }

  {
    await using target = await start()
    const outcome = await prune()
    assert.match(outcome, /^0 /, outcome)
    await check(target)
    for (const wait of [2 * grace, trash + 2 * grace, trash + 2 * grace]) {
      await turnClock(target, wait)
      await pause(20)
      await collect(target)
    }
    await check(target)
  }
  // Everything that is referred to is here, and nothing else is.
  assert.equal(await fsck(), 'No differences\n')
  const left = await readdir(join(dataDir, 'blobs', 'trash'), { recursive: true, withFileTypes: true })
  assert.deepEqual(
    left.filter((entry) => entry.isFile()),
    [],
  )
  test.diagnostic(
    `${pushes} pushes, ${images.size} images, ${rollbacks} rollbacks, ${collections} collections`,
  )
  assert(pushes > rounds, 'too few pushes between the kills to say anything')
}

describe('a server that collects and is killed', { timeout: rounds * 30_000 + 120_000 }, () => {
  it(`keeps all that is referred to, and nothing else (${rounds} times)`, main)
})
