import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Deployment, type Pod, pods, type ReplicaSet, replicaSets } from '../../src/api/index.ts'
import { eventually } from '../../src/controllers/trigger-rig.ts'
import { type Lab, openLab, registryAddress } from './open-lab.ts'
import { randomImage } from './random-image.ts'

/** Workloads that a GitOps controller applies and whose images follow tags (docs/gitops.md). */

const path = '/apis/apps/v1/namespaces/demo/deployments/web'
const triggers = JSON.stringify([
  {
    from: { kind: 'ImageStreamTag', name: 'app:v1' },
    fieldPath: 'spec.template.spec.containers[?(@.name=="web")].image',
  },
])

/** What stands in Git; without an image where rules leave it out of what is applied. */
function manifest(annotations: Record<string, string> = {}, image: string | null = ' ', port = 8080) {
  const container = {
    name: 'web',
    ...(image === null ? {} : { image }),
    ports: [{ containerPort: port }],
  }
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web', annotations: { 'image.openshift.io/triggers': triggers, ...annotations } },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [container] } },
    },
  }
}
type Manifest = ReturnType<typeof manifest>

async function apply(lab: Lab, body: Manifest, query = ''): Promise<Deployment> {
  const answer = await lab.call('PATCH', `${path}?fieldManager=kustomize-controller&force=true${query}`, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/apply-patch+yaml' },
  })
  assert(answer.status === 200 || answer.status === 201, answer.text)
  return answer.json()
}

const live = async (lab: Lab): Promise<Deployment> => (await lab.call('GET', path)).json()
const imageOf = ({ spec }: Deployment) => spec.template.spec.containers[0]?.image

function comparable({ metadata, ...rest }: Deployment): object {
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...kept } = metadata
  return { ...rest, metadata: kept }
}

/** Tries what would be applied, and compares: a GitOps controller that finds no difference applies nothing. */
async function hasDrift(lab: Lab, body: Manifest): Promise<boolean> {
  const tried = await apply(lab, body, '&dryRun=All')
  try {
    assert.deepEqual(comparable(tried), comparable(await live(lab)))
    return false
  } catch {
    return true
  }
}

async function push(lab: Lab, seed: string): Promise<string> {
  const { digest } = await lab.push('demo/app:v1', randomImage(seed))
  return `${registryAddress}/demo/app@${digest}`
}

async function open(): Promise<Lab> {
  const lab = await openLab()
  await lab.project('demo')
  return lab
}

describe('a workload that a GitOps controller applies', () => {
  it('shows no drift when the image is left out of what is applied, as ignore rules do', async () => {
    await using lab = await open()
    const first = await push(lab, 'one')
    await apply(lab, manifest())
    await eventually(async () => assert.equal(imageOf(await live(lab)), first))
    assert.equal(await hasDrift(lab, manifest()), true, 'without a rule the placeholder would come back')
    assert.equal(await hasDrift(lab, manifest({}, null)), false)
    const moved = await push(lab, 'two')
    await eventually(async () => assert.equal(imageOf(await live(lab)), moved))
    assert.equal(await hasDrift(lab, manifest({}, null)), false)

    const changed = manifest({}, null, 9090)
    assert.equal(await hasDrift(lab, changed), true)
    await apply(lab, changed)
    const { spec, metadata } = await live(lab)
    assert.equal(spec.template.spec.containers[0]?.ports?.[0]?.containerPort, 9090)
    assert.equal(imageOf({ metadata, spec } as Deployment), moved)
    assert.equal(await hasDrift(lab, changed), false)
  })

  it('owns nothing but the image', async () => {
    await using lab = await open()
    const image = await push(lab, 'one')
    await apply(lab, manifest())
    await eventually(async () => assert.equal(imageOf(await live(lab)), image))
    const owners = (await live(lab)).metadata.managedFields as { manager: string; fieldsV1: object }[]
    const ours = owners.find(({ manager }) => manager === 'weir')?.fieldsV1
    assert.deepEqual(ours, {
      'f:spec': {
        'f:template': { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': { 'f:image': {} } } } },
      },
    })
  })

  it('is left as it was applied where its pods get the images', async () => {
    await using lab = await open()
    const wanted = manifest({ 'weir.dev/trigger-target': 'pods' }, 'app')
    const first = await push(lab, 'one')
    await apply(lab, wanted)
    assert.equal(imageOf(await addPod(lab, 'a')), first)
    const moved = await push(lab, 'two')
    assert.equal(imageOf(await addPod(lab, 'b')), moved)
    assert.equal(imageOf(await live(lab)), 'app')
    assert.equal((await live(lab)).metadata.generation, 1)
    assert.equal(await hasDrift(lab, wanted), false)

    const written = manifest({ 'weir.dev/trigger-target': 'field' }, 'app')
    await apply(lab, written)
    await eventually(async () => assert.equal(imageOf(await live(lab)), moved))
  })
})

/** What the controllers of a cluster make of the deployment; answers with the pod, in the deployment's form. */
async function addPod(lab: Lab, name: string): Promise<Deployment> {
  const { metadata, spec } = await live(lab)
  const owned = (kind: string, owner: { name?: string; uid?: string }) => [
    { apiVersion: 'apps/v1', kind, name: owner.name ?? '', uid: owner.uid ?? '', controller: true },
  ]
  const { selector, template } = spec
  const labels = template.metadata?.labels
  const set = await lab.client.create(replicaSets, 'demo', {
    metadata: {
      name: `web-${name}`,
      labels,
      annotations: metadata.annotations,
      ownerReferences: owned('Deployment', metadata),
    },
    spec: { selector, template, replicas: 0 },
  } as unknown as ReplicaSet)
  const pod = await lab.client.create(pods, 'demo', {
    metadata: { name: `web-${name}-x`, labels, ownerReferences: owned('ReplicaSet', set.metadata) },
    spec: template.spec,
  } as unknown as Pod)
  assert.equal(set.spec.template.spec.containers[0]?.image, 'app')
  return { ...pod, spec: { template: { spec: pod.spec } } } as unknown as Deployment
}
