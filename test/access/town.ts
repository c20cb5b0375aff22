import assert from 'node:assert/strict'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { hash } from 'bcryptjs'
import { writeOciLayout } from '../clients/oci-layout.ts'
import { type Outcome, openSandbox, type Sandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'
import { descriptorOf, noise, randomImage, type TestImage, toBlob } from '../lab/random-image.ts'

/** People with passwords, real clients, and a server of their own. */
export interface Town extends AsyncDisposable {
  sandbox: Sandbox
  weir: StartedWeir
  /** `127.0.0.1:<port>` of the registry. */
  registry: string
  /** Password of a user, the generated admin's included. */
  passwordOf(user: string): Promise<string>
  /** Starts a session by name and password; resolves to the token. */
  logIn(user: string): Promise<string>
  /** The CLI in the user's session; fails the test when the command fails. */
  oc(user: string, ...args: string[]): Promise<string>
  tryOc(user: string, ...args: string[]): Promise<Outcome>
  json<T>(user: string, ...args: string[]): Promise<T>
  /** Pushes an image of that seed to `<project>/<stream>:<tag>` with these credentials, `name:password`. */
  push(target: string, seed: string, credentials: string): Promise<Outcome>
  /** Reads the manifest of `<project>/<stream>:<tag>` with these credentials. */
  pull(target: string, credentials: string): Promise<Outcome>
  /** podman with storage and credentials of its own. */
  podman(...args: string[]): Promise<Outcome>
  /** A file of the service account's generated credentials, as podman reads it. */
  accountFile(project: string, account: string): Promise<string>
}

const people = ['alice', 'bob', 'carol']
export const passwordFor = (user: string) => `${user}'s:own`

export async function openTown(): Promise<Town> {
  await using opened = new AsyncDisposableStack()
  const sandbox = opened.use(await openSandbox())
  await writeFile(sandbox.path('users'), await htpasswdOf(people))
  const config = `identity: {providers: [{name: local, htpasswd: {file: ${JSON.stringify(sandbox.path('users'))}}}]}`
  await writeFile(sandbox.path('weir.yaml'), config)
  const weir = opened.use(
    await startWeir({
      dataDir: sandbox.path('data'),
      env: sandbox.env,
      args: [
        '--listen',
        '127.0.0.1:0',
        '--registry-listen',
        '127.0.0.1:0',
        '--config',
        sandbox.path('weir.yaml'),
      ],
    }),
  )
  await prepareContainers(sandbox)
  const parts = opened.move()
  return { ...createTown(sandbox, weir), [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

async function htpasswdOf(names: readonly string[]): Promise<string> {
  const lines = await Promise.all(names.map(async (name) => `${name}:${await hash(passwordFor(name), 5)}`))
  return `${lines.join('\n')}\n`
}

async function prepareContainers(sandbox: Sandbox): Promise<void> {
  const folder = sandbox.path('home', '.config', 'containers')
  await mkdir(folder, { recursive: true })
  await writeFile(`${folder}/policy.json`, '{"default":[{"type":"insecureAcceptAnything"}]}')
  await writeFile(`${folder}/registries.conf`, '')
  await writeFile(
    sandbox.path('storage.conf'),
    `[storage]\ndriver = "vfs"\nrunroot = "${sandbox.path('runroot')}"\ngraphroot = "${sandbox.path('root')}"\n`,
  )
}

function createTown(sandbox: Sandbox, weir: StartedWeir): Omit<Town, typeof Symbol.asyncDispose> {
  const registry = weir.registryHost
  const insecure = '--tls-verify=false'
  const tryOc: Town['tryOc'] = (user, ...args) =>
    sandbox.run(weirProgram, args, { env: { KUBECONFIG: sandbox.path(`${user}.kubeconfig`) } })
  const oc: Town['oc'] = async (user, ...args) => {
    const { status, stdout, stderr } = await tryOc(user, ...args)
    assert.equal(status, 0, `${args.join(' ')}: ${stdout}${stderr}`)
    return stdout
  }
  const passwordOf: Town['passwordOf'] = async (user) =>
    user === 'admin'
      ? (await sandbox.must('cat', [`${weir.dataDir}/admin-password`])).trim()
      : passwordFor(user)
  return {
    sandbox,
    weir,
    registry,
    passwordOf,
    oc,
    tryOc,
    async logIn(user) {
      const ca = `--certificate-authority=${weir.dataDir}/pki/ca.crt`
      await oc(user, 'login', '-u', user, '-p', await passwordOf(user), ca, weir.apiUrl)
      return (await oc(user, 'whoami', '-t')).trim()
    },
    json: async <T>(user: string, ...args: string[]) =>
      JSON.parse(await oc(user, ...args, '-o', 'json')) as T,
    async push(target, seed, credentials) {
      // The layers say that they are compressed; podman would look into them when it pulls.
      const image = seed.startsWith('tar ') ? await tarImage(sandbox, seed) : randomImage(seed)
      const layout = sandbox.path(`layout-${noise(seed, 6).toString('hex')}`)
      await mkdir(layout, { recursive: true })
      await writeOciLayout(layout, { image }, [image.config, ...image.layers])
      const args = ['copy', '-q', `--dest-${insecure.slice(2)}`, '--dest-creds', credentials]
      return sandbox.run('skopeo', [...args, `oci:${layout}:image`, `docker://${registry}/${target}`])
    },
    pull: (target, credentials) =>
      sandbox.run('skopeo', [
        'inspect',
        '--raw',
        insecure,
        '--creds',
        credentials,
        `docker://${registry}/${target}`,
      ]),
    podman(...args) {
      const env = { CONTAINERS_STORAGE_CONF: sandbox.path('storage.conf') }
      return sandbox.run('podman', args, { env, timeout: 120_000 })
    },
    async accountFile(project, account) {
      const auths = await accountAuths(oc, project, account)
      const file = sandbox.path(`${project}-${account}.json`)
      await writeFile(file, JSON.stringify({ auths }))
      return file
    },
  }
}

interface AccountObject {
  imagePullSecrets?: { name: string }[]
}

/** Content of the pull secret that each service account has (auth.md U-31); it is filled a moment after the project. */
async function accountAuths(
  oc: Town['oc'],
  project: string,
  account: string,
): Promise<Record<string, unknown>> {
  for (let attempt = 0; attempt < 50; attempt++) {
    const found = await oc('admin', '-n', project, 'get', `sa/${account}`, '-o', 'json')
    const { imagePullSecrets = [] } = JSON.parse(found) as AccountObject
    const [name] = imagePullSecrets
      .map((each) => each.name)
      .filter((each) => each.startsWith(`${account}-dockercfg-`))
    if (name === undefined) continue
    const { data } = JSON.parse(await oc('admin', '-n', project, 'get', `secret/${name}`, '-o', 'json'))
    const auths = JSON.parse(Buffer.from(data['.dockercfg'], 'base64').toString('utf8'))
    if (Object.keys(auths).length > 0) return auths
  }
  throw new Error(`${project}/${account} has no credentials for the registry`)
}

/** An image that podman can unpack. */
async function tarImage(sandbox: Sandbox, seed: string): Promise<TestImage> {
  await writeFile(sandbox.path('content'), seed)
  await sandbox.must('tar', ['-C', sandbox.dir, '--mtime=@0', '-cf', sandbox.path('layer.tar'), 'content'])
  const layer = toBlob(await readFile(sandbox.path('layer.tar')), 'application/vnd.oci.image.layer.v1.tar')
  const json = (value: object) => Buffer.from(JSON.stringify(value))
  const config = toBlob(
    json({
      architecture: 'amd64',
      os: 'linux',
      config: {},
      rootfs: { type: 'layers', diff_ids: [layer.digest] },
    }),
    'application/vnd.oci.image.config.v1+json',
  )
  const mediaType = 'application/vnd.oci.image.manifest.v1+json'
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: descriptorOf(config),
    layers: [descriptorOf(layer)],
  }
  return { ...toBlob(json(manifest), mediaType), config, layers: [layer] }
}
