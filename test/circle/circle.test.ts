import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Build, ImageStreamTag } from '../../src/api/index.ts'
import { requireProgram } from '../clients/require-program.ts'
import { openSandbox, type Sandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'
import { makeShellRoot, writeShellImage } from './shell-root.ts'

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

async function openSite(sandbox: Sandbox, weir: StartedWeir) {
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const cli = (...args: string[]) => sandbox.must(weirProgram, args, { env, timeout: 120_000 })
  const get = async <T>(...args: string[]) =>
    JSON.parse(await cli('get', '-n', 'demo', ...args, '-o', 'json')) as T
  await makeShellRoot(sandbox.path('root'))
  return {
    cli,
    get,
    async pushBase(version: string) {
      await writeShellImage(sandbox.path('root'), sandbox.path(version), version)
      const to = `docker://${weir.registryHost}/demo/base:v1`
      const login = ['--dest-creds', `admin:${weir.adminToken}`, '--dest-tls-verify=false']
      const policy = '--insecure-policy'
      await sandbox.must('skopeo', [policy, 'copy', '-q', ...login, `oci:${sandbox.path(version)}:image`, to])
    },
    digestOf: async (tag: string) => (await get<ImageStreamTag>('istag', tag)).image.metadata.name ?? '',
  }
}

type Site = Awaited<ReturnType<typeof openSite>>

/** Milliseconds: a build takes a second or two; the machine may be busy. */
const patience = 90_000

async function finished(site: Site, name: string): Promise<Build> {
  const until = Date.now() + patience
  for (;;) {
    const build = await site.get<Build>('build', name).catch(() => undefined)
    if (build !== undefined && ['Complete', 'Failed', 'Error', 'Cancelled'].includes(build.status.phase))
      return build
    assert(Date.now() < until, `build ${name}: ${JSON.stringify(build?.status)}`)
    await sleep(250)
  }
}

async function eventually(check: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + patience; ; await sleep(100)) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}

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
    const log = await site
      .cli('get', '--raw', '/apis/build.openshift.io/v1/namespaces/demo/builds/app-1/log')
      .catch(String)
    test.diagnostic(log)
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
    test.diagnostic(await site.cli('explain-image', '-n', 'demo', 'deploy/web'))
    test.diagnostic(await site.cli('explain-image', '-n', 'demo', 'istag/app:latest'))
  })
})
