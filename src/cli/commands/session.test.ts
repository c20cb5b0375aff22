import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'

const review = {
  on: 'POST /apis/authentication.k8s.io/v1/selfsubjectreviews',
  status: 201,
  answer: { status: { userInfo: { username: 'alice' } } },
}
const projects = '/apis/project.openshift.io/v1/projects'
const requests = '/apis/project.openshift.io/v1/projectrequests'
const project = (name: string, display?: string) => ({
  metadata: { name, annotations: display === undefined ? {} : { 'openshift.io/display-name': display } },
})

it('whoami asks for a review, and older servers for the user', async () => {
  assert.equal((await runAgainst(['whoami'], [review])).stdout, 'alice\n')
  const older = await runAgainst(
    ['whoami'],
    [{ on: 'GET /apis/user.openshift.io/v1/users/~', answer: { metadata: { name: 'bob' } } }],
  )
  assert.equal(older.stdout, 'bob\n')
})

it('whoami shows what the configuration carries without a request', async () => {
  const token = await runAgainst(['whoami', '-t'], [])
  assert.deepEqual([token.stdout, token.requests], ['secret-token\n', []])
  assert.equal((await runAgainst(['whoami', '-c'], [])).stdout, 'ctx\n')
  const both = await runAgainst(['whoami', '-t', '-o', 'json'], [])
  assert.match(both.stderr, /^error: --output cannot be used with --show-token/)
})

it('new-project switches to it', async () => {
  let config = ''
  const run = await runAgainst(
    ['new-project', 'p', '--display-name=P'],
    [
      { on: `GET ${requests}`, answer: { kind: 'Status', status: 'Success' } },
      { on: `POST ${requests}`, status: 201, answer: project('p') },
      review,
    ],
    {
      after: async (folder) => {
        config = await readFile(join(folder, 'config'), 'utf8')
      },
    },
  )
  assert.match(run.stdout, /^Now using project "p" on server "http:\/\/127\.0\.0\.1:\d+"\.\n/)
  assert.deepEqual(run.bodies[0], {
    kind: 'ProjectRequest',
    apiVersion: 'project.openshift.io/v1',
    metadata: { name: 'p' },
    displayName: 'P',
  })
  assert.match(config, /current-context: p\/127-0-0-1:\d+\/alice/)
})

it('who may not have a project reads why', async () => {
  const run = await runAgainst(
    ['new-project', 'p'],
    [{ on: `GET ${requests}`, ...refusal(403, 'Forbidden', 'ask the office') }],
  )
  assert.equal(run.stderr, 'Error from server (Forbidden): ask the office\n')
  assert.equal(run.requests.length, 1)
})

it('lists projects', async () => {
  const current = { on: `GET ${projects}/demo`, answer: project('demo') }
  const one = await runAgainst(
    ['projects'],
    [current, { on: `GET ${projects}`, answer: { items: [project('demo', 'Demo')] } }],
  )
  assert.match(
    one.stdout,
    /^You have one project on this server: "Demo \(demo\)"\.\n\nUsing project "demo" from context named "ctx" on server /,
  )
  const two = await runAgainst(
    ['projects'],
    [current, { on: `GET ${projects}`, answer: { items: [project('z'), project('demo', 'Demo')] } }],
    { program: 'weir' },
  )
  assert.match(two.stdout, /'weir project <projectname>':\n\n {2}\* demo - Demo\n {4}z\n\n/)
})

it('a project that is not there comes with those that are', async () => {
  const run = await runAgainst(
    ['project', 'x'],
    [
      { on: `GET ${projects}/x`, ...refusal(403, 'Forbidden', 'no') },
      { on: 'GET /api/v1/namespaces/x', ...refusal(403, 'Forbidden', 'no') },
      { on: `GET ${projects}`, answer: { items: [project('a'), project('b')] } },
    ],
  )
  assert.equal(run.stderr, 'error: You are not a member of project "x".\nYour projects are:\n* a\n* b\n')
})

it('logs in with a token', async () => {
  const run = await runAgainst(
    ['login', '--token=t'],
    [
      { on: 'HEAD /', status: 403 },
      review,
      { on: `GET ${projects}`, answer: { items: [project('b'), project('demo')] } },
    ],
  )
  assert.equal(run.code, 0)
  assert.match(
    run.stdout,
    /^Logged into "http:\/\/127\.0\.0\.1:\d+" as "alice" using the token provided\.\n\nYou have access to the following projects/,
  )
  assert.match(run.stdout, /\n {4}b\n {2}\* demo\n\nUsing project "demo"\.\n$/)
})

it('a token that is refused is told so', async () => {
  const unauthorized = refusal(401, 'Unauthorized', 'Unauthorized')
  const run = await runAgainst(
    ['login', '--token=t'],
    [
      { on: 'HEAD /', status: 403 },
      { on: review.on, ...unauthorized },
      { on: 'GET /apis/user.openshift.io/v1/users/~', ...unauthorized },
    ],
  )
  assert.deepEqual([run.stderr, run.code], ['error: The token provided is invalid or expired.\n\n', 1])
})

it('a server without OAuth is told by its address', async () => {
  const run = await runAgainst(['login', '-u', 'alice', '-p', 'pw'], [{ on: 'HEAD /', status: 403 }])
  assert.match(
    run.stderr,
    /^error: couldn't get http:\/\/127\.0\.0\.1:\d+\/\.well-known\/oauth-authorization-server: unexpected response status 404\n$/,
  )
})

it('logout revokes the token and forgets it', async () => {
  let config = ''
  const run = await runAgainst(
    ['logout'],
    [review, { on: 'DELETE /apis/oauth.openshift.io/v1/oauthaccesstokens/secret-token', answer: {} }],
    {
      after: async (folder) => {
        config = await readFile(join(folder, 'config'), 'utf8')
      },
    },
  )
  assert.match(run.stdout, /^Logged "alice" out on "http:/)
  assert.doesNotMatch(config, /secret-token/)
})

it('without a configuration it says where one may be', async () => {
  const run = await runAgainst(['get', 'is'], [], { env: { KUBECONFIG: '/nowhere/config' } })
  assert.match(
    run.stderr,
    /^error: Missing or incomplete configuration info\. {2}Please point to an existing, complete config file:\n/,
  )
  assert.equal(run.code, 1)
})

it('nobody listens', async () => {
  const run = await runAgainst(['whoami', '--server=http://127.0.0.1:1'], [])
  assert.equal(
    run.stderr,
    'The connection to the server 127.0.0.1:1 was refused - did you specify the right host or port?\n',
  )
})

it('unknown commands come with those that are spelt alike', async () => {
  const run = await runAgainst(['export', 'is'], [])
  assert.equal(run.stderr, 'error: unknown command "export" for "oc"\n\nDid you mean this?\n\texpose\n')
  const inGroup = await runAgainst(['secrets', 'new', 'foo', '.dockercfg=/dev/null'], [])
  assert.equal(
    inGroup.stderr,
    'error: unknown command "new foo .dockercfg=/dev/null"\nSee \'oc secrets -h\' for help and examples\n',
  )
  const flag = await runAgainst(['secrets', 'new-dockercfg', 'foo', '--docker-server=a'], [])
  assert.equal(flag.stderr, "error: unknown flag: --docker-server\nSee 'oc secrets --help' for usage.\n")
})

it('a global flag may stand before the command', async () => {
  assert.equal((await runAgainst(['-n', 'other', '--v', '0', 'whoami'], [review])).stdout, 'alice\n')
})
