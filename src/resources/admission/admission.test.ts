import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  allKinds,
  builds,
  cronJobs,
  deployments,
  imageStreamMappings,
  imageStreams,
  jobs,
  namespaces,
  type Pod,
  pods,
  serviceAccounts,
} from '../../api/index.ts'
import {
  createImagePolicy,
  denyExecutionRule,
  type ImagePolicy,
  resolveNamesAnnotation,
  unrestricted,
} from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { openSqliteStore } from '../../store/index.ts'
import { createImageEndpoints } from '../image/index.ts'
import { createResources } from '../resources.ts'
import { createAdmittedEndpoints, createTriggerWriters } from './index.ts'

const digest = `sha256:${'a'.repeat(64)}`
const resolved = `docker.io/library/mysql@${digest}`

/** A stream `mysql` that lends its name, with a tag `5.6`; `annotations` are those of its image. */
async function open({ policy, annotations = {} }: { policy?: ImagePolicy; annotations?: object } = {}) {
  const store = await openSqliteStore({ file: ':memory:' })
  const clock = () => new Date('2026-05-06T12:00:00Z')
  const resources = createResources({
    kinds: allKinds,
    store,
    clock,
    randomUuid: randomUUID,
    random: Math.random,
  })
  const client = resources.system
  const hosts = {
    internalRegistry: 'reg:5000',
    externalRegistries: [],
    whitelist: unrestricted,
    defaultImportMode: 'Legacy' as const,
  }
  const authorize = async () => ({ allowed: true, reason: '' })
  const writers = createTriggerWriters({ store })
  resources.add([
    ...createImageEndpoints({ ...resources.deps, authorize, settings: hosts }),
    ...createAdmittedEndpoints({
      ...resources.deps,
      client,
      authorize,
      hosts,
      writers,
      ...(policy === undefined ? {} : { policy }),
    }),
  ])
  await client.create(namespaces, '', { metadata: { name: 'demo' } } as never)
  const account = { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'pull' }] }
  await client.create(serviceAccounts, 'demo', account as never)
  const stream = { metadata: { name: 'mysql' }, spec: { lookupPolicy: { local: true } } }
  await client.create(imageStreams, 'demo', stream as never)
  const image = { metadata: { name: digest, annotations }, dockerImageReference: resolved }
  await client.create(imageStreamMappings, 'demo', {
    metadata: { name: 'mysql' },
    image,
    tag: '5.6',
  } as never)
  return { client, [Symbol.asyncDispose]: () => store[Symbol.asyncDispose]() }
}

type Api = Awaited<ReturnType<typeof open>>

const template = (image: string, annotations = {}) => ({
  metadata: { labels: { a: 'b' }, annotations },
  spec: { containers: [{ name: 'web', image }] },
})
const deployment = (image: string, annotations = {}) =>
  ({
    metadata: { name: 'web' },
    spec: { selector: { matchLabels: { a: 'b' } }, template: template(image, annotations) },
  }) as never

const pod = (image: string, more: object = {}) =>
  ({ metadata: { name: 'web', ...more }, spec: { containers: [{ name: 'web', image }] } }) as never

async function podImage({ client }: Api, image: string, more: object = {}): Promise<string | undefined> {
  return (await client.create(pods, 'demo', pod(image, more))).spec.containers[0]?.image
}

const refused = (text: string) => (error: unknown) => {
  assert(isApiError(error, 'Invalid'), String(error))
  assert.equal(error.message, text)
  return true
}

