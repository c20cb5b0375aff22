import assert from 'node:assert/strict'
import { mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { after, before, it } from 'node:test'
import { clusterNickname, isGeneratedContext, planContext } from './entries.ts'
import { kubeconfigFiles, loadKubeconfig } from './load.ts'
import { saveKubeconfig } from './save.ts'
import { resolveTarget, type TargetFlags } from './target.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-kubeconfig-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const none: TargetFlags = {
  server: '',
  token: '',
  context: '',
  cluster: '',
  user: '',
  namespace: '',
  ca: '',
  cert: '',
  key: '',
  serverName: '',
  insecure: false,
  insecureGiven: false,
  as: '',
  asUid: '',
  asGroups: [],
}

async function write(name: string, text: string): Promise<string> {
  const file = join(folder, name)
  await mkdir(join(file, '..'), { recursive: true })
  await writeFile(file, text)
  return file
}

it('takes the flag, then $KUBECONFIG, then the home folder', () => {
  assert.deepEqual(kubeconfigFiles('x', { KUBECONFIG: '/a' }, '/w'), { files: ['/w/x'], explicit: true })
  assert.deepEqual(kubeconfigFiles('', { KUBECONFIG: '/a::/b' }, '/w'), {
    files: ['/a', '/b'],
    explicit: false,
  })
  assert.deepEqual(kubeconfigFiles('', { HOME: '/h' }, '/w'), { files: ['/h/.kube/config'], explicit: false })
})

it('merges files, the first of two entries wins, and reads relative paths beside their file', async () => {
  await write('sub/ca.crt', 'PEM')
  await write('sub/token', 'from-file\n')
  const first = await write(
    'sub/a',
    'clusters:\n- {name: c, cluster: {server: "https://a", certificate-authority: ca.crt}}\nusers:\n- {name: u, user: {tokenFile: token}}\ncurrent-context: x\n',
  )
  const second = await write(
    'b',
    'clusters: [{name: c, cluster: {server: "https://b"}}]\ncontexts: [{name: x, context: {cluster: c, user: u, namespace: n}}]\ncurrent-context: y\n',
  )
  const config = await loadKubeconfig([first, join(folder, 'missing'), second], false)
  const target = await resolveTarget(config, none)
  assert.equal(target?.server, 'https://a')
  assert.equal(target?.ca, 'PEM')
  assert.equal(target?.token, 'from-file')
  assert.equal(target?.namespace, 'n')
  assert.equal(target?.contextName, 'x')
})

it('flags go before the file', async () => {
  const file = await write(
    'flags',
    'clusters: [{name: c, cluster: {server: "https://a", insecure-skip-tls-verify: true}}]\nusers: [{name: u, user: {token: t}}, {name: v, user: {username: n, password: p}}]\ncontexts: [{name: x, context: {cluster: c, user: u}}]\ncurrent-context: x\n',
  )
  const config = await loadKubeconfig([file], true)
  assert.equal((await resolveTarget(config, none))?.insecure, true)
  const target = await resolveTarget(config, {
    ...none,
    server: 'h:1',
    user: 'v',
    namespace: 'z',
    insecureGiven: true,
    as: 'bob',
    asGroups: ['g'],
  })
  assert.equal(target?.server, 'https://h:1')
  assert.equal(target?.basic, Buffer.from('n:p').toString('base64'))
  assert.equal(target?.insecure, false)
  assert.deepEqual([target?.namespace, target?.namespaceGiven], ['z', true])
  assert.deepEqual(target?.impersonate, { user: 'bob', uid: '', groups: ['g'], extra: {} })
  await assert.rejects(resolveTarget(config, { ...none, context: 'no' }), /context "no" does not exist/)
})

it('without a server there is no target', async () => {
  assert.equal(await resolveTarget(await loadKubeconfig([join(folder, 'none')], false), none), undefined)
})

it('names what it cannot read', async () => {
  const file = await write('broken', 'a: [\n')
  await assert.rejects(loadKubeconfig([file], true), {
    name: 'CliError',
    message: /^error loading config file ".*broken": /,
  })
})

it('changes only what it is told to, and keeps comments and fields that it does not know', async () => {
  const file = await write(
    'keep',
    `# mine
apiVersion: v1
kind: Config
clusters:
- name: c
  cluster: {server: "https://a", extensions: [{name: e}]}
users:
- name: u # me
  user: {token: old, unknown: 1}
contexts: []
other: true
`,
  )
  const config = await loadKubeconfig([file], true)
  await saveKubeconfig(config, {
    users: { u: { token: 'new' } },
    contexts: { x: { cluster: 'c', user: 'u', namespace: 'n' } },
    currentContext: 'x',
  })
  const text = await readFile(file, 'utf8')
  assert.match(text, /^# mine$/m)
  assert.match(text, /# me/)
  assert.match(text, /extensions:/)
  assert.match(text, /unknown: 1/)
  assert.match(text, /other: true/)
  const again = await loadKubeconfig([file], true)
  assert.equal(again.users.get('u')?.token, 'new')
  assert.equal(again.currentContext, 'x')
  assert.equal(again.contexts.get('x')?.namespace, 'n')
})

it('a new file is for its owner alone; new entries go to the first file that exists', async () => {
  const [missing, there] = [join(folder, 'new', 'config'), await write('there', 'kind: Config\n')]
  await saveKubeconfig(await loadKubeconfig([missing], false), { currentContext: 'x' })
  assert.equal((await stat(missing)).mode & 0o777, 0o600)
  const config = await loadKubeconfig([join(folder, 'absent'), there], false)
  await saveKubeconfig(config, { users: { u: { token: 't' } } })
  assert.match(await readFile(there, 'utf8'), /token: t/)
})

it('names entries as oc does', async () => {
  assert.equal(clusterNickname('https://127.0.0.1:8443'), '127-0-0-1:8443')
  assert.equal(clusterNickname('https://api.example.com'), 'api-example-com:443')
  const config = await loadKubeconfig([join(folder, 'none')], false)
  const target = {
    server: 'https://127.0.0.1:8443',
    contextName: '',
    clusterName: '',
    userName: '',
    namespace: 'p',
    namespaceGiven: false,
    insecure: false,
    token: 't',
    ca: 'PEM',
  }
  const { name, changes } = planContext(config, target, 'alice', 'p')
  assert.equal(name, 'p/127-0-0-1:8443/alice')
  assert.deepEqual(changes, {
    clusters: {
      '127-0-0-1:8443': { server: 'https://127.0.0.1:8443', 'certificate-authority-data': 'UEVN' },
    },
    users: { 'alice/127-0-0-1:8443': { token: 't' } },
    contexts: { [name]: { cluster: '127-0-0-1:8443', namespace: 'p', user: 'alice/127-0-0-1:8443' } },
    currentContext: name,
  })
  assert.equal(isGeneratedContext(name, changes.contexts?.[name]), true)
  assert.equal(isGeneratedContext('mine', changes.contexts?.[name]), false)
})
