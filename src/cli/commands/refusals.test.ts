import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

/** Command lines that are refused before, or by, the first request: the text on stderr and the exit code. */

const streams = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const stream = { kind: 'ImageStream', apiVersion: 'image.openshift.io/v1', metadata: { name: 'x' } }
const get = { on: `GET ${streams}/x`, answer: stream }
const noResource =
  'error: one or more resources must be specified as <resource> <name> or <resource>/<name>\n'

const refused: [string[], string][] = [
  [['label'], noResource],
  [['label', 'a=b'], noResource],
  [['annotate'], noResource],
  [['label', 'is', 'x'], 'error: at least one label update is required\n'],
  [['annotate', 'is', 'x'], 'error: at least one annotation update is required\n'],
  [['label', 'is', 'x', 'a=b=c'], 'error: invalid label spec: a=b=c\n'],
  [
    ['annotate', 'is', 'x', 'a=b', 'a-'],
    'error: can not both modify and remove the following annotation(s) in the same command: a\n',
  ],
  [['label', 'is', '--all', '-l', 'a=b', 'c=d'], 'error: cannot set --all and --selector at the same time\n'],
  [
    ['label', '-f', 'x.yaml', 'a=b', '--local', '--dry-run=server'],
    'error: cannot specify --local and --dry-run=server - did you mean --dry-run=client?\n',
  ],
  [['patch'], 'error: must specify --patch or --patch-file containing the contents of the patch\n'],
  [
    ['patch', 'is', 'x', '-p', '{}', '--patch-file=y'],
    'error: cannot specify --patch and --patch-file together\n',
  ],
  [
    ['patch', 'is', 'x', '--patch-file=/nope'],
    'error: unable to read patch file: open /nope: no such file or directory\n',
  ],
  [['get', 'is', '--raw', '/version'], 'error: arguments may not be passed when --raw is specified\n'],
  [
    ['get', 'is', '--output-watch-events'],
    'error: --output-watch-events option can only be used with --watch or --watch-only\n',
  ],
  [
    ['get', 'is', '--subresource=status'],
    'error: subresource cannot be used when bulk resources are specified\n',
  ],
  [['get', ''], 'error: the server doesn\'t have a resource type ""\n'],
  [['get', 'is', ''], 'error: resource name may not be empty\n'],
  [['get', 'is,/x'], 'error: arguments in resource/name form must have a single resource and name\n'],
  [['get', 'foo.v2.example.com'], 'error: the server doesn\'t have a resource type "foo"\n'],
  [
    ['get', 'is', '-o', 'custom-columns-file=/nope'],
    'error: error reading template /nope, open /nope: no such file or directory\n',
  ],
  [
    ['get', 'is', '-o', 'go-template={{nope}}'],
    'error: error parsing template {{nope}}, template: output:1: function "nope" not defined\n',
  ],
  [['create', '--raw', '/x'], 'error: must specify one of -f and -k\n'],
  [
    ['create', '-f', 'x.yaml', '--raw', 'x'],
    'error: --raw must be a valid URL path: parse "x": invalid URI for request\n',
  ],
  [
    ['create', 'secret', 'generic', 's', '--from-literal=a=b', '--from-literal=a=c'],
    'error: cannot add key a, another key by that name already exists\n',
  ],
  [
    ['create', 'configmap', 's', '--from-literal=a=b', '--from-literal=a=c'],
    'error: cannot add key "a", another key by that name already exists in Data for ConfigMap "s"\n',
  ],
  [
    ['create', 'secret', 'tls', 's', '--cert=/nope', '--key=/nope'],
    'error: Cannot read file /nope, open /nope: no such file or directory\n',
  ],
  [['run'], 'error: required flag(s) "image" not set\n'],
  [['run', 'a', '--image=UP'], 'error: Invalid image name "UP": invalid reference format\n'],
  [
    ['run', 'a', '--image=x', '--restart=Foo'],
    "error: invalid restart policy: Foo\nSee 'oc run -h' for help and examples\n",
  ],
  [['wait'], 'error: unrecognized condition: ""\n'],
  [
    ['apply', '-f', 'x.yaml', '--force-conflicts'],
    'error: --force-conflicts only works with --server-side\n',
  ],
  [['apply', '-f', 'x.yaml', 'y'], "error: Unexpected args: [y]\nSee 'oc apply -h' for help and examples\n"],
  [['explain', 'foo'], 'the server doesn\'t have a resource type "foo"\n'],
  [['explain', 'a', 'b'], 'error: We accept only this format: explain RESOURCE\n'],
  [
    ['auth', 'can-i'],
    "error: you must specify two arguments: verb resource or verb resource/resourceName.\nSee 'kubectl auth can-i -h' for help and examples.\n",
  ],
]

for (const [argv, text] of refused) {
  it(`${argv.join(' ')} is refused`, async () => {
    const run = await runAgainst(argv, [], { files: { 'x.yaml': JSON.stringify(stream) } })
    assert.deepEqual([run.stderr, run.stdout, run.code, run.requests], [text, '', 1, []])
  })
}

it('tells what the server says about a generated object', async () => {
  const query = 'fieldManager=kubectl-create&fieldValidation=Ignore'
  const message = 'x "a" is invalid: metadata.name: no'
  const invalid = (plural: string) => ({
    on: `POST /api/v1/namespaces/demo/${plural}?${query}`,
    ...refusal(422, 'Invalid', message, { causes: [{ message: 'no', field: 'metadata.name' }] }),
  })
  const secret = await runAgainst(['create', 'secret', 'generic', 'a'], [invalid('secrets')])
  assert.equal(secret.stderr, `error: failed to create secret ${message}\n`)
  const account = await runAgainst(['create', 'sa', 'a'], [invalid('serviceaccounts')])
  assert.equal(account.stderr, `error: failed to create serviceaccount: ${message}\n`)
})

