import assert from 'node:assert/strict'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { writeOciLayout } from '../clients/oci-layout.ts'
import { requireProgram } from '../clients/require-program.ts'
import { openSandbox, type Sandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'
import { artifactOf, indexOf, randomImage } from '../lab/random-image.ts'

/** The programs that people move images with, against the running registry: single images, lists of them, and artifacts. */

interface Desk {
  sandbox: Sandbox
  weir: StartedWeir
  /** `docker://<registry>/demo/<rest>` */
  remote(rest: string): string
  skopeo(...args: string[]): Promise<string>
  /** buildah and podman, with a storage of their own. */
  tool(program: 'buildah' | 'podman', ...args: string[]): Promise<string>
  digestOf(rest: string): Promise<string>
  tags(repository: string): Promise<string[]>
}

const plain = '--tls-verify=false'

async function openDesk(sandbox: Sandbox, weir: StartedWeir): Promise<Desk> {
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const settings = sandbox.path('home', '.config', 'containers')
  await mkdir(settings, { recursive: true })
  await writeFile(join(settings, 'policy.json'), '{"default":[{"type":"insecureAcceptAnything"}]}')
  await writeFile(join(settings, 'registries.conf'), '')
  const [root, runroot] = [sandbox.path('root'), sandbox.path('runroot')]
  const folders = ['--root', root, '--runroot', runroot, '--storage-driver', 'vfs']
  await sandbox.must(weirProgram, ['new-project', 'demo'], { env })
  const login = ['login', plain, '-u', 'anyone', '--password-stdin', weir.registryHost]
  await sandbox.must('skopeo', login, { stdin: weir.adminToken })
  const skopeo = (...args: string[]) => sandbox.must('skopeo', args)
  const remote = (rest: string) => `docker://${weir.registryHost}/demo/${rest}`
  return {
    sandbox,
    weir,
    remote,
    skopeo,
    tool: async (program, ...args) => (await sandbox.must(program, [...folders, ...args])).trim(),
    digestOf: async (rest) =>
      (await skopeo('inspect', plain, '--no-tags', '--format', '{{.Digest}}', remote(rest))).trim(),
    tags: async (repository) => {
      const listed: { Tags: string[] } = JSON.parse(await skopeo('list-tags', plain, remote(repository)))
      return listed.Tags
    },
  }
}

const chapters: Record<string, (desk: Desk) => Promise<void>> = {
  'skopeo copies one image in, across and out again, lists it and deletes it': async (desk) => {
    const { sandbox, skopeo, remote, tags, digestOf } = desk
    const image = randomImage('skopeo')
    await writeOciLayout(sandbox.path('one'), { v1: image }, [image.config, ...image.layers])
    await skopeo(
      'copy',
      '-q',
      '--preserve-digests',
      '--dest-tls-verify=false',
      `oci:${sandbox.path('one')}:v1`,
      remote('one:v1'),
    )
    const across = ['copy', '-q', '--preserve-digests', '--src-tls-verify=false', '--dest-tls-verify=false']
    await skopeo(...across, remote('one:v1'), remote('one:v2'))
    await skopeo(...across, remote('one:v1'), remote('two:v1'))
    assert.deepEqual(await tags('one'), ['v1', 'v2'])
    assert.deepEqual([await digestOf('one:v2'), await digestOf('two:v1')], [image.digest, image.digest])
    const back = `oci:${sandbox.path('back')}:v1`
    await skopeo(
      'copy',
      '-q',
      '--preserve-digests',
      '--src-tls-verify=false',
      remote(`two@${image.digest}`),
      back,
    )
    const raw = await skopeo('inspect', '--raw', back)
    assert.equal(raw, image.bytes.toString())
    await skopeo('delete', plain, remote('two:v1'))
    assert.deepEqual(await tags('two'), [])
    await assert.rejects(skopeo('inspect', plain, remote('two:v1')), /manifest unknown/)
    assert.equal(await digestOf('one:v1'), image.digest, 'another stream keeps it')
  },

  'skopeo copies a list of images with all that it lists': async ({ sandbox, skopeo, remote }) => {
    const images = { amd64: randomImage('many'), arm64: randomImage('many', { architecture: 'arm64' }) }
    const index = indexOf(images)
    const parts = Object.values(images).flatMap((image) => [image, image.config, ...image.layers])
    await writeOciLayout(sandbox.path('many'), { all: index }, parts)
    const all = ['copy', '-q', '--preserve-digests', '--all', '--dest-tls-verify=false']
    await skopeo(...all, `oci:${sandbox.path('many')}:all`, remote('many:all'))
    assert.equal(await skopeo('inspect', plain, '--raw', remote('many:all')), index.bytes.toString())
    const arm: { Architecture: string } = JSON.parse(
      await skopeo('inspect', plain, '--override-arch', 'arm64', remote('many:all')),
    )
    assert.equal(arm.Architecture, 'arm64')
    for (const { digest, bytes } of Object.values(images)) {
      assert.equal(await skopeo('inspect', plain, '--raw', remote(`many@${digest}`)), bytes.toString())
    }
    const artifact = artifactOf('report')
    await writeOciLayout(sandbox.path('art'), { r: artifact }, [artifact.config, ...artifact.layers])
    await skopeo(
      'copy',
      '-q',
      '--preserve-digests',
      '--dest-tls-verify=false',
      `oci:${sandbox.path('art')}:r`,
      remote('art:r'),
    )
    assert.equal(await skopeo('inspect', plain, '--raw', remote('art:r')), artifact.bytes.toString())
  },

  'buildah pushes what it built, and a list of two; podman pulls, tags and pushes': async (desk) => {
    const { sandbox, weir, tool, digestOf, tags, skopeo, remote } = desk
    const repository = `${weir.registryHost}/demo/built`
    await writeFile(sandbox.path('content'), 'content')
    for (const architecture of ['amd64', 'arm64']) {
      const container = await tool('buildah', 'from', '--arch', architecture, 'scratch')
      await tool('buildah', 'add', '-q', container, sandbox.path('content'), '/content')
      await tool('buildah', 'config', '--label', `arch=${architecture}`, container)
      await tool('buildah', 'commit', '-q', '--rm', container, `localhost/built:${architecture}`)
      await tool(
        'buildah',
        'push',
        '-q',
        plain,
        `localhost/built:${architecture}`,
        `${repository}:${architecture}`,
      )
    }
    await tool('buildah', 'manifest', 'create', 'list')
    for (const architecture of ['amd64', 'arm64']) {
      await tool('buildah', 'manifest', 'add', plain, 'list', `docker://${repository}:${architecture}`)
    }
    await tool('buildah', 'manifest', 'push', '-q', '--all', plain, 'list', `docker://${repository}:list`)
    const list: { manifests: { digest: string }[] } = JSON.parse(
      await skopeo('inspect', plain, '--raw', remote('built:list')),
    )
    assert.deepEqual(
      list.manifests.map(({ digest }) => digest).toSorted(),
      [await digestOf('built:amd64'), await digestOf('built:arm64')].toSorted(),
    )
    await tool('podman', 'pull', '-q', plain, `${repository}:amd64`)
    const label = ['image', 'inspect', '-f', '{{.Labels.arch}}', `${repository}:amd64`]
    assert.equal(await tool('podman', ...label), 'amd64')
    await tool('podman', 'tag', `${repository}:amd64`, `${repository}:again`)
    await tool('podman', 'push', '-q', plain, `${repository}:again`)
    assert.deepEqual(await tags('built'), ['again', 'amd64', 'arm64', 'list'])
    const found = await tool('podman', 'search', plain, '--list-tags', repository)
    assert.match(found, /again/)
    await tool('podman', 'pull', '-q', plain, '--arch', 'arm64', `${repository}:list`)
    assert.equal(await tool('podman', ...label.slice(0, -1), `${repository}:list`), 'arm64')
    const elsewhere = ['copy', '-q', '--all', '--src-tls-verify=false', '--dest-tls-verify=false']
    await skopeo(...elsewhere, remote('built:list'), remote('elsewhere:list'))
    assert.equal(await digestOf('elsewhere:list'), await digestOf('built:list'))
    await skopeo('delete', plain, remote('built:list'))
    assert.deepEqual(await tags('built'), ['again', 'amd64', 'arm64'])
    assert.deepEqual(await tags('elsewhere'), ['list'])
  },
}

describe('clients of the registry', () => {
  it('push, pull, copy, list and delete', { timeout: 240_000 }, async (test) => {
    for (const name of ['skopeo', 'buildah', 'podman']) if (!requireProgram(test, name, name)) return
    await using sandbox = await openSandbox()
    await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env })
    const desk = await openDesk(sandbox, weir)
    for (const [name, chapter] of Object.entries(chapters)) {
      await test.test(name, (_step: TestContext) => chapter(desk))
    }
  })
})