describe('image lookup in workloads', () => {
  it('writes the image for the name, keeping the pull policy of the text as written', async () => {
    await using api = await open()
    const created = await api.client.create(deployments, 'demo', deployment('mysql:5.6'))
    const container = created.spec.template.spec.containers[0]
    assert.equal(container?.image, resolved)
    assert.equal(container?.imagePullPolicy, 'IfNotPresent')
    assert.equal(created.metadata.generation, 1)
  })

  it('means our registry where the tag has no image', async () => {
    await using api = await open()
    const created = await api.client.create(pods, 'demo', pod('mysql'))
    assert.equal(created.spec.containers[0]?.image, 'reg:5000/demo/mysql:latest')
    assert.equal(created.spec.containers[0]?.imagePullPolicy, 'Always')
  })

  it('leaves what has an owner, a digest or a registry', async () => {
    await using api = await open()
    const owner = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'x', uid: 'u', controller: true }
    assert.equal(await podImage(api, 'mysql:5.6', { ownerReferences: [owner] }), 'mysql:5.6')
    assert.equal(await podImage(api, 'docker.io/mysql:5.6', { name: 'b' }), 'docker.io/mysql:5.6')
  })

  it('looks at every name once the object asks for it', async () => {
    await using api = await open()
    await api.client.create(deployments, 'demo', deployment('quay.io/mysql:5.6'))
    const annotations = { [resolveNamesAnnotation]: '*' }
    const body = { spec: { template: { metadata: { annotations } } } }
    const patched = await api.client.patch(deployments, 'demo', 'web', { type: 'strategic', body })
    assert.equal(patched.spec.template.spec.containers[0]?.image, resolved)
  })

  it('looks at nothing that a write leaves alone', async () => {
    await using api = await open()
    await api.client.patch(imageStreams, 'demo', 'mysql', {
      type: 'merge',
      body: { spec: { lookupPolicy: { local: false } } },
    })
    await api.client.create(deployments, 'demo', deployment('mysql:5.6'))
    await api.client.patch(imageStreams, 'demo', 'mysql', {
      type: 'merge',
      body: { spec: { lookupPolicy: { local: true } } },
    })
    const body = { metadata: { annotations: { x: 'y' } } }
    const { spec } = await api.client.patch(deployments, 'demo', 'web', { type: 'merge', body })
    assert.equal(spec.template.spec.containers[0]?.image, 'mysql:5.6')
  })

  it('finds the pod templates of jobs, which never change again', async () => {
    await using api = await open()
    const never = {
      ...template('mysql:5.6'),
      spec: { ...template('mysql:5.6').spec, restartPolicy: 'Never' },
    }
    const job = { metadata: { name: 'once' }, spec: { template: never } }
    const made = await api.client.create(jobs, 'demo', job as never)
    assert.equal(made.spec.template.spec.containers[0]?.image, resolved)
    const spec = { schedule: '0 0 1 1 *', jobTemplate: { spec: { template: never } } }
    const cron = await api.client.create(cronJobs, 'demo', { metadata: { name: 'c' }, spec } as never)
    assert.equal(cron.spec.jobTemplate.spec.template.spec.containers[0]?.image, resolved)
  })

  it('looks at what builds are made from', async () => {
    await using api = await open()
    const from = (kind: string, name: string) => ({ kind, name })
    const made = await api.client.create(builds, 'demo', {
      metadata: { name: 'b' },
      spec: {
        source: { images: [{ from: from('ImageStreamTag', 'mysql:5.6'), paths: [] }] },
        strategy: { dockerStrategy: { from: from('DockerImage', 'mysql:5.6') } },
      },
    } as never)
    assert.equal(made.spec.strategy.dockerStrategy?.from?.name, resolved)
    assert.equal(made.spec.source.images?.[0]?.from.name, 'mysql:5.6')
  })

  it('refuses images that are not to run', async () => {
    const policy = createImagePolicy({ executionRules: [denyExecutionRule] })
    const annotations = { 'images.openshift.io/deny-execution': 'true' }
    await using api = await open({ policy, annotations })
    const text =
      'Pod "web" is invalid: spec.containers[0].image: Forbidden: this image is prohibited by policy'
    await assert.rejects(podImage(api, 'mysql:5.6'), refused(text))
    await assert.rejects(podImage(api, `quay.io/x/y@${digest}`), refused(text))
    assert.equal(await podImage(api, 'other:1'), 'other:1')
    const body = {
      metadata: { annotations: { 'alpha.image.policy.openshift.io/ignore-rules': 'execution-denied' } },
    }
    await api.client.patch(namespaces, '', 'demo', { type: 'merge', body })
    assert.equal(await podImage(api, 'mysql:5.6', { name: 'allowed' }), resolved)
  })

  it('pins what names our registry where the policy rewrites', async () => {
    const policy = createImagePolicy({ resolveImages: 'AttemptRewrite', executionRules: [denyExecutionRule] })
    await using api = await open({ policy })
    assert.equal(await podImage(api, 'reg:5000/demo/mysql:5.6'), resolved)
    assert.equal(await podImage(api, 'reg:5000/demo/none:5.6', { name: 'none' }), 'reg:5000/demo/none:5.6')
    assert.equal(await podImage(api, 'x/y:z', { name: 'other' }), 'x/y:z')
  })

  it('refuses what cannot be resolved where that is required', async () => {
    const policy = createImagePolicy({ resolveImages: 'Required', executionRules: [denyExecutionRule] })
    await using api = await open({ policy })
    await assert.rejects(
      podImage(api, 'x/y:z'),
      refused(
        'Pod "web" is invalid: spec.containers[0].image: Forbidden: this image is prohibited by policy: (docker.io/x/y:z) could not be resolved to an exact image reference',
      ),
    )
  })
})

describe('service accounts of pods', () => {
  const tokens = (pod: Pod) => (pod.spec.volumes ?? []).map(({ name }) => name)

  it('bring pull secrets and a token', async () => {
    await using api = await open()
    const created = await api.client.create(pods, 'demo', pod('x'))
    assert.deepEqual(created.spec.imagePullSecrets, [{ name: 'pull' }])
    assert.match(String(tokens(created)), /^kube-api-access-[a-z0-9]{5}$/)
    assert.equal(created.spec.containers[0]?.volumeMounts?.[0]?.name, tokens(created)[0])
    const body = { metadata: { labels: { x: 'y' } } }
    const patched = await api.client.patch(pods, 'demo', 'web', { type: 'merge', body })
    assert.deepEqual(tokens(patched), tokens(created))
  })

  it('must exist', async () => {
    await using api = await open()
    const spec = { serviceAccountName: 'nobody', containers: [{ name: 'web', image: 'x' }] }
    await assert.rejects(
      api.client.create(pods, 'demo', { metadata: { name: 'web' }, spec } as never),
      (error) => {
        assert(isApiError(error, 'Forbidden'))
        assert.equal(
          error.message,
          'pods "web" is forbidden: error looking up service account demo/nobody: serviceaccount "nobody" not found',
        )
        return true
      },
    )
  })
})
