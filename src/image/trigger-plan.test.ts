import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { applyJsonPatch } from '../machinery/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { parseTriggers, triggersAnnotation } from './trigger-annotation.ts'
import { explainWorkload } from './trigger-explain.ts'
import { locateImage } from './trigger-path.ts'
import { planTriggers, podImages, triggerFollowings } from './trigger-plan.ts'
import type { Resolutions } from './trigger-resolve.ts'

const kind = { group: 'apps', kind: 'Deployment' }
const web = 'spec.template.spec.containers[?(@.name=="web")].image'
const entry = (name: string, fieldPath: string, more: object = {}) => ({
  from: { kind: 'ImageStreamTag', name },
  fieldPath,
  ...more,
})

function workload(triggers: unknown, more: object = {}): KubeObject {
  const text = typeof triggers === 'string' ? triggers : JSON.stringify(triggers)
  return {
    metadata: {
      name: 'web',
      namespace: 'demo',
      resourceVersion: '7',
      annotations: { [triggersAnnotation]: text },
      ...more,
    },
    spec: {
      template: {
        spec: {
          initContainers: [{ name: 'init', image: 'old-init' }],
          containers: [{ name: 'web', image: 'old' }, { name: 'side' }],
        },
      },
    },
  } as KubeObject
}

const resolve: Resolutions = ({ stream, tag, namespace }) => {
  if (namespace !== 'demo') return { kind: 'forbidden', why: 'no right' }
  return stream === 'app' ? { kind: 'image', image: `app@${tag}` } : { kind: 'unresolved', why: 'no-stream' }
}
const states = (object: KubeObject) =>
  planTriggers(kind, object, resolve).entries.map(({ state }) => state.kind)

