import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'
import { fillTemplate, generateValue, type Template } from './template.ts'

/** A place for a parameter. */
const at = (name: string) => ['$', '{', name, '}'].join('')

const template: Template = {
  kind: 'Template',
  apiVersion: 'template.openshift.io/v1',
  metadata: { name: 'sample', annotations: { description: 'A sample' } },
  message: `Made ${at('NAME')}.`,
  labels: { template: 'sample' },
  parameters: [
    { name: 'NAME', value: 'web', required: true },
    { name: 'LOCAL', value: 'true' },
    { name: 'KEY', generate: 'expression', from: '[a-c]{4}' },
  ],
  objects: [
    {
      kind: 'ImageStream',
      apiVersion: 'image.openshift.io/v1',
      metadata: { name: `${at('NAME')}-stream`, namespace: 'theirs', labels: { own: at('NAME') } },
      spec: { lookupPolicy: { local: at('{LOCAL}') }, tags: [{ name: at('KEY') }] },
    } as never,
  ],
}
const first = () => 0

it('fills parameters into texts, and whole values as JSON', () => {
  const { objects, message } = fillTemplate(template, new Map([['NAME', 'app']]), false, first)
  assert.equal(message, 'Made app.')
  assert.deepEqual(objects, [
    {
      kind: 'ImageStream',
      apiVersion: 'image.openshift.io/v1',
      metadata: { name: 'app-stream', labels: { own: 'app', template: 'sample' } },
      spec: { lookupPolicy: { local: true }, tags: [{ name: 'aaaa' }] },
    },
  ])
})

it('makes values of the characters that an expression names', () => {
  assert.equal(
    generateValue('x-[a-c1]{3}-[\\d]{2}', (below) => below - 1),
    'x-111-99',
  )
  assert.match(
    generateValue('[\\w]{40}', (below) => Math.floor(below / 2)),
    /^[a-zA-Z0-9_]{40}$/,
  )
  assert.throws(() => generateValue('[a]{300}', first), /range must be within \[1-255\] characters/)
})

it('refuses parameters that the template lacks, and required ones without a value', () => {
  assert.throws(
    () => fillTemplate(template, new Map([['X', '1']]), false, first),
    /unexpected parameter name "X"/,
  )
  fillTemplate(template, new Map([['X', '1']]), true, first)
  const bare = { ...template, parameters: [{ name: 'NAME', required: true }] }
  assert.throws(() => fillTemplate(bare, new Map(), false, first), /parameter NAME is required/)
})

it('new-app makes the objects of a template file', async () => {
  const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams'
  const run = await runAgainst(
    ['new-app', '-f', 't.json', '-p', 'NAME=app', '-p', 'KEY=v1'],
    [{ on: `POST ${path}`, status: 201, answer: {} }],
    { files: { 't.json': JSON.stringify(template) } },
  )
  assert.equal(
    run.stdout,
    `--> Deploying template "demo/sample" for "t.json" to project demo

     sample
     ---------
     A sample

     Made app.

     * With parameters:
        * NAME=app
        * LOCAL=true
        * KEY=v1

--> Creating resources ...
    imagestream.image.openshift.io "app-stream" created
--> Success
    Run 'oc status' to view your app.
`,
  )
  const [made] = run.bodies as { metadata: { labels: object } }[]
  assert.deepEqual(made?.metadata.labels, { app: 'sample', own: 'app', template: 'sample' })
})

it('new-app says which file holds no template', async () => {
  const files = { 'x.json': '{"kind":"Other"}' }
  const run = await runAgainst(['new-app', '-f', 'x.json'], [], { files })
  assert.equal(run.stderr, 'error: unable to load template file "x.json": it holds no template\n')
  const none = await runAgainst(['new-app', '-f', 'none.json'], [], { files })
  assert.equal(none.stderr, 'error: open none.json: no such file or directory\n')
  const lost = await runAgainst(['new-app', '-p', 'A=b'], [], { files })
  assert.equal(lost.stderr, 'error: --param can only be used when instantiating a template\n')
})
