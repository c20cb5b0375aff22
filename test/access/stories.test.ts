import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { after, before, describe, it, type TestContext } from 'node:test'
import type { RoleBinding, ServiceAccount } from '../../src/api/index.ts'
import { requireProgram } from '../clients/require-program.ts'
import type { Outcome } from '../clients/sandbox.ts'
import { openTown, passwordFor, type Town } from './town.ts'

/** What the manual tells people to do about access, done with the programs that they use. */

function succeeds({ status, stdout, stderr }: Outcome, what = ''): void {
  assert.equal(status, 0, `${what}: ${stdout}${stderr}`)
}

/** The registry says 401 whether one is unknown or may not (registry.md B-13). */
function refused({ status, stdout, stderr }: Outcome, what = ''): void {
  assert.notEqual(status, 0, `${what} was not refused: ${stdout}`)
  assert.match(stderr, /unauthorized|authentication required|access denied|invalid username\/password/i, what)
}

const hasClients = (test: TestContext) =>
  requireProgram(test, 'skopeo', 'skopeo') && requireProgram(test, 'podman', 'podman')

/** One server for all stories: each has projects of its own. */
let town: Town

before(async () => {
  town = await openTown()
  for (const user of ['admin', 'alice', 'bob']) await town.logIn(user)
})
after(() => town[Symbol.asyncDispose]())

/** The first is alice's, the second is bob's and holds an image. */
async function openTwoProjects(mine: string, theirs: string): Promise<void> {
  await town.oc('alice', 'new-project', mine)
  await town.oc('bob', 'new-project', theirs)
  succeeds(await town.push(`${theirs}/app:v1`, 'tar app', `bob:${passwordFor('bob')}`))
}

describe('accessing the internal registry', () => {
  it('any user name, and the token as the password', async (test) => {
    if (!hasClients(test)) return
    const token = await town.logIn('carol')
    assert.match(token, /^sha256~[\w-]{43}$/)
    await town.oc('carol', 'new-project', 'carols')
    const logIn = (user: string, password: string) =>
      town.podman('login', '--tls-verify=false', '-u', user, '-p', password, town.registry)
    refused(await logIn('carol', 'sha256~wrong'), 'a wrong token')
    succeeds(await logIn('whoever', token))
    succeeds(await town.push('carols/app:v1', 'tar app', `x:${token}`))
    succeeds(await town.podman('pull', '-q', '--tls-verify=false', `${town.registry}/carols/app:v1`))
    assert.match(await town.oc('carol', 'get', 'istag'), /app:v1/)
    assert.equal(await town.oc('carol', 'whoami'), 'carol\n')
    const hashed = await town.oc('admin', 'get', 'oauthaccesstokens')
    assert(!hashed.includes(token), 'what is listed is no token')

    assert.equal(await town.oc('carol', 'logout'), `Logged "carol" out on "${town.weir.apiUrl}"\n`)
    refused(await town.pull('carols/app:v1', `x:${token}`), 'a token after logout')
    refused(await logIn('whoever', token), 'a token after logout')
    const api = await town.tryOc('alice', 'get', 'imagestreams', `--token=${token}`)
    assert.equal(api.status, 1)
    assert.match(api.stderr, /Unauthorized/)
  })

  it('user name and password, the generated admin’s included', async (test) => {
    if (!hasClients(test)) return
    await town.oc('alice', 'new-project', 'mine')
    for (const user of ['alice', 'admin']) {
      const password = await town.passwordOf(user)
      succeeds(await town.push(`mine/app:${user}`, 'mine', `${user}:${password}`), user)
      succeeds(await town.pull(`mine/app:${user}`, `${user}:${password}`), user)
      const args = ['login', '--tls-verify=false', '-u', user, '-p', password, town.registry]
      succeeds(await town.podman(...args), user)
      refused(await town.pull(`mine/app:${user}`, `${user}:${password}x`), `${user}, wrong password`)
    }
    refused(await town.pull('mine/app:alice', 'nobody:at-all'), 'an unknown user')
    refused(await town.pull('mine/app:alice', `bob:${passwordFor('alice')}`), 'another’s password')
    refused(await town.pull('mine/app:alice', `bob:${passwordFor('bob')}`), 'a user without rights')
  })

  it('get on imagestreams/layers pulls, update pushes, and a new stream needs create imagestreams', async (test) => {
    if (!hasClients(test)) return
    await openTwoProjects('layers-a', 'layers-b')
    const carol = `carol:${passwordFor('carol')}`
    const give = (role: string) =>
      town.oc('bob', 'policy', 'add-role-to-user', role, 'carol', '-n', 'layers-b')
    const take = (role: string) =>
      town.oc('bob', 'policy', 'remove-role-from-user', role, 'carol', '-n', 'layers-b')
    refused(await town.pull('layers-b/app:v1', carol))
    await give('system:image-puller')
    succeeds(await town.pull('layers-b/app:v1', carol))
    refused(await town.push('layers-b/app:v2', 'carols', carol), 'push with the right to pull')
    await give('system:image-pusher')
    succeeds(await town.push('layers-b/app:v2', 'carols', carol))
    const made = await town.push('layers-b/new:v1', 'carols', carol)
    assert.notEqual(made.status, 0, 'system:image-pusher makes no streams')
    assert.match(made.stderr, /denied/i)
    await take('system:image-pusher')
    refused(await town.push('layers-b/app:v3', 'carols', carol), 'push after the role is gone')
    await take('system:image-puller')
    refused(await town.pull('layers-b/app:v1', carol), 'pull after the role is gone')
  })
})

