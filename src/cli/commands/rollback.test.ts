import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Exchange, runAgainst } from '../test-cli.ts'

const configs = '/apis/apps.openshift.io/v1/namespaces/demo/deploymentconfigs'
const controllers = '/api/v1/namespaces/demo/replicationcontrollers'
const meta = { name: 'web', namespace: 'demo' }
const trigger = { type: 'ImageChange', imageChangeParams: { from: { name: 'web:latest' } } }
const config = { metadata: meta, spec: { triggers: [trigger] }, status: { latestVersion: 3 } }
const controller = (number: number, phase: string) => ({
  metadata: {
    name: `web-${number}`,
    annotations: {
      'openshift.io/deployment-config.name': 'web',
      'openshift.io/deployment-config.latest-version': String(number),
      'openshift.io/deployment.phase': phase,
    },
  },
})
const noController: Exchange = {
  on: `GET ${controllers}/web`,
  status: 404,
  answer: { kind: 'Status', code: 404, reason: 'NotFound' },
}
const read: Exchange = { on: `GET ${configs}/web`, answer: config }
const history: Exchange = {
  on: `GET ${controllers}?labelSelector=openshift.io%2Fdeployment-config.name%3Dweb`,
  answer: { items: [controller(1, 'Complete'), controller(2, 'Failed'), controller(3, 'Complete')] },
}
const write: Exchange[] = [
  { on: `POST ${configs}/web/rollback`, answer: config },
  { on: `PUT ${configs}/web`, answer: { ...config, status: { latestVersion: 4 } } },
]

describe('rollback', () => {
  it('goes back to the newest complete rollout before the current', async () => {
    const run = await runAgainst(['rollback', 'web'], [noController, read, read, history, ...write])
    assert.equal(run.stderr, '')
    assert.equal(
      run.stdout,
      `deploymentconfig.apps.openshift.io/web deployment #4 rolled back to web-1
Warning: the following images triggers were disabled: web:latest
  You can re-enable them with: oc set triggers dc/web --auto
`,
    )
    const [asked] = run.bodies as { spec: object }[]
    assert.deepEqual(asked?.spec, {
      from: { name: 'web-1' },
      revision: 0,
      includeTriggers: false,
      includeTemplate: true,
      includeReplicationMeta: false,
      includeStrategy: false,
    })
  })

  it('goes to the rollout that is named, and writes nothing in a dry run', async () => {
    const named: Exchange = { on: `GET ${controllers}/web-2`, answer: controller(2, 'Failed') }
    const run = await runAgainst(['rollback', 'web-2', '--dry-run'], [named, read, write[0] as Exchange])
    assert.equal(
      run.stdout,
      'deploymentconfig.apps.openshift.io/web deployment #3 rolled back to web-2 (dry run)\n',
    )
    assert.deepEqual(run.requests.at(-1), `POST ${configs}/web/rollback`)
  })

  it('refuses what makes no sense', async () => {
    const stderr = async (...args: string[]) =>
      (await runAgainst(['rollback', ...args], [noController, read, read, history])).stderr
    assert.equal(await stderr(), 'error: a deployment or deployment config name is required\n')
    assert.equal(await stderr('web', '--to-version=-1'), 'error: the to version must be >= 0\n')
    assert.equal(await stderr('web', '--to-version=9'), "error: couldn't find deployment for rollback\n")
    const paused = { ...read, answer: { ...config, spec: { paused: true } } }
    const run = await runAgainst(['rollback', 'web'], [noController, paused, paused])
    assert.equal(run.stderr, 'error: cannot rollback a paused deployment config\n')
    const missing = await runAgainst(['rollback', 'web'], [noController, { ...noController, on: read.on }])
    assert.equal(missing.stderr, 'error: web is not a valid deployment or deployment config\n')
  })
})
