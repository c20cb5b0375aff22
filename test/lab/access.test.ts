import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams, imageStreamTags, type RoleBinding, roleBindings } from '../../src/api/index.ts'
import { isApiError } from '../../src/machinery/errors.ts'
import { type Lab, openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { digestsOf, tag } from './stream-steps.ts'

async function openTwoProjects(): Promise<Lab> {
  const lab = await openLab()
  await lab.project('demo', 'alice')
  await lab.project('theirs', 'bob')
  return lab
}

async function mayPull(lab: Lab, namespace: string, user: string): Promise<void> {
  await lab.as('bob').create(roleBindings, namespace, {
    metadata: { name: `pull-${user}` },
    subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: user }],
    roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:image-puller' },
  } as RoleBinding)
}

describe("tagging another project's image", () => {
  it('is a 422 without the right to pull it, and writes nothing', async () => {
    await using lab = await openTwoProjects()
    await lab.push('theirs/app:v1', randomImage('one'), 'bob')
    const from = { kind: 'ImageStreamTag', namespace: 'theirs', name: 'app:v1' }
    const body = {
      apiVersion: 'image.openshift.io/v1',
      kind: 'ImageStreamTag',
      metadata: { name: 'copy:v1' },
      tag: { from },
    }
    const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags'
    const refused = await lab.call('POST', path, { body })
    assert.equal(refused.status, 422)
    assert.equal(
      refused.json().message,
      'ImageStream.image.openshift.io "copy" is invalid: []: Internal error: imagestreams "copy" is invalid: spec.tags[v1].from: Forbidden: theirs/app: "" ""',
    )
    await assert.rejects(lab.client.get(imageStreams, 'demo', 'copy'), (error) =>
      isApiError(error, 'NotFound'),
    )
  })

  it('is allowed with system:image-puller there', async () => {
    await using lab = await openTwoProjects()
    const { digest } = await lab.push('theirs/app:v1', randomImage('one'), 'bob')
    await mayPull(lab, 'theirs', 'alice')
    await tag(lab, 'copy:v1', { kind: 'ImageStreamTag', namespace: 'theirs', name: 'app:v1' })
    assert.deepEqual(await digestsOf(lab, 'copy', 'v1'), [digest])
    const pulled = await lab.pull('GET', '/v2/demo/copy/manifests/v1')
    assert(pulled.bytes.equals(randomImage('one').bytes))
  })

  it('is decided once: a later push there does not follow', async () => {
    await using lab = await openTwoProjects()
    const one = await lab.push('theirs/app:v1', randomImage('one'), 'bob')
    await mayPull(lab, 'theirs', 'alice')
    await tag(lab, 'copy:v1', { kind: 'ImageStreamTag', namespace: 'theirs', name: 'app:v1' })
    await lab.push('theirs/app:v1', randomImage('two'), 'bob')
    assert.deepEqual(await digestsOf(lab, 'copy', 'v1'), [one.digest])
  })
})

describe("another project's content", () => {
  it('is neither read nor written nor pulled nor pushed by a stranger (registry.md B-13: 401 there, never 403)', async () => {
    await using lab = await openTwoProjects()
    const { digest } = await lab.push('demo/app:v1', randomImage('one'))
    const carol = lab.as('carol')
    const denied = (error: unknown) => isApiError(error, 'Forbidden')
    await assert.rejects(carol.get(imageStreams, 'demo', 'app'), denied)
    await assert.rejects(carol.list(imageStreamTags, 'demo'), denied)
    await assert.rejects(tag(lab, 'app:v2', { kind: 'ImageStreamTag', name: 'app:v1' }, 'carol'), denied)
    for (const [method, path] of [
      ['GET', '/v2/demo/app/manifests/v1'],
      ['GET', `/v2/demo/app/blobs/${digest}`],
      ['DELETE', `/v2/demo/app/manifests/${digest}`],
      ['POST', '/v2/demo/app/blobs/uploads/'],
    ] as const) {
      const answer = await lab.pull(method, path, { as: 'carol' })
      assert.equal(answer.status, 401, `${method} ${path}: ${answer.text}`)
      assert.match(`${answer.headers['www-authenticate']}`, /error="access denied"/)
    }
  })

  it('is not reached by mounting its blob: the bytes have to be sent', async () => {
    await using lab = await openTwoProjects()
    const { layers } = await lab.push('demo/app:v1', randomImage('one'))
    const mount = `/v2/theirs/app/blobs/uploads/?mount=${layers[0]?.digest}&from=demo/app`
    assert.equal((await lab.pull('POST', mount, { as: 'bob' })).status, 202)
    assert.equal(
      (await lab.pull('HEAD', `/v2/theirs/app/blobs/${layers[0]?.digest}`, { as: 'bob' })).status,
      404,
    )
  })

  it('is the requester’s at once: a project can be used as soon as it was answered', async () => {
    await using lab = await openLab()
    for (let n = 0; n < 10; n++) {
      const body = {
        apiVersion: 'project.openshift.io/v1',
        kind: 'ProjectRequest',
        metadata: { name: `p${n}` },
      }
      assert.equal(
        (await lab.call('POST', '/apis/project.openshift.io/v1/projectrequests', { body })).status,
        201,
      )
      const stream = { metadata: { name: 'app' }, apiVersion: 'image.openshift.io/v1', kind: 'ImageStream' }
      const path = `/apis/image.openshift.io/v1/namespaces/p${n}/imagestreams`
      const made = await lab.call('POST', path, { body: stream })
      assert.equal(made.status, 201, made.text)
    }
  })

  it('is refused, with the words of the administrator, to who may not request one', async () => {
    const path = '/apis/project.openshift.io/v1/projectrequests'
    const usual = 'You may not request a new project via this API.'
    for (const [line, message] of [
      ['', usual],
      ['projectRequestMessage: Ask the help desk., ', 'Ask the help desk.'],
    ] as const) {
      await using lab = await openLab({ config: `identity: {${line}selfProvisioning: false}` })
      const asked = await lab.call('GET', path)
      assert.deepEqual([asked.status, asked.json().message], [403, message])
      const body = {
        apiVersion: 'project.openshift.io/v1',
        kind: 'ProjectRequest',
        metadata: { name: 'mine' },
      }
      assert.equal((await lab.call('POST', path, { body })).status, 403)
      assert.equal((await lab.call('GET', path, { as: 'root' })).status, 200)
    }
  })
})