it('shows an object that a JSONPath fails on', async () => {
  const run = await runAgainst(['get', 'is', 'x', '-o', 'jsonpath={.metadata.name[0]}{.spec.a}'], [get])
  assert.equal(run.code, 0)
  const failed = await runAgainst(
    ['get', 'is', 'x', '-o', 'jsonpath={.spec.a}', '--allow-missing-template-keys=false'],
    [get],
  )
  assert.match(
    failed.stderr,
    /^error: error executing jsonpath "{.spec.a}": Error executing template: .* is not found\. Printing more information for debugging the template:\n\ttemplate was:\n\t\t{.spec.a}\n\tobject given to jsonpath engine was:\n\t\tmap\[string\]interface {}{.*}\n\n\n$/,
  )
})

it("a binding's --user is no user of the kubeconfig", async () => {
  const run = await runAgainst(
    ['create', 'rolebinding', 'r', '--clusterrole=view', '--user=bob', '--dry-run=client', '-o', 'name'],
    [],
  )
  assert.equal(run.stdout, 'rolebinding.rbac.authorization.k8s.io/r\n')
})

it('lists labels with what would be set, and sends nothing', async () => {
  const run = await runAgainst(['label', 'is', 'x', 'b=1', '--list'], [get])
  assert.deepEqual([run.stdout, run.requests.length], ['b=1\n', 1])
})

it('the text of a patch goes out as it was given, and a dry run tells no other line', async () => {
  const path = `${streams}/x?dryRun=All&fieldManager=kubectl-patch`
  const changed = { ...stream, spec: {} }
  const run = await runAgainst(
    ['patch', 'is', 'x', '-p', '{"spec":  {}}', '--dry-run=server'],
    [get, { on: `PATCH ${path}`, answer: changed }],
  )
  assert.equal(run.stdout, 'imagestream.image.openshift.io/x patched\n')
})

it('says which names rollout, set image and auth leave out', async () => {
  const image = await runAgainst(['set', 'image', 'is', 'x'], [get])
  assert.equal(image.stderr, 'error: at least one image update is required\n')
  const local = await runAgainst(['set', 'image', 'deploy/x', 'a=b', '--local'], [])
  assert.match(local.stderr, /^error: you must specify resources by --filename when --local is set\.\n/)
  const none = await runAgainst(['rollout', 'status'], [])
  assert.equal(none.stderr, 'error: required resource not specified\n')
  const undo = await runAgainst(['rollout', 'undo', 'is/x'], [get])
  assert.equal(
    undo.stderr,
    'error: no rollbacker has been implemented for "ImageStream.image.openshift.io"\n',
  )
})

it('auth can-i asks about a name after a slash, as the real client does', async () => {
  const group = '/apis/image.openshift.io/v1'
  const asked = async (program: string) => {
    const resources = [
      { name: 'imagestreams', namespaced: true },
      { name: 'imagestreams/layers', namespaced: true },
    ]
    const review = {
      on: 'POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews',
      answer: { status: { allowed: true } },
    }
    const run = await runAgainst(
      ['auth', 'can-i', 'foo', 'imagestreams/layers'],
      [{ on: `GET ${group}`, answer: { resources } }, review],
      { program },
    )
    assert.equal(run.stderr, "Warning: verb 'foo' is not a known verb\n\n")
    const [body] = run.bodies as { spec: { resourceAttributes: { name?: string; subresource?: string } } }[]
    return body?.spec.resourceAttributes
  }
  assert.equal((await asked('oc'))?.name, 'layers')
  assert.equal((await asked('weir'))?.subresource, 'layers')
})

it('auth whoami shows what the server knows', async () => {
  const userInfo = { username: 'u', uid: '1', groups: ['a', 'b'], extra: { k: ['v'] } }
  const run = await runAgainst(
    ['auth', 'whoami'],
    [{ on: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews', answer: { status: { userInfo } } }],
  )
  assert.equal(
    run.stdout,
    'ATTRIBUTE   VALUE\nUsername    u\nUID         1\nGroups      [a b]\nExtra: k    [v]\n',
  )
})

it('apply says what it could not read or change', async () => {
  const options = { files: { 'x.yaml': JSON.stringify(stream) } }
  const forbidden = refusal(403, 'Forbidden', 'no')
  const named =
    'Resource: "image.openshift.io/v1, Resource=imagestreams", GroupVersionKind: "image.openshift.io/v1, Kind=ImageStream"\nName: "x", Namespace: "demo"\n'
  const read = await runAgainst(
    ['apply', '-f', 'x.yaml'],
    [{ on: `GET ${streams}/x`, ...forbidden }],
    options,
  )
  assert.equal(
    read.stderr,
    `Error from server (Forbidden): error when retrieving current configuration of:\n${named}from server for: "x.yaml": no\n`,
  )
  const query = 'fieldManager=kubectl-client-side-apply&fieldValidation=Ignore'
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': '{"a":1}' }
  const metadata = { name: 'x', namespace: 'demo', annotations }
  const written = await runAgainst(
    ['apply', '-f', 'x.yaml'],
    [
      { on: `GET ${streams}/x`, answer: { ...stream, metadata } },
      { on: `PATCH ${streams}/x?${query}`, ...forbidden },
    ],
    options,
  )
  assert.match(
    written.stderr,
    /^Error from server \(Forbidden\): error when applying patch:\n\{"metadata":.*\}\nto:\nResource: /,
  )
  assert.match(written.stderr, /\nfor: "x.yaml": error when patching "x.yaml": no\n$/)
})
