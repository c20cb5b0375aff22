import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const stream = (metadata: object = {}, more: object = {}) => ({
  kind: 'ImageStream',
  apiVersion: 'image.openshift.io/v1',
  metadata: { name: 'x', ...metadata },
  ...more,
})
const get = (metadata?: object) => ({ on: `GET ${streams}/x`, answer: stream(metadata) })
const patched = (manager: string) => ({
  on: `PATCH ${streams}/x?fieldManager=kubectl-${manager}`,
  answer: stream(),
})

it('labels with the difference', async () => {
  const run = await runAgainst(
    ['label', 'is', 'x', 'a=1', 'b-'],
    [get({ labels: { b: '2', c: '3' } }), patched('label')],
  )
  assert.deepEqual(run.bodies, [{ metadata: { labels: { a: '1', b: null } } }])
  assert.equal(run.stdout, 'imagestream.image.openshift.io/x labeled\n')
})

it('a label that is set already is sent as nothing', async () => {
  const run = await runAgainst(['label', 'is/x', 'a=1'], [get({ labels: { a: '1' } }), patched('label')])
  assert.deepEqual([run.bodies, run.stdout], [[{}], 'imagestream.image.openshift.io/x not labeled\n'])
})

it('other values need --overwrite', async () => {
  const label = await runAgainst(['label', 'is', 'x', 'a=2'], [get({ labels: { a: '1' } })])
  assert.equal(label.stderr, "error: 'a' already has a value (1), and --overwrite is false\n")
  const annotate = await runAgainst(['annotate', 'is', 'x', 'a=2'], [get({ annotations: { a: '1' } })])
  assert.equal(
    annotate.stderr,
    "error: --overwrite is false but found the following declared annotation(s): 'a' already has a value (1)\n",
  )
  const forced = await runAgainst(
    ['annotate', 'is', 'x', 'a=2', '--overwrite'],
    [get({ annotations: { a: '1' } }), patched('annotate')],
  )
  assert.equal(forced.stdout, 'imagestream.image.openshift.io/x annotated\n')
})

it('patches with the type that is asked for', async () => {
  const run = await runAgainst(
    ['patch', 'is', 'x', '--type=merge', '-p', 'spec: {lookupPolicy: {local: true}}'],
    [get(), { ...patched('patch'), answer: stream({}, { spec: 1 }) }],
  )
  assert.deepEqual(
    [run.bodies, run.stdout],
    [[{ spec: { lookupPolicy: { local: true } } }], 'imagestream.image.openshift.io/x patched\n'],
  )
  const same = await runAgainst(['patch', 'is', 'x', '-p', '{}'], [get(), patched('patch')])
  assert.equal(same.stdout, 'imagestream.image.openshift.io/x patched (no change)\n')
})

const file = JSON.stringify(stream({ annotations: { a: '1' } }))
const applied = 'kubectl.kubernetes.io/last-applied-configuration'

it('apply creates with a note of what was given', async () => {
  const run = await runAgainst(
    ['apply', '-f', '-'],
    [
      {
        on: `POST ${streams}?fieldManager=kubectl-client-side-apply&fieldValidation=Ignore`,
        answer: stream(),
      },
    ],
    { stdin: file },
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/x created\n')
  const [body] = run.bodies as [{ metadata: { annotations: Record<string, string> } }]
  assert.deepEqual(JSON.parse(body.metadata.annotations[applied] ?? ''), {
    ...stream({ annotations: { a: '1' }, namespace: 'demo' }),
  })
})

it('apply patches what differs and says when nothing does', async () => {
  const created = await runAgainst(
    ['apply', '-f', '-'],
    [
      {
        on: `POST ${streams}?fieldManager=kubectl-client-side-apply&fieldValidation=Ignore`,
        answer: stream(),
      },
    ],
    { stdin: file },
  )
  const [current] = created.bodies as [object]
  const unchanged = await runAgainst(['apply', '-f', '-'], [{ on: `GET ${streams}/x`, answer: current }], {
    stdin: file,
  })
  assert.deepEqual(
    [unchanged.stdout, unchanged.requests.length],
    ['imagestream.image.openshift.io/x unchanged\n', 1],
  )
  const on = `PATCH ${streams}/x?fieldManager=kubectl-client-side-apply&fieldValidation=Ignore`
  const changed = await runAgainst(
    ['apply', '-f', '-'],
    [
      { on: `GET ${streams}/x`, answer: current },
      { on, answer: stream() },
    ],
    { stdin: JSON.stringify(stream({ annotations: { b: '2' } })) },
  )
  assert.equal(changed.stdout, 'imagestream.image.openshift.io/x configured\n')
  const [patch] = changed.bodies as [{ metadata: { annotations: Record<string, unknown> } }]
  assert.deepEqual([patch.metadata.annotations.a, patch.metadata.annotations.b], [null, '2'])
})

const account = '/api/v1/namespaces/demo/serviceaccounts/default'
const secret = (name: string) => ({
  on: `GET /api/v1/namespaces/demo/secrets/${name}`,
  answer: { metadata: { name } },
})

it('links secrets, each once, and says nothing', async () => {
  const run = await runAgainst(
    ['secrets', 'link', 'sa/default', 'b', 'secret/a', 'old', '--for=pull,mount'],
    [
      {
        on: `GET ${account}`,
        answer: { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'old' }] },
      },
      secret('b'),
      secret('a'),
      secret('old'),
      { on: `PUT ${account}`, answer: {} },
    ],
  )
  assert.deepEqual([run.stdout, run.stderr, run.code], ['', '', 0])
  assert.deepEqual(run.bodies, [
    {
      metadata: { name: 'default' },
      imagePullSecrets: [{ name: 'old' }, { name: 'a' }, { name: 'b' }],
      secrets: [{ name: 'a' }, { name: 'b' }, { name: 'old' }],
    },
  ])
})