describe('across projects', () => {
  const pull = (project: string, file: string) =>
    town.podman('pull', '-q', '--tls-verify=false', '--authfile', file, `${town.registry}/${project}/app:v1`)

  it('a service account pulls from another project once it is bound to system:image-puller there', async (test) => {
    if (!hasClients(test)) return
    await openTwoProjects('project-a', 'project-b')
    const file = await town.accountFile('project-a', 'default')
    const builder = await town.accountFile('project-a', 'builder')
    const account = ['system:image-puller', 'system:serviceaccount:project-a:default', '-n', 'project-b']
    refused(await pull('project-b', file), 'before the role')
    assert.equal(
      await town.oc('bob', 'policy', 'add-role-to-user', ...account),
      'clusterrole.rbac.authorization.k8s.io/system:image-puller added: "system:serviceaccount:project-a:default"\n',
    )
    succeeds(await pull('project-b', file), 'with the role')
    refused(await pull('project-b', builder), 'another account')
    const get = ['-n', 'project-b', 'get', 'rolebinding.rbac.authorization.k8s.io/system:image-puller']
    const { subjects } = await town.json<RoleBinding>('bob', ...get)
    assert.deepEqual(subjects, [{ kind: 'ServiceAccount', name: 'default', namespace: 'project-a' }])
    await town.oc('bob', 'policy', 'remove-role-from-user', ...account)
    refused(await pull('project-b', file), 'after the role')
  })

  it('all service accounts of a project do by their group', async (test) => {
    if (!hasClients(test)) return
    await openTwoProjects('group-a', 'group-b')
    const files = [
      await town.accountFile('group-a', 'default'),
      await town.accountFile('group-a', 'deployer'),
    ] as const
    const group = ['system:image-puller', 'system:serviceaccounts:group-a', '-n', 'group-b']
    refused(await pull('group-b', files[0]), 'before the role')
    await town.oc('bob', 'policy', 'add-role-to-group', ...group)
    for (const file of files) succeeds(await pull('group-b', file), 'with the role')
    refused(await town.pull('group-b/app:v1', `alice:${passwordFor('alice')}`), 'the project’s admin')
    await town.oc('bob', 'policy', 'remove-role-from-group', ...group)
    for (const file of files) refused(await pull('group-b', file), 'after the role')
  })

  it('nobody gives away rights in a project of others, or a role that they lack', async (test) => {
    if (!hasClients(test)) return
    await openTwoProjects('give-a', 'give-b')
    const give = (...args: string[]) => town.tryOc('alice', 'policy', 'add-role-to-user', ...args)
    const foreign = await give('system:image-puller', 'system:serviceaccount:give-a:default', '-n', 'give-b')
    assert.equal(foreign.status, 1)
    assert.match(foreign.stderr, /forbidden/i)
    const more = await give('cluster-admin', 'alice', '-n', 'give-a')
    assert.equal(more.status, 1)
    assert.match(more.stderr, /attempting to grant RBAC permissions not currently held/)
  })

  it('tagging needs the right to pull there', async (test) => {
    if (!hasClients(test)) return
    await openTwoProjects('tag-a', 'tag-b')
    const tag = () => town.tryOc('alice', 'tag', 'tag-b/app:v1', 'copy:v1', '-n', 'tag-a')
    assert.match((await tag()).stderr, /forbidden/i)
    await town.oc('bob', 'policy', 'add-role-to-user', 'registry-viewer', 'alice', '-n', 'tag-b')
    succeeds(await tag())
    succeeds(await town.pull('tag-a/copy:v1', `alice:${passwordFor('alice')}`))
  })
})

