import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Exchange, runAgainst } from '../test-cli.ts'

const controllers = '/api/v1/namespaces/demo/replicationcontrollers'
const config = {
  kind: 'DeploymentConfig',
  apiVersion: 'apps.openshift.io/v1',
  metadata: { name: 'web', namespace: 'demo' },
  status: { latestVersion: 2 },
}
const history = (phase: string): Exchange => ({
  on: `GET ${controllers}?labelSelector=openshift.io%2Fdeployment-config.name%3Dweb`,
  answer: {
    items: [1, 2].map((number) => ({
      metadata: {
        name: `web-${number}`,
        annotations: {
          'openshift.io/deployment-config.latest-version': String(number),
          'openshift.io/deployment.phase': number === 2 ? phase : 'Failed',
        },
      },
    })),
  },
})
const read: Exchange = {
  on: 'GET /apis/apps.openshift.io/v1/namespaces/demo/deploymentconfigs/web',
  answer: config,
}
const retry = (...exchanges: Exchange[]) => runAgainst(['rollout', 'retry', 'dc/web'], [read, ...exchanges])

describe('rollout retry', () => {
  it('removes the deployer pods of a failed rollout and lets it begin anew', async () => {
    const pods = '/api/v1/namespaces/demo/pods'
    const run = await retry(
      history('Failed'),
      {
        on: `GET ${pods}?labelSelector=openshift.io%2Fdeployer-pod-for.name%3Dweb-2`,
        answer: { items: [{ metadata: { name: 'web-2-deploy' } }] },
      },
      { on: `DELETE ${pods}/web-2-deploy` },
      { on: `PATCH ${controllers}/web-2` },
    )
    assert.equal(run.stderr, '')
    assert.equal(run.stdout, 'deploymentconfig.apps.openshift.io/web retried rollout #2\n')
    assert.deepEqual(run.requests.slice(-2), [`DELETE ${pods}/web-2-deploy`, `PATCH ${controllers}/web-2`])
    const [patch] = run.bodies as { metadata: { annotations: Record<string, unknown> } }[]
    assert.equal(patch?.metadata.annotations['openshift.io/deployment.phase'], 'New')
  })

  it('refuses a rollout that has not failed', async () => {
    const complete = await retry(history('Complete'))
    assert.equal(
      complete.stderr,
      "error: rollout #2 is complete; only failed deployments can be retried.\nYou can start a new deployment with 'oc rollout latest dc/web'.\n",
    )
    const running = await retry(history('Running'))
    assert.match(
      running.stderr,
      /\nOptionally, you can cancel this deployment with 'oc rollout cancel dc\/web'\.\n$/,
    )
    assert.equal(running.code, 1)
  })
})
