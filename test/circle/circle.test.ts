import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { describe, it, type TestContext } from 'node:test'
import { requireProgram } from '../clients/require-program.ts'
import { openSandbox } from '../clients/sandbox.ts'
import { startWeir } from '../clients/start-weir.ts'
import { eventually, finished, openSite } from './open-site.ts'

/** The whole circle: a base image is pushed, a build makes an image of it, the image goes to a workload (issue's own show). */

const manifests = JSON.stringify({
  apiVersion: 'v1',
  kind: 'List',
  items: [
    { apiVersion: 'image.openshift.io/v1', kind: 'ImageStream', metadata: { name: 'app' } },
    {
      apiVersion: 'build.openshift.io/v1',
      kind: 'BuildConfig',
      metadata: { name: 'app' },
      spec: {
        source: { dockerfile: 'FROM base:v1\nARG COLOUR\nRUN echo "$BASE $COLOUR" > /made && id\n' },
        strategy: {
          dockerStrategy: {
            from: { kind: 'ImageStreamTag', name: 'base:v1' },
            buildArgs: [{ name: 'COLOUR', value: 'blue' }],
          },
        },
        output: { to: { kind: 'ImageStreamTag', name: 'app:latest' } },
        triggers: [{ type: 'ImageChange' }],
      },
    },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: {
        name: 'web',
        annotations: {
          'image.openshift.io/triggers': JSON.stringify([
            {
              from: { kind: 'ImageStreamTag', name: 'app:latest' },
              fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
            },
          ]),
        },
      },
      spec: {
        selector: { matchLabels: { app: 'web' } },
        template: {
          metadata: { labels: { app: 'web' } },
          spec: { containers: [{ name: 'web', image: ' ' }] },
        },
      },
    },
  ],
})

describe('the whole circle', () => {
  it('leads from a pushed base image to a workload on what was built of it', {
    timeout: 240_000,
  }, async (test: TestContext) => {
    for (const name of ['buildah', 'skopeo']) if (!requireProgram(test, name, name)) return
    await using sandbox = await openSandbox()
    await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env })
    const site = await openSite(sandbox, weir)
    await site.cli('new-project', 'demo')
    await writeFile(sandbox.path('all.json'), manifests)
    await site.cli('apply', '-n', 'demo', '-f', sandbox.path('all.json'))
    assert.match(await site.cli('explain-image', '-n', 'demo', 'bc/app'), /base:v1/)

    await site.pushBase('one')
    const build = await finished(site, 'app-1')
    const log = await site.cli('logs', '-n', 'demo', '-f', 'bc/app')
    assert.match(log, /\nPush successful\n$/)
    assert.equal(build.status.phase, 'Complete', JSON.stringify(build.status))
    const digest = await site.digestOf('app:latest')
    assert.equal(build.status.output.to?.imageDigest, digest)
    const base = await site.digestOf('base:v1')
    assert.deepEqual(build.spec.strategy.dockerStrategy?.from?.name, `${weir.registryHost}/demo/base@${base}`)

    const image = (digest: string) => `${weir.registryHost}/demo/app@${digest}`
    const imageOf = async () =>
      (
        await site.get<{ spec: { template: { spec: { containers: { image: string }[] } } } }>(
          'deployment',
          'web',
        )
      ).spec.template.spec.containers[0]?.image
    await eventually(async () => assert.equal(await imageOf(), image(digest)))
    const why = async (what: string) => site.cli('explain-image', '-n', 'demo', what)
    assert.match(await why('deploy/web'), new RegExp(`web: \\S+@${digest}\n +it follows demo/app:latest`))
    assert.match(
      await why('istag/app:latest'),
      new RegExp(`${digest}[^]*build app-1 made it; system:serviceaccount:demo:builder pushed it`),
    )
    assert.match(await why('bc/app'), /the latest image of demo\/base:v1 has been built on/)

    await site.pushBase('two')
    const next = await finished(site, 'app-2')
    assert.equal(next.status.phase, 'Complete', JSON.stringify(next.status))
    const moved = await site.digestOf('app:latest')
    assert.notEqual(moved, digest)
    await eventually(async () => assert.equal(await imageOf(), image(moved)))
    assert.match(await why('deploy/web'), new RegExp(moved))
    const cause = next.spec.triggeredBy?.[0]
    assert.equal(cause?.message, 'Image change')
    assert.match(cause?.imageChangeBuild?.imageID ?? '', new RegExp(await site.digestOf('base:v1')))
  })
})