describe('trigger annotations', () => {
  it('patches the image fields alone, behind a test of the revision', () => {
    const object = workload([entry('app:v1', web)])
    const { patch } = planTriggers(kind, object, resolve)
    assert.deepEqual(patch, [
      { op: 'test', path: '/metadata/resourceVersion', value: '7' },
      { op: 'replace', path: '/spec/template/spec/containers/0/image', value: 'app@v1' },
    ])
    const patched = applyJsonPatch(object, patch) as KubeObject
    assert.equal(planTriggers(kind, patched, resolve).patch, undefined)
  })

  it('leaves the object alone where its pods get the images', () => {
    const targeted = (target: string) =>
      workload([], {
        annotations: {
          [triggersAnnotation]: JSON.stringify([
            entry('app:v1', web),
            entry('gone:v1', web.replace('web', 'side')),
          ]),
          'weir.dev/trigger-target': target,
        },
      })
    const plan = planTriggers(kind, targeted('pods'), resolve)
    assert.equal(plan.patch, undefined)
    assert.deepEqual([...podImages(plan)], [['web', 'app@v1']])
    assert.deepEqual(triggerFollowings(kind, targeted('pods')), [])
    assert.deepEqual(planTriggers(kind, targeted('git'), resolve), {
      refused: 'the annotation weir.dev/trigger-target is neither field nor pods',
      entries: [],
    })
    const { containers } = explainWorkload(kind, targeted('pods'), resolve)
    assert.match(String(containers[1]?.reasons), /in its pods only: new ones get app@v1/)
  })

  it('finds containers by name and place, however the path is quoted', () => {
    const container = (path: string) => {
      const located = locateImage(kind, workload([]), path)
      return located.kind === 'found' ? located.container : located.kind
    }
    const prefix = 'spec.template.spec'
    for (const selector of [
      '?(@.name=="web")',
      "?(@.name=='web')",
      "?(@.name='web')",
      '?(@.name="web")',
      '0',
    ]) {
      assert.equal(container(`${prefix}.containers[${selector}].image`), 'web')
    }
    assert.equal(container(`${prefix}.initContainers[0].image`), 'init')
    assert.equal(container(`${prefix}.containers[?(@.name=="init")].image`), 'init')
    assert.equal(container('spec.containers[0].image'), 'elsewhere')
    for (const bad of [
      'containers[2].image',
      'containers[web].image',
      'containers[*].image',
      'volumes[0].image',
    ]) {
      assert.equal(container(`${prefix}.${bad}`), 'invalid', bad)
    }
    assert.equal(container(`${prefix}.containers[0].image.x`), 'invalid')
    assert.equal(container(`${prefix}.containers[?(@.name=='web")].image`), 'invalid')
  })

  it('finds images in kinds of others', () => {
    const rollout = { group: 'argoproj.io', kind: 'Rollout' }
    const found = locateImage(rollout, workload([]), web)
    assert.deepEqual(found.kind === 'found' && found.path, [
      'spec',
      'template',
      'spec',
      'containers',
      0,
      'image',
    ])
    for (const path of ['metadata.name', 'spec.template', 'spec.constructor.name', 'spec.none.image', '']) {
      assert.equal(locateImage(rollout, workload([]), path).kind, 'invalid', path)
    }
  })

  it('lets other entries go on where one is wrong', () => {
    const object = workload([
      entry('app:v1', 'spec.template.spec.containers[nope].image'),
      entry('gone:v1', 'spec.template.spec.containers[1].image'),
      entry('app', 'spec.template.spec.initContainers[0].image'),
      entry('app:v2', web),
      entry('app:v3', 'spec.containers[0].image'),
    ])
    assert.deepEqual(states(object), ['invalid', 'waiting', 'invalid', 'moves', 'ignored'])
    const foreign = { from: { kind: 'ImageStreamTag', name: 'app:v1', namespace: 'other' }, fieldPath: web }
    assert.deepEqual(states(workload([foreign])), ['forbidden'])
  })

  it('takes paused as truth value or text', () => {
    assert.deepEqual(states(workload([entry('app:v1', web, { paused: 'true' })])), ['paused'])
    assert.deepEqual(states(workload([entry('app:v1', web, { paused: 'false' })])), ['moves'])
    assert.deepEqual(states(workload([entry('app:v1', web, { paused: true })])), ['paused'])
  })

  it('counts nothing of what is wrong as a whole', () => {
    assert.deepEqual(parseTriggers('null'), { kind: 'entries', entries: [] })
    const wrong = ['not json', '{}', '[1]', '[{"paused":"maybe"}]', '[{"from":[]}]', '[{"fieldPath":1}]']
    for (const text of wrong) assert.equal(parseTriggers(text).kind, 'invalid', text)
    const twice = planTriggers(kind, workload([entry('app:v1', web), entry('app:v2', web)]), resolve)
    assert.equal(twice.refused, 'duplicate triggers are not allowed')
  })

  it('lets the last of two entries for one container win, without writing twice', () => {
    const object = workload([entry('app:v1', 'spec.template.spec.containers[0].image'), entry('app:v2', web)])
    const { patch } = planTriggers(kind, object, resolve)
    assert.deepEqual(
      patch?.slice(1).map(({ value }) => value),
      ['app@v2'],
    )
    const patched = applyJsonPatch(object, patch) as KubeObject
    assert.equal(planTriggers(kind, patched, resolve).patch, undefined)
    assert.deepEqual(states(patched), ['overruled', 'current'])
  })

  it('leaves alone what cannot change, and what another object controls', () => {
    const job = planTriggers({ group: 'batch', kind: 'Job' }, workload([entry('app:v1', web)]), resolve)
    assert.deepEqual([job.entries[0]?.state.kind, job.patch], ['fixed', undefined])
    const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'x', uid: 'u', controller: true }
    const owned = planTriggers(kind, workload([entry('app:v1', web)], { ownerReferences: [owner] }), resolve)
    assert.equal(owned.patch, undefined)
    assert.match(owned.refused ?? '', /another object controls/)
  })

  it('explains each container', () => {
    const object = workload([
      entry('app:v1', web),
      entry('gone:v1', 'spec.template.spec.containers[1].image'),
    ])
    assert.deepEqual(explainWorkload(kind, object, resolve), {
      containers: [
        { container: 'init', image: 'old-init', reasons: ['it is as it was written: no trigger sets it'] },
        { container: 'web', image: 'old', reasons: ['it follows demo/app:v1 and becomes app@v1'] },
        { container: 'side', image: '', reasons: ['demo/gone:v1: there is no such image stream'] },
      ],
      notes: [],
      isDue: true,
    })
  })
})
