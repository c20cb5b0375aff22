import assert from 'node:assert/strict'
import { it } from 'node:test'
import { refusal, runAgainst } from '../test-cli.ts'
import { parseWaitFor } from './wait-condition.ts'

const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
const stream = (status: object, more: object = {}) => ({
  apiVersion: 'image.openshift.io/v1',
  kind: 'ImageStream',
  metadata: { name: 'ruby', resourceVersion: '7', generation: 2, ...more },
  status,
})
const meets = (text: string, object?: object) => parseWaitFor(text)(object as never)

it('understands conditions, fields, being there and being gone', () => {
  const ready = { conditions: [{ type: 'Ready', status: 'True', observedGeneration: 2 }] }
  assert.ok(meets('condition=Ready', stream(ready)))
  assert.ok(meets('condition=ready=true', stream(ready)))
  assert.ok(!meets('condition=Ready=False', stream(ready)))
  assert.ok(!meets('condition=Ready', stream(ready, { generation: 3 })))
  assert.ok(!meets('condition=Ready', undefined))
  assert.ok(meets('delete', undefined))
  assert.ok(!meets('delete', stream({})))
  assert.ok(meets('create', stream({})))
  const tags = { tags: [{ tag: '2.0', items: [{ image: 'sha256:a' }] }], phase: 'Running' }
  assert.ok(meets("jsonpath='{.status.phase}'=Running", stream(tags)))
  assert.ok(meets('jsonpath={.status.phase}="Running"', stream(tags)))
  assert.ok(!meets('jsonpath=.status.phase=Failed', stream(tags)))
  assert.ok(meets('jsonpath={.status.tags[?(@.tag=="2.0")].items[0].image}', stream(tags)))
  assert.ok(!meets('jsonpath={.status.tags[?(@.tag=="9")].items[0].image}', stream(tags)))
  assert.throws(() => parseWaitFor('nonsense'), /unrecognized condition: "nonsense"/)
})

it('tells when the condition is met, at once or after an event', async () => {
  const events = `${JSON.stringify({ type: 'MODIFIED', object: stream({ phase: 'Running' }) })}\n`
  const run = await runAgainst(
    ['wait', 'is/ruby', '--for=jsonpath={.status.phase}=Running'],
    [
      { on: `GET ${path}/ruby`, answer: stream({}) },
      { on: `GET ${path}?fieldSelector=metadata.name%3Druby&resourceVersion=7&watch=true`, answer: events },
      { on: `GET ${path}/ruby`, answer: stream({ phase: 'Running' }) },
    ],
  )
  assert.equal(run.stderr, '')
  assert.equal(run.stdout, 'imagestream.image.openshift.io/ruby condition met\n')
})

it('says what it waited for in vain', async () => {
  const args = ['wait', 'is/ruby', '--timeout=0']
  const late = await runAgainst(
    [...args, '--for=condition=Ready'],
    [{ on: `GET ${path}/ruby`, answer: stream({}) }],
  )
  assert.equal(late.stderr, 'error: timed out waiting for the condition on imagestreams/ruby\n')
  assert.equal(late.code, 1)
  const gone = await runAgainst(
    [...args, '--for=delete'],
    [{ on: `GET ${path}/ruby`, ...refusal(404, 'NotFound', 'imagestreams "ruby" not found') }],
  )
  assert.equal(gone.stdout, 'imagestream.image.openshift.io/ruby condition met\n')
  assert.equal((await runAgainst(args, [])).stderr, 'error: unrecognized condition: ""\n')
})
