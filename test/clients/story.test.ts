import assert from 'node:assert/strict'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { parse } from 'yaml'
import type { ImageStream, ImageStreamTag } from '../../src/api/index.ts'
import { artifactOf, indexOf, randomImage } from '../lab/random-image.ts'
import { readLayoutBlob, writeOciLayout } from './oci-layout.ts'
import { requireProgram } from './require-program.ts'
import { openSandbox, type RunOptions, type Sandbox, start } from './sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from './start-weir.ts'

/** The programs of others against the real thing: what a person does in the first hour. */

const programs = { kubectl: 'kubernetes-client', skopeo: 'skopeo', buildah: 'buildah', podman: 'podman' }

interface Desk {
  sandbox: Sandbox
  weir: StartedWeir
  kubectl(...args: string[]): Promise<string>
  kubectlWith(options: RunOptions, ...args: string[]): ReturnType<Sandbox['run']>
  oc(...args: string[]): Promise<string>
  skopeo(...args: string[]): Promise<string>
  /** buildah and podman, with containers' storage of their own. */
  buildah(...args: string[]): Promise<string>
  podman(...args: string[]): Promise<string>
  stream(name: string): Promise<ImageStream>
  digest(tag: string): Promise<string>
}

async function openDesk(sandbox: Sandbox, weir: StartedWeir): Promise<Desk> {
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const conf = sandbox.path('home', '.config', 'containers')
  await mkdir(conf, { recursive: true })
  await writeFile(join(conf, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
  await writeFile(join(conf, 'registries.conf'), '')
  await writeFile(
    sandbox.path('storage.conf'),
    `[storage]\ndriver = "vfs"\nrunroot = "${sandbox.path('runroot')}"\ngraphroot = "${sandbox.path('root')}"\n`,
  )
  const storage = { CONTAINERS_STORAGE_CONF: sandbox.path('storage.conf') }
  const folders = [
    '--root',
    sandbox.path('root'),
    '--runroot',
    sandbox.path('runroot'),
    '--storage-driver',
    'vfs',
  ]
  const kubectl = (...args: string[]) => sandbox.must('kubectl', ['-n', 'demo', ...args], { env })
  return {
    sandbox,
    weir,
    kubectl,
    kubectlWith: (options, ...args) =>
      sandbox.run('kubectl', ['-n', 'demo', ...args], { ...options, env: { ...env, ...options.env } }),
    oc: (...args) => sandbox.must(weirProgram, args, { env }),
    skopeo: (...args) => sandbox.must('skopeo', args),
    buildah: async (...args) =>
      (await sandbox.must('buildah', [...folders, ...args], { env: storage })).trim(),
    podman: async (...args) => (await sandbox.must('podman', [...folders, ...args], { env: storage })).trim(),
    stream: async (name) => JSON.parse(await kubectl('get', 'is', name, '-o', 'json')),
    async digest(tag) {
      const istag: ImageStreamTag = JSON.parse(await kubectl('get', 'istag', tag, '-o', 'json'))
      return istag.image.metadata.name ?? ''
    },
  }
}

/** Makes an image that holds one file and pushes it. */
async function build({ sandbox, weir, buildah, skopeo }: Desk, target: string, text: string): Promise<void> {
  await writeFile(sandbox.path('content'), text)
  const container = await buildah('from', 'scratch')
  await buildah('add', '-q', container, sandbox.path('content'), '/content')
  await buildah('config', '--cmd', '/content', '--label', `text=${text}`, container)
  await buildah('commit', '-q', '--rm', container, `oci:${sandbox.path('built')}:image`)
  const from = `oci:${sandbox.path('built')}:image`
  await skopeo('copy', '-q', '--dest-tls-verify=false', from, `docker://${weir.registryHost}/${target}`)
}

describe('the clients that people have', () => {
  it('work with Weir from the first image to the last', { timeout: 240_000 }, async (test) => {
    for (const [name, debianPackage] of Object.entries(programs)) {
      if (!requireProgram(test, name, debianPackage)) return
    }
    await using sandbox = await openSandbox()
    await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env })
    const desk = await openDesk(sandbox, weir)
    for (const [name, chapter] of Object.entries(chapters)) {
      await test.test(name, (step: TestContext) => chapter(desk, step))
    }
  })
})

