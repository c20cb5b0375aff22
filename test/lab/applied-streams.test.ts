import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream } from '../../src/api/index.ts'
import { type Lab, openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { tag } from './stream-steps.ts'

/** Streams as GitOps controllers write them: by server-side apply, tried first, over and over. */

const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreams/app'

const wanted = {
  apiVersion: 'image.openshift.io/v1',
  kind: 'ImageStream',
  metadata: { name: 'app', labels: { 'kustomize.toolkit.fluxcd.io/name': 'apps' } },
  spec: {
    lookupPolicy: { local: true },
    tags: [{ name: 'prod', from: { kind: 'ImageStreamTag', name: 'v1' } }],
  },
}

interface Answer {
  status: number
  stream: ImageStream & { metadata: { managedFields?: { manager: string; fieldsV1: object }[] } }
}

async function applyAs(lab: Lab, manager: string, body: object, query = ''): Promise<Answer> {
  const answer = await lab.call('PATCH', `${path}?fieldManager=${manager}&force=true${query}`, {
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/apply-patch+yaml' },
  })
  return { status: answer.status, stream: answer.json() }
}

async function live(lab: Lab): Promise<Answer['stream']> {
  return (await lab.call('GET', path)).json()
}

/** What controllers leave out when they compare: what the server keeps for itself. */
function comparable({ metadata, ...rest }: Answer['stream']): object {
  const { managedFields: _managed, resourceVersion: _version, generation: _generation, ...kept } = metadata
  return { ...rest, metadata: kept }
}

/** Flux and Argo CD alike: try, compare with what is there, and apply only when they differ. Resolves to whether they did. */
async function reconcile(lab: Lab, manager: string, body: object): Promise<boolean> {
  const tried = await applyAs(lab, manager, body, '&dryRun=All')
  assert.equal(tried.status, 200)
  const before = await live(lab)
  try {
    assert.deepEqual(comparable(tried.stream), comparable(before))
    return false
  } catch {
    assert.equal((await applyAs(lab, manager, body)).status, 200)
    return true
  }
}

async function openApplied(): Promise<Lab> {
  const lab = await openLab()
  await lab.project('demo')
  assert.equal((await applyAs(lab, 'kustomize-controller', wanted)).status, 201)
  return lab
}

describe('a stream that a GitOps controller applies', () => {
  it('has no drift while pushes, tags and followers move it', async () => {
    await using lab = await openApplied()
    const { length } = (await live(lab)).metadata.managedFields ?? []
    assert.equal(length, 1)
    for (const seed of ['one', 'two', 'three']) {
      await lab.push('demo/app:v1', randomImage(seed))
      lab.clock.advance(60_000)
      assert.equal(await reconcile(lab, 'kustomize-controller', wanted), false, seed)
      assert.equal(await reconcile(lab, 'argocd-controller', wanted), false, seed)
    }
    await tag(lab, 'app:mine', { kind: 'ImageStreamTag', name: 'app:v1' })
    assert.equal(await reconcile(lab, 'kustomize-controller', wanted), false, 'a tag of somebody else')
    const { status, spec, metadata } = await live(lab)
    assert.deepEqual(status.tags?.map((each) => each.tag).sort(), ['mine', 'prod', 'v1'])
    assert.deepEqual(spec.tags?.map(({ name }) => name).sort(), ['mine', 'prod'])
    const applied = metadata.managedFields?.find(({ manager }) => manager === 'kustomize-controller')
    assert(!JSON.stringify(applied?.fieldsV1).includes('f:status'))
  })

  it('costs no write when nothing changes: the same apply again leaves the revision as it is', async () => {
    await using lab = await openApplied()
    await lab.push('demo/app:v1', randomImage('one'))
    const { resourceVersion } = (await live(lab)).metadata
    const again = await applyAs(lab, 'kustomize-controller', wanted)
    assert.equal(again.stream.metadata.resourceVersion, resourceVersion)
    assert.equal((await live(lab)).metadata.resourceVersion, resourceVersion)
  })

  it('is put right where somebody changed what is applied, and only there', async () => {
    await using lab = await openApplied()
    await lab.push('demo/app:v1', randomImage('one'))
    await lab.push('demo/app:v2', randomImage('two'))
    await tag(lab, 'app:prod', { kind: 'ImageStreamTag', name: 'app:v2' })
    assert.equal(await reconcile(lab, 'kustomize-controller', wanted), true)
    const { spec, status } = await live(lab)
    assert.equal(spec.tags?.find(({ name }) => name === 'prod')?.from?.name, 'v1')
    assert.equal(status.tags?.find((each) => each.tag === 'v2')?.items?.length, 1)
    assert.equal(await reconcile(lab, 'kustomize-controller', wanted), false)
  })

  it('loses the tags that are no longer applied, and keeps those of others', async () => {
    await using lab = await openApplied()
    await lab.push('demo/app:v1', randomImage('one'))
    await tag(lab, 'app:mine', { kind: 'ImageStreamTag', name: 'app:v1' })
    const { tags: _tags, ...rest } = wanted.spec
    assert.equal(await reconcile(lab, 'kustomize-controller', { ...wanted, spec: rest }), true)
    const { spec, status } = await live(lab)
    assert.deepEqual(
      spec.tags?.map(({ name }) => name),
      ['mine'],
    )
    assert(
      status.tags?.some((each) => each.tag === 'v1'),
      'history stays',
    )
  })
})