describe('image pull secrets', () => {
  it('a service account pulls in its project; the builder pushes, default does not (U-72)', async (test) => {
    if (!hasClients(test)) return
    await openTwoProjects('own-a', 'own-b')
    const image = `${town.registry}/own-b/app:v1`
    const as = async (account: string, ...args: string[]) => {
      const file = await town.accountFile('own-b', account)
      const [command = '', ...rest] = args
      return town.podman(command, '-q', '--tls-verify=false', '--authfile', file, ...rest)
    }
    for (const account of ['default', 'builder']) succeeds(await as(account, 'pull', image), account)
    const push = (account: string) => as(account, 'push', image, `${town.registry}/own-b/built:by-${account}`)
    succeeds(await push('builder'), 'the builder')
    refused(await push('default'), 'default')
  })

  it('secrets from a file and from words, linked for pulls and for mounts', async () => {
    await town.oc('alice', 'new-project', 'secrets')
    const auth = Buffer.from('u:p').toString('base64')
    const [cfg, json] = [town.sandbox.path('.dockercfg'), town.sandbox.path('config.json')]
    await writeFile(cfg, JSON.stringify({ 'registry.example.com': { auth } }))
    await writeFile(json, JSON.stringify({ auths: { 'registry.example.com': { auth } } }))
    const mine = (...args: string[]) => town.oc('alice', '-n', 'secrets', ...args)
    assert.equal(await mine('secrets', 'new', 'old', `.dockercfg=${cfg}`), 'secret/old created\n')
    assert.equal(await mine('secrets', 'new', 'newer', `.dockerconfigjson=${json}`), 'secret/newer created\n')
    const words = [
      '--docker-server=privateregistry.example.com',
      '--docker-username=u',
      '--docker-password=p',
      '--docker-email=e@example.com',
    ]
    assert.equal(await mine('secret', 'new-dockercfg', 'words', ...words), 'secret/words created\n')
    const typeOf = async (name: string) => JSON.parse(await mine('get', 'secret', name, '-o', 'json')).type
    assert.equal(await typeOf('old'), 'kubernetes.io/dockercfg')
    assert.equal(await typeOf('newer'), 'kubernetes.io/dockerconfigjson')
    assert.equal(await typeOf('words'), 'kubernetes.io/dockerconfigjson')

    const linked = async (name: string) => {
      const account: ServiceAccount = JSON.parse(await mine('get', 'sa', name, '-o', 'json'))
      const own = (list: readonly { name?: string }[] = []) =>
        list.map((each) => each.name ?? '').filter((each) => !each.includes('-dockercfg-'))
      return { mount: own(account.secrets), pull: own(account.imagePullSecrets) }
    }
    assert.equal(await mine('secrets', 'link', 'default', 'words', '--for=pull'), '')
    await mine('secrets', 'link', 'builder', 'words')
    await mine('secrets', 'link', 'deployer', 'old', 'newer', '--for=pull,mount')
    assert.deepEqual(await linked('default'), { mount: [], pull: ['words'] })
    assert.deepEqual(await linked('builder'), { mount: ['words'], pull: [] })
    assert.deepEqual(await linked('deployer'), { mount: ['newer', 'old'], pull: ['newer', 'old'] })
    await mine('secrets', 'unlink', 'deployer', 'old')
    assert.deepEqual(await linked('deployer'), { mount: ['newer'], pull: ['newer'] })
    const file = `--from-file=.dockercfg=${town.sandbox.path('users')}`
    const bad = await town.tryOc(
      'alice',
      ...['-n', 'secrets', 'create', 'secret', 'generic', 'bad', file, '--type=kubernetes.io/dockercfg'],
    )
    assert.equal(bad.status, 1)
    assert.match(bad.stderr, /data\[\.dockercfg\]: Invalid value/)
  })
})