const chapters: Record<string, (desk: Desk, test: TestContext) => Promise<void>> = {
  'a project, a login, and a first image': async (desk) => {
    await desk.oc('new-project', 'demo')
    const login = ['login', '--tls-verify=false', '-u', 'admin', '--password-stdin', desk.weir.registryHost]
    await desk.sandbox.must('skopeo', login, { stdin: desk.weir.adminToken })
    await build(desk, 'demo/app:v1', 'one')
    const out = await desk.kubectl('get', 'is,istag')
    assert.match(out, /^imagestream\.image\.openshift\.io\/app +\S+\/demo\/app +v1 +/m)
    assert.match(out, /^imagestreamtag\.image\.openshift\.io\/app:v1 +\S+\/demo\/app@sha256:[0-9a-f]{64} +/m)
  },

  'kubectl reads every view': async ({ kubectl, digest, stream, weir }) => {
    const one = await digest('app:v1')
    assert.match(await kubectl('get', 'isimage', `app@${one}`), new RegExp(`^app@${one} `, 'm'))
    const yaml: ImageStream = parse(await kubectl('get', 'is', 'app', '-o', 'yaml'))
    assert.deepEqual(yaml, await stream('app'))
    assert.equal(yaml.status.tags?.[0]?.items?.[0]?.image, one)
    assert.equal(
      yaml.status.tags?.[0]?.items?.[0]?.dockerImageReference,
      `${weir.registryHost}/demo/app@${one}`,
    )
    assert.match(await kubectl('get', 'is', '-o', 'wide'), /^NAME +IMAGE REPOSITORY +TAGS +UPDATED\napp /)
    assert.match(
      await kubectl('get', 'istag', '-o', 'name'),
      /^imagestreamtag\.image\.openshift\.io\/app:v1$/m,
    )
    const described = await kubectl('describe', 'is', 'app')
    assert.match(described, /^Name: +app$/m)
    assert(described.includes(one))
    assert.match(await kubectl('explain', 'is.spec.tags'), /FIELD: tags <\[\]TagReference>/)
    const resources = await kubectl('api-resources', '--api-group=image.openshift.io', '-o', 'name')
    for (const name of ['images', 'imagestreams', 'imagestreamtags', 'imagetags', 'imagestreamimports']) {
      assert(resources.split('\n').includes(`${name}.image.openshift.io`), name)
    }
    const raw = JSON.parse(await kubectl('get', '--raw', '/apis/image.openshift.io/v1'))
    assert.equal(raw.kind, 'APIResourceList')
  },

  'kubectl writes in every way': async ({ kubectl, kubectlWith, stream, sandbox }) => {
    const manifest = (local: boolean) =>
      JSON.stringify({
        apiVersion: 'image.openshift.io/v1',
        kind: 'ImageStream',
        metadata: { name: 'web' },
        spec: { lookupPolicy: { local } },
      })
    const apply = async (text: string) => (await kubectlWith({ stdin: text }, 'apply', '-f', '-')).stdout
    assert.equal(await apply(manifest(false)), 'imagestream.image.openshift.io/web created\n')
    assert.equal(await apply(manifest(false)), 'imagestream.image.openshift.io/web unchanged\n')
    assert.equal(await apply(manifest(true)), 'imagestream.image.openshift.io/web configured\n')
    assert.equal((await stream('web')).spec.lookupPolicy.local, true)

    const source = { kind: 'ImageStreamTag', name: 'app:v1' }
    const patch = (type: string, body: object) =>
      kubectl('patch', 'is', 'web', `--type=${type}`, '-p', JSON.stringify(body))
    await patch('merge', { spec: { tags: [{ name: 'a', from: source }] } })
    await patch('strategic', { spec: { tags: [{ name: 'b', from: source }] } })
    await patch('json', [{ op: 'add', path: '/spec/tags/-', value: { name: 'c', from: source } }])
    const { spec, status } = await stream('web')
    assert.deepEqual(
      [spec.tags?.map(({ name }) => name), status.tags?.map(({ tag }) => tag)],
      [
        ['a', 'b', 'c'],
        ['a', 'b', 'c'],
      ],
    )

    await kubectl('label', 'is', 'web', 'tier=front')
    await kubectl('annotate', 'is', 'web', 'example.test/note=first')
    await writeFile(sandbox.path('editor'), '#!/bin/sh\nsed -i "s/tier: front/tier: back/" "$1"\n', {
      mode: 0o755,
    })
    const edited = await kubectlWith({ env: { EDITOR: sandbox.path('editor') } }, 'edit', 'is', 'web')
    assert.deepEqual([edited.status, edited.stdout], [0, 'imagestream.image.openshift.io/web edited\n'])
    const { labels, annotations } = (await stream('web')).metadata
    assert.equal(labels?.tier, 'back')
    assert.equal(annotations?.['example.test/note'], 'first')
    assert.match(await kubectl('get', 'is', '-l', 'tier=back', '-o', 'name'), /^\S+\/web\n$/)
  },

  'what is only tried or is wrong is not stored': async ({ kubectl, kubectlWith }) => {
    const text = (spec: object) =>
      JSON.stringify({
        apiVersion: 'image.openshift.io/v1',
        kind: 'ImageStream',
        metadata: { name: 'try' },
        spec,
      })
    const dry = await kubectlWith({ stdin: text({}) }, 'create', '--dry-run=server', '-f', '-')
    assert.equal(dry.stdout, 'imagestream.image.openshift.io/try created (server dry run)\n')
    const strict = await kubectlWith({ stdin: text({ bogus: 1 }) }, 'create', '--validate=strict', '-f', '-')
    assert.equal(strict.status, 1)
    assert.match(strict.stderr, /unknown field "spec\.bogus"/)
    const wrong = text({ tags: [{ name: 't', from: { kind: 'DockerImage', name: 'Bad::' } }] })
    const refused = await kubectlWith({ stdin: wrong }, 'create', '-f', '-')
    assert.equal(refused.status, 1)
    assert.match(
      refused.stderr,
      /spec\.tags\[t\]\.from\.name: Invalid value: "Bad::": invalid reference format/,
    )
    assert.equal((await kubectlWith({}, 'get', 'is', 'try')).status, 1)
    assert.equal(await kubectl('delete', 'is', 'web'), 'imagestream.image.openshift.io "web" deleted\n')
    assert.match(
      (await kubectlWith({}, 'get', 'is', 'web')).stderr,
      /imagestreams\.image\.openshift\.io "web" not found/,
    )
  },

  'an alias follows a push, a permanent tag stays, and a watch sees each event once': async (desk) => {
    await desk.oc('tag', '-n', 'demo', 'app:v1', 'app:pinned')
    await desk.oc('tag', '-n', 'demo', '--alias', 'app:v1', 'app:follow')
    const one = await desk.digest('app:v1')
    const watch = watchTags(desk, 'app')
    await watch.until(1)
    await build(desk, 'demo/app:v1', 'two')
    const two = await desk.digest('app:v1')
    await desk.kubectl('label', 'is', 'app', 'seen=1')
    const events = await watch.until(3)
    assert.notEqual(one, two)
    assert.deepEqual(events, [
      `ADDED follow=${one} pinned=${one} v1=${one}`,
      `MODIFIED follow=${two} pinned=${one} v1=${two}`,
      `MODIFIED follow=${two} pinned=${one} v1=${two}`,
    ])
    watch.stop()
    assert.deepEqual([await desk.digest('app:follow'), await desk.digest('app:pinned')], [two, one])
  },

  'podman pulls the same bytes by tag and by digest': async ({ podman, digest, weir, kubectl }) => {
    const repository = `${weir.registryHost}/demo/app`
    for (const [tag, text] of [['follow', 'two'] as const, ['pinned', 'one'] as const]) {
      const wanted = await digest(`app:${tag}`)
      const byTag = await podman('pull', '-q', '--tls-verify=false', `${repository}:${tag}`)
      const byDigest = await podman('pull', '-q', '--tls-verify=false', `${repository}@${wanted}`)
      assert.equal(byTag, byDigest)
      assert.equal(await podman('image', 'inspect', '-f', '{{.Digest}}', `${repository}:${tag}`), wanted)
      assert.equal(await podman('image', 'inspect', '-f', '{{.Labels.text}}', `${repository}:${tag}`), text)
      const mounted = await podman('image', 'mount', `${repository}:${tag}`)
      assert.equal(await readFile(join(mounted, 'content'), 'utf8'), text)
      await podman('image', 'unmount', `${repository}:${tag}`)
    }
    assert.match(await kubectl('delete', 'istag', 'app:pinned'), /deleted/)
  },

  'a manifest, an artifact and an index come back byte for byte': async ({
    skopeo,
    sandbox,
    weir,
    kubectl,
  }) => {
    const parts = { amd64: randomImage('a'), arm64: randomImage('b', { architecture: 'arm64' }) }
    const named = { plain: randomImage('plain'), report: artifactOf('report'), multi: indexOf(parts) }
    const images = [named.plain, named.report, parts.amd64, parts.arm64]
    const blobs = [...Object.values(parts), ...images.flatMap(({ config, layers }) => [config, ...layers])]
    await writeOciLayout(sandbox.path('layout'), named, blobs)
    for (const [name, blob] of Object.entries(named)) {
      const remote = `docker://${weir.registryHost}/demo/kept:${name}`
      const exact = ['copy', '-q', '--all', '--preserve-digests']
      await skopeo(...exact, '--dest-tls-verify=false', `oci:${sandbox.path('layout')}:${name}`, remote)
      assert.equal(await skopeo('inspect', '--raw', '--tls-verify=false', remote), blob.bytes.toString())
      await skopeo(...exact, '--src-tls-verify=false', remote, `oci:${sandbox.path(`back-${name}`)}:${name}`)
      const contents = name === 'multi' ? Object.values(parts) : images.filter((image) => image === blob)
      for (const { digest, bytes, config, layers } of contents) {
        for (const part of [{ digest, bytes }, config, ...layers]) {
          assert((await readLayoutBlob(sandbox.path(`back-${name}`), part.digest)).equals(part.bytes))
        }
      }
      const istag: ImageStreamTag = JSON.parse(await kubectl('get', 'istag', `kept:${name}`, '-o', 'json'))
      assert.equal(istag.image.metadata.name, blob.digest)
    }
  },

  'nothing went wrong unseen': async ({ weir }) => {
    const lines = weir
      .stderr()
      .split('\n')
      .filter((line) => line.startsWith('{'))
    const errors = lines.filter((line) => JSON.parse(line).level >= 50)
    assert.deepEqual(errors, [])
    assert(!weir.stderr().includes(weir.adminToken))
  },
}

/** Milliseconds that an event may take on a busy machine. */
const patience = 30_000

/** `kubectl get -w`: a line for each event, with the newest image of each tag. */
function watchTags({ sandbox, weir }: Desk, name: string) {
  // Not jsonpath: kubectl's ends a watch at the second event when it has a range.
  const form = '{{.type}}{{range .object.status.tags}} {{.tag}}={{(index .items 0).image}}{{end}}{{"\\n"}}'
  const env = { ...sandbox.env, KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const args = ['-n', 'demo', 'get', 'is', name, '-w', '--output-watch-events', '-o', `go-template=${form}`]
  const child = start('kubectl', args, env, sandbox.dir)
  let text = ''
  const changed = new EventTarget()
  child.stdout.setEncoding('utf8').on('data', (chunk) => {
    text += chunk
    changed.dispatchEvent(new Event('line'))
  })
  const lines = () => text.split('\n').slice(0, -1)
  return {
    /** All lines, once there are so many. */
    async until(count: number): Promise<string[]> {
      while (lines().length < count) {
        await once(changed, 'line', { signal: AbortSignal.timeout(patience) })
      }
      return lines()
    },
    stop: () => void child.kill(),
  }
}
