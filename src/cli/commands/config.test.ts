import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const text = `# mine
apiVersion: v1
kind: Config
clusters: [{name: a, cluster: {server: "https://127.0.0.1:1", certificate-authority-data: YWJj}}]
users: [{name: ua, user: {token: secret}}, {name: ub, user: {}}]
contexts:
- {name: ca, context: {cluster: a, user: ua, namespace: demo}}
- {name: cb, context: {cluster: a, user: ub}}
current-context: ca
`

async function config(...args: string[]) {
  let after = ''
  const run = await runAgainst(['config', ...args, '--kubeconfig', 'mine'], [], {
    files: { mine: text },
    after: async (folder) => {
      after = await readFile(join(folder, 'mine'), 'utf8')
    },
  })
  return { ...run, after }
}

it('shows contexts as kubectl does', async () => {
  assert.equal(
    (await config('get-contexts')).stdout,
    'CURRENT   NAME   CLUSTER   AUTHINFO   NAMESPACE\n*         ca     a         ua         demo\n          cb     a         ub         \n',
  )
  assert.equal((await config('get-contexts', '-o', 'name')).stdout, 'ca\ncb\n')
  const none = await config('get-contexts', 'no')
  assert.equal(none.stderr, 'error: context no not found\n')
  assert.equal(none.code, 1)
  assert.equal((await config('current-context')).stdout, 'ca\n')
  assert.equal((await config('get-users')).stdout, 'NAME\nua\nub\n')
})

it('shows no secrets, unless it is told to', async () => {
  const { stdout } = await config('view')
  assert.match(stdout, /certificate-authority-data: DATA\+OMITTED/)
  assert.match(stdout, /token: REDACTED/)
  assert.doesNotMatch(stdout, /YWJj|secret/)
  assert.match((await config('view', '--raw')).stdout, /token: secret/)
  assert.equal((await config('view', '--minify', '-o', 'jsonpath={.users[*].name}')).stdout, 'ua')
})

it('changes what it is told to and nothing else', async () => {
  const used = await config('use-context', 'cb')
  assert.equal(used.stdout, 'Switched to context "cb".\n')
  assert.match(used.after, /^# mine\n/)
  assert.match(used.after, /current-context: cb/)
  const set = await config('set-context', '--current', '--namespace=other')
  assert.equal(set.stdout, 'Context "ca" modified.\n')
  assert.match(set.after, /namespace: other/)
  assert.match(set.after, /user: ua/)
  assert.equal((await config('set-context', 'new', '--cluster=a')).stdout, 'Context "new" created.\n')
  assert.equal((await config('use-context', 'no')).stderr, 'error: no context exists with the name: "no"\n')
})

it('takes entries out, and renames contexts', async () => {
  const gone = await config('delete-context', 'ca')
  assert.match(gone.stdout, /^deleted context ca from .*mine\n$/)
  assert.match(gone.stderr, /^warning: this removed your active context, use "oc config use-context"/)
  assert.doesNotMatch(gone.after, /name: ca,/)
  assert.match((await config('delete-user', 'no')).stderr, /^error: cannot delete user no, not in .*mine\n$/)
  assert.doesNotMatch((await config('delete-cluster', 'a')).after, /127\.0\.0\.1:1/)
  const renamed = await config('rename-context', 'ca', 'x')
  assert.equal(renamed.stdout, 'Context "ca" renamed to "x".\n')
  assert.match(renamed.after, /current-context: x/)
  assert.match(renamed.after, /user: ua/)
  assert.match((await config('rename-context', 'ca', 'cb')).stderr, /the context "cb" already exists in /)
})

it('sets and unsets single values', async () => {
  const set = await config('set', 'clusters.a.insecure-skip-tls-verify', 'true')
  assert.equal(set.stdout, 'Property "clusters.a.insecure-skip-tls-verify" set.\n')
  assert.match(set.after, /insecure-skip-tls-verify: true/)
  assert.match((await config('set', 'users.new.token', 't')).after, /name: new\n\s+user:\n\s+token: t\n/)
  assert.doesNotMatch((await config('unset', 'users.ua.token')).after, /secret/)
  assert.doesNotMatch((await config('unset', 'users')).after, /name: u/)
  assert.equal(
    (await config('set', 'x.y', 'z')).stderr,
    'error: unable to parse x.y after [] at api.Config\n',
  )
  const cluster = await config('set-cluster', 'a', '--server=https://b')
  assert.equal(cluster.stdout, 'Cluster "a" set.\n')
  assert.match(cluster.after, /server: "?https:\/\/b/)
  assert.match((await config('set-credentials', 'ub', '--token=t')).after, /token: t/)
})