it('a missing secret is told; nothing left to link is an error', async () => {
  const run = await runAgainst(
    ['secrets', 'link', 'default', 'gone'],
    [{ on: `GET ${account}`, answer: { metadata: {} } }],
  )
  assert.equal(run.stderr, 'secret "gone" not found\nerror: No valid secrets found\n')
  const bad = await runAgainst(['secrets', 'link', 'default', 'x', '--for=push'], [])
  assert.deepEqual([bad.stderr, bad.requests], ['error: unknown for: push\n', []])
})

it('unlinks from both lists', async () => {
  const run = await runAgainst(
    ['secrets', 'unlink', 'default', 'a'],
    [
      {
        on: `GET ${account}`,
        answer: { metadata: {}, secrets: [{ name: 'a' }, { name: 'b' }], imagePullSecrets: [{ name: 'a' }] },
      },
      secret('a'),
      { on: `PUT ${account}`, answer: {} },
    ],
  )
  assert.equal(run.stdout, 'serviceaccount/default updated\n')
  assert.deepEqual(run.bodies, [{ metadata: {}, secrets: [{ name: 'b' }], imagePullSecrets: [] }])
})

it('what older clients had is there as weir only', async () => {
  const on = 'POST /api/v1/namespaces/demo/secrets?fieldManager=kubectl-create&fieldValidation=Ignore'
  const answer = { kind: 'Secret', apiVersion: 'v1', metadata: { name: 's' } }
  const run = await runAgainst(['secret', 'new', 's', '.dockercfg=f'], [{ on, answer }], {
    program: 'weir',
    files: { f: '{}' },
  })
  assert.equal(run.stdout, 'secret/s created\n')
  assert.deepEqual((run.bodies[0] as { type: string }).type, 'kubernetes.io/dockercfg')
})

const bindings = '/apis/rbac.authorization.k8s.io/v1/namespaces/demo/rolebindings'
const role = (name: string) => ({ apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name })
const bob = { kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'bob' }

it('gives a role by a new binding with a free name', async () => {
  const list = { items: [{ metadata: { name: 'view' }, subjects: [bob], roleRef: role('view') }] }
  const run = await runAgainst(
    ['policy', 'add-role-to-user', 'view', 'system:serviceaccount:a:default'],
    [
      { on: `GET ${bindings}`, answer: list },
      { on: `GET ${bindings}`, answer: list },
      { on: 'GET /apis/rbac.authorization.k8s.io/v1/clusterroles/view', answer: {} },
      { on: `POST ${bindings}`, answer: {} },
    ],
  )
  assert.equal(
    run.stdout,
    'clusterrole.rbac.authorization.k8s.io/view added: "system:serviceaccount:a:default"\n',
  )
  assert.equal(run.stderr, "Warning: ServiceAccount 'default' not found\n")
  const [body] = run.bodies as [{ metadata: object; subjects: object }]
  assert.deepEqual(
    [body.metadata, body.subjects],
    [{ name: 'view-0', namespace: 'demo' }, [{ kind: 'ServiceAccount', namespace: 'a', name: 'default' }]],
  )
})

it('who has the role already costs one request', async () => {
  const run = await runAgainst(
    ['policy', 'add-role-to-user', 'view', 'bob'],
    [
      {
        on: `GET ${bindings}`,
        answer: { items: [{ metadata: { name: 'v' }, subjects: [bob], roleRef: role('view') }] },
      },
    ],
  )
  assert.deepEqual(
    [run.stdout, run.requests.length],
    ['clusterrole.rbac.authorization.k8s.io/view added: "bob"\n', 1],
  )
})

it('takes a role out of every binding, and empty ones away', async () => {
  const list = {
    items: [
      { metadata: { name: 'v' }, subjects: [bob], roleRef: role('view') },
      { metadata: { name: 'w' }, subjects: [bob, { ...bob, name: 'eve' }], roleRef: role('view') },
    ],
  }
  const run = await runAgainst(
    ['policy', 'remove-role-from-user', 'view', 'bob'],
    [
      { on: `GET ${bindings}`, answer: list },
      { on: `DELETE ${bindings}/v`, answer: {} },
      { on: `PUT ${bindings}/w`, answer: {} },
    ],
  )
  assert.equal(run.stdout, 'clusterrole.rbac.authorization.k8s.io/view removed: "bob"\n')
  const none = await runAgainst(
    ['policy', 'remove-role-from-user', 'edit', 'bob'],
    [{ on: `GET ${bindings}`, answer: list }],
  )
  assert.equal(none.stderr, 'error: unable to locate any RoleBinding for ClusterRole "edit"\n')
})
