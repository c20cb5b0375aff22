import { symlink, writeFile } from 'node:fs/promises'
import { startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { type Outcome, openSandbox, type Sandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'

/** A server, a registry that stands for Docker Hub, a private one, and a shell that remembers its variables. */
export interface Site extends AsyncDisposable {
  sandbox: Sandbox
  weir: StartedWeir
  hub: string
  privateHost: string
  /** Runs a text in bash, in the sandbox's folder; fails at the first command that does. */
  shell(text: string): Promise<Outcome>
}

/** `puller` with the password `secret-word`. */
const privateUsers = 'puller:$2y$05$NKdwnjc..R0iguoEmlQm/.mpjpNVm1gjbDfJs9e.V9Zri2KOaixoe\n'

export const hubImages: readonly (readonly [repository: string, tag: string])[] = [
  ['library/ruby', '3.3'],
  ['library/ruby', 'latest'],
  ['library/mysql', '8'],
  ['library/mysql', 'latest'],
  ['library/centos', 'centos7'],
  ['openshift/ruby-20-centos7', '2.0'],
  ['openshift/ruby-20-centos7', 'latest'],
]

export async function openSite(): Promise<Site> {
  await using stack = new AsyncDisposableStack()
  const hub = stack.use(await startRegistry())
  const own = stack.use(await startRegistry({ htpasswd: privateUsers }))
  for (const [repository, tag] of hubImages) {
    const target = { url: `http://${hub.host}`, repository: `hub/${repository}` }
    await pushImage(target, tag, makeImage(`${repository}:${tag}`, { docker: true }))
  }
  const target = { url: `http://${own.host}`, repository: 'team/app', login: 'puller:secret-word' }
  await pushImage(target, 'v1', makeImage('team/app:v1'))

  const sandbox = stack.use(await openSandbox())
  const settings = {
    import: {
      mirrors: [{ source: 'docker.io', mirrors: [`${hub.host}/hub`] }],
      insecureRegistries: [hub.host],
    },
  }
  await writeFile(sandbox.path('weir.yaml'), JSON.stringify(settings))
  for (const name of ['weir', 'oc']) await symlink(weirProgram, sandbox.path(name))
  await writeFile(sandbox.path('state'), '')
  const args = [
    '--config',
    sandbox.path('weir.yaml'),
    '--listen',
    '127.0.0.1:0',
    '--registry-listen',
    '127.0.0.1:0',
  ]
  const weir = stack.use(await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env, args }))

  const env = {
    PATH: `${sandbox.dir}:${process.env.PATH}`,
    WEIR_DATA_DIR: sandbox.path('data'),
    PRIVATE: own.host,
    HUB: `${hub.host}/hub`,
  }
  const kept = stack.move()
  return {
    sandbox,
    weir,
    hub: hub.host,
    privateHost: own.host,
    shell(text) {
      const script = `set -euo pipefail\n. ./state\n${text}\nexport -p > state\n`
      return sandbox.run('bash', ['-c', script], { env, timeout: 120_000 })
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  }
}
