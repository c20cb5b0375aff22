import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { eventually } from '../../src/controllers/trigger-rig.ts'
import { requireProgram } from './require-program.ts'
import { openSandbox } from './sandbox.ts'
import { startWeir, weirProgram } from './start-weir.ts'

/** The documentation's ways for workloads to use streams, with kubectl as the writer. */

interface Desk {
  /** In namespace default; with the object on stdin for `-f -`. */
  kubectl(args: string, object?: object): Promise<string>
  weir(args: string): Promise<string>
  /** Moves the tag, as a push does; resolves to what followers get. */
  push(tag: string, letter: string): Promise<string>
  image(resource: string): Promise<string>
}

async function withDesk(test: TestContext, run: (desk: Desk) => Promise<void>): Promise<void> {
  if (!requireProgram(test, 'kubectl', 'kubernetes-client')) return
  await using sandbox = await openSandbox()
  await using weir = await startWeir({ dataDir: sandbox.path('data'), env: sandbox.env })
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const kubectl: Desk['kubectl'] = (args, object) =>
    sandbox.must('kubectl', args.split(' '), {
      env,
      ...(object === undefined ? {} : { stdin: JSON.stringify(object) }),
    })
  await run({
    kubectl,
    weir: (args) => sandbox.must(weirProgram, args.split(' '), { env }),
    async push(tag, letter) {
      const [name = '', label] = tag.split(':')
      const digest = `sha256:${letter.repeat(64)}`
      const dockerImageReference = `quay.example.com/x/${name}@${digest}`
      const image = { metadata: { name: digest }, dockerImageReference }
      const mapping = {
        kind: 'ImageStreamMapping',
        apiVersion: 'image.openshift.io/v1',
        metadata: { name, namespace: 'default' },
        image,
        tag: label,
      }
      await writeFile(sandbox.path('mapping.json'), JSON.stringify(mapping))
      const path = '/apis/image.openshift.io/v1/namespaces/default/imagestreammappings'
      await kubectl(`create --raw ${path} -f ${sandbox.path('mapping.json')}`)
      return dockerImageReference
    },
    async image(resource) {
      return (await kubectl(`get ${resource} -o jsonpath={..containers[0].image}`)).trim()
    },
  })
}

const stream = (name: string, local = false) => ({
  apiVersion: 'image.openshift.io/v1',
  kind: 'ImageStream',
  metadata: { name },
  spec: { lookupPolicy: { local } },
})

function deployment(name: string, image: string, annotations: object = {}, templateAnnotations: object = {}) {
  const labels = { app: name }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations },
    spec: {
      selector: { matchLabels: labels },
      template: {
        metadata: { labels, annotations: templateAnnotations },
        spec: { containers: [{ name: 'web', image }] },
      },
    },
  }
}

const resolveNames = { 'alpha.image.policy.openshift.io/resolve-names': '*' }

describe('workloads that kubectl applies', () => {
  it("follow a tag by the documentation's annotation, and are applied again without harm", async (test) => {
    await withDesk(test, async ({ kubectl, push, image, weir }) => {
      await kubectl('apply -f -', stream('example'))
      const first = await push('example:latest', 'a')
      const triggers = `[{"from":{"kind":"ImageStreamTag","name":"example:latest"},"fieldPath":"spec.template.spec.containers[?(@.name='web')].image","paused":"false"}]`
      const written = deployment('example', ' ', { 'image.openshift.io/triggers': triggers })
      await kubectl('apply -f -', written)
      await eventually(async () => assert.equal(await image('deploy/example'), first))
      const moved = await push('example:latest', 'b')
      await eventually(async () => assert.equal(await image('deploy/example'), moved))
      await kubectl('apply -f -', written)
      await eventually(async () => assert.equal(await image('deploy/example'), moved))
      assert.match(await weir('explain-image deploy/example'), /it follows default\/example:latest/)
    })
  })

  it('follow a tag by set triggers, until that is paused or taken away', async (test) => {
    await withDesk(test, async ({ kubectl, push, image, weir }) => {
      await kubectl('apply -f -', stream('example'))
      const first = await push('example:latest', 'a')
      await kubectl('apply -f -', deployment('example', 'placeholder'))
      const set = 'set triggers deploy/example --from-image=example:latest -c web'
      assert.equal(await weir(set), 'deployment.apps/example triggers updated\n')
      await eventually(async () => assert.equal(await image('deploy/example'), first))
      assert.match(await weir('set triggers deploy/example'), /example:latest \(web\) +true/)
      await weir('set triggers deploy/example --manual')
      const moved = await push('example:latest', 'b')
      assert.match(
        await weir('explain-image deploy/example'),
        /the trigger for default\/example:latest is paused/,
      )
      assert.equal(await image('deploy/example'), first)
      await weir('set triggers deploy/example --auto')
      await eventually(async () => assert.equal(await image('deploy/example'), moved))
      await weir('set triggers deploy/example --remove-all')
      await push('example:latest', 'c')
      assert.equal(await image('deploy/example'), moved)
    })
  })

  it('use plain names of a stream that lends them, and of any stream where they ask for it', async (test) => {
    await withDesk(test, async ({ kubectl, push, image, weir }) => {
      await kubectl('apply -f -', stream('mysql'))
      const first = await push('mysql:latest', 'a')
      await kubectl('apply -f -', deployment('early', 'mysql:latest'))
      assert.equal(await image('deploy/early'), 'mysql:latest')

      assert.equal(
        await weir('set image-lookup mysql'),
        'imagestream.image.openshift.io/mysql image lookup updated\n',
      )
      assert.match(await weir('set image-lookup'), /^mysql +true$/m)
      await kubectl('apply -f -', deployment('lent', 'mysql:latest'))
      assert.equal(await image('deploy/lent'), first)
      await weir('set image-lookup mysql --enabled=false')

      await kubectl('apply -f -', deployment('asks', 'mysql:latest', {}, resolveNames))
      assert.equal(await image('deploy/asks'), first)
      await weir('set image-lookup deploy/early')
      assert.equal(await image('deploy/early'), first)
      const second = await push('mysql:latest', 'b')
      assert.equal(await image('deploy/early'), first, 'looked up when written, not when the tag moves')
      await kubectl('apply -f -', deployment('early', 'mysql:latest', {}, resolveNames))
      assert.equal(await image('deploy/early'), second)
      await weir('set image-lookup deploy/early --enabled=false')
      assert.equal(await image('deploy/early'), second)
      await kubectl('apply -f -', stream('mysql', true))
      await kubectl('run once --image=mysql:latest')
      const pod = await kubectl('get pod once -o jsonpath={.spec.containers[0].image}')
      assert.equal(pod.trim(), second)
    })
  })
})
