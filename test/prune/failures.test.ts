import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { clusterRoleBindings, imageStreams } from '../../src/api/index.ts'
import type { HttpRequest, HttpResponse } from '../../src/client/transport.ts'
import { fourImages, minute, old, openPruneRig, type PruneRig, refusal } from './prune-rig.ts'
import { imageOf, layerOf } from './shared-image.ts'

/** The worked examples of pruning.md §11 about what goes wrong on the way, and races (§8). */

const age = (rig: PruneRig) => rig.lab.clock.advance(120 * minute)

async function exampleOne() {
  const rig = await openPruneRig()
  const four = fourImages()
  await rig.stream('s', { latest: old(four.a, four.b, four.c, four.d) })
  age(rig)
  return { rig, ...four }
}

/** Answers 500 to the requests whose path matches. */
const failing =
  (path: RegExp) =>
  async (request: HttpRequest): Promise<HttpResponse | undefined> =>
    request.method === 'DELETE' && path.test(request.path) ? refusal() : undefined

const tail = (text: string) => text.split('\n').slice(-2)[0] as string

describe('pruning when something fails', () => {
  it('14: an image whose blobs all stay stays', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    rig.intercept = failing(/^\/admin\/blobs\//)
    const { code, summary, stderr } = await rig.run()
    assert.equal(code, 1)
    assert.doesNotMatch(summary, /image object/)
    assert.equal(await rig.hasImage(d), true)
    const lines = stderr.split('\n')
    const blobs = [layerOf('d').digest, d.config.digest, d.digest]
    assert.deepEqual(
      lines.slice(1, 4),
      blobs.map((blob) => `error deleting blob ${blob} from the registry: 500 Internal Server Error`),
    )
    assert.deepEqual(lines.slice(4, 7), [
      `image ${d.digest}: failed to delete blob ${blobs[0]}: 500 Internal Server Error`,
      `image ${d.digest}: failed to delete blob ${blobs[1]}: 500 Internal Server Error`,
      `image ${d.digest}: failed to delete manifest blob ${blobs[2]}: 500 Internal Server Error`,
    ])
    rig.intercept = async () => undefined
    assert.equal((await rig.run()).code, 0)
    assert.deepEqual([await rig.hasImage(d), await rig.hasBlob(d)], [false, false])
  })

  it('15: one whose blobs go in part goes', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    rig.intercept = failing(new RegExp(`^/admin/blobs/${layerOf('d').digest}`))
    const { code, summary, stderr } = await rig.run()
    assert.equal(code, 1)
    assert.match(summary, /deleted 1 image object\(s\).*deleted 2 blob\(s\)$/)
    assert.equal(
      tail(stderr),
      `error: image ${d.digest}: failed to delete blob ${layerOf('d').digest}: 500 Internal Server Error`,
    )
    assert.equal(await rig.hasImage(d), false)
  })

  it('16: a stream is updated though a layer link stays', async () => {
    const { ...made } = await exampleOne()
    await using rig = made.rig
    rig.intercept = failing(/^\/v2\/demo\/s\/blobs\//)
    const { code, summary } = await rig.run()
    assert.equal(code, 1)
    assert.doesNotMatch(summary, /layer link/)
    assert.equal((await rig.items('s', 'latest')).length, 3)
  })

  it('26: after a conflict it decides anew, and asks for no layer link twice', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    let isFirst = true
    rig.intercept = async ({ method }) => {
      if (method !== 'PUT' || !isFirst) return undefined
      isFirst = false
      const body = { metadata: { annotations: { seen: 'yes' } } }
      await rig.lab.client.patch(imageStreams, 'demo', 's', { type: 'merge', body })
      return undefined
    }
    assert.equal((await rig.run()).code, 0)
    assert.equal(rig.requests.api.filter((line) => line.startsWith('PUT ')).length, 2)
    const links = rig.requests.registry.filter((line) => line.startsWith('DELETE /v2/demo/s/blobs/'))
    assert.deepEqual(
      links,
      [layerOf('d').digest, d.config.digest].map((digest) => `DELETE /v2/demo/s/blobs/${digest}`),
    )
    assert.equal((await rig.items('s', 'latest')).length, 3)
  })

  it('27: killed after the update of the stream, the next run collects the rest', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    // From the first manifest link on nothing arrives any more, as if the command had been killed.
    const killed = Promise.withResolvers<void>()
    rig.intercept = async ({ method, path }) => {
      if (method === 'DELETE' && path.includes('/manifests/')) killed.resolve()
      else return undefined
      return new Promise(() => {})
    }
    void rig.run()
    await killed.promise
    assert.equal((await rig.items('s', 'latest')).length, 3)
    assert.equal(await rig.hasImage(d), true)
    rig.intercept = async () => undefined
    assert.equal((await rig.run()).code, 0)
    assert.deepEqual([await rig.hasImage(d), await rig.hasBlob(d)], [false, false])
  })

  it('a stream that vanishes on the way is forgotten', async () => {
    const { ...made } = await exampleOne()
    await using rig = made.rig
    rig.intercept = async ({ method }) => {
      if (method === 'PUT') await rig.lab.client.delete(imageStreams, 'demo', 's')
      return undefined
    }
    const { code, stdout } = await rig.run()
    assert.equal(code, 0)
    assert.equal(
      stdout.some((line) => line.startsWith('Deleting manifest link')),
      false,
    )
  })

  it('an old image that is tagged while others go stays whole (P-64)', async () => {
    await using rig = await openPruneRig()
    const [first, second] = [imageOf('first', ['one']), imageOf('second', ['two'])]
    for (const image of [first, second]) await rig.unlisted(image)
    age(rig)
    let kept: typeof first | undefined
    rig.intercept = async ({ method, path }) => {
      if (method !== 'DELETE' || !path.startsWith('/admin/') || kept !== undefined) return undefined
      kept = [first, second].find(({ layers }) => !path.endsWith(layers[0]?.digest ?? ''))
      assert(kept !== undefined)
      await rig.lab.push('demo/new:latest', kept)
      // What the watch tells arrives a moment later.
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return undefined
    }
    const { code } = await rig.run(['--confirm', '--num-workers=1'])
    assert.equal(code, 0)
    assert(kept !== undefined)
    const blobs = [kept, kept.config, ...kept.layers]
    assert.deepEqual(
      await Promise.all(blobs.map(rig.hasBlob)),
      blobs.map(() => true),
    )
    assert.equal(await rig.hasImage(kept), true)
    assert.equal(await rig.hasImage(kept === first ? second : first), false)
  })

  it('a layer that a new image shares with one that goes stays', async () => {
    await using rig = await openPruneRig()
    const before = imageOf('before', ['alone', 'common'])
    const after = imageOf('after', ['common'])
    await rig.unlisted(before)
    age(rig)
    let pushed = false
    rig.intercept = async ({ method, path }) => {
      if (method !== 'DELETE' || pushed) return undefined
      assert.equal(path, `/admin/blobs/${layerOf('alone').digest}`)
      pushed = true
      await rig.lab.push('demo/new:latest', after)
      await new Promise((resolve) => setTimeout(resolve, 1000))
      return undefined
    }
    assert.equal((await rig.run()).code, 0)
    assert.equal(await rig.hasImage(before), false)
    assert.equal(await rig.hasBlob(layerOf('common')), true)
  })

  it('workloads that may not be listed end the run; oc goes on', async () => {
    const { ...made } = await exampleOne()
    await using rig = made.rig
    rig.intercept = async ({ path }) =>
      path.startsWith('/apis/apps/v1/replicasets')
        ? { ...refusal(403), headers: { 'content-type': 'application/json' } }
        : undefined
    const refused = await rig.run()
    assert.equal(refused.code, 1)
    assert.match(
      refused.stderr,
      /error: failed to list replicasets: .*\nImages that only they use would be removed\./,
    )
    assert.equal((await rig.items('s', 'latest')).length, 4)
    const tolerated = await rig.run(['--confirm'], { program: 'oc' })
    assert.equal(tolerated.code, 0)
    assert.match(
      tolerated.stderr,
      /Failed to list replicasets: .*\n - \* Make sure to update clusterRoleBindings\.\n/,
    )
  })
})

describe('who may prune', () => {
  it('is who has the role system:image-pruner (P-4)', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    const refused = await rig.run(['--confirm'], { user: 'carol' })
    assert.equal(refused.code, 1)
    assert.match(refused.stderr, /User "carol" cannot list resource "pods"/)
    await rig.lab.client.create(clusterRoleBindings, '', {
      metadata: { name: 'carol-prunes' },
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: 'system:image-pruner' },
      subjects: [{ kind: 'User', apiGroup: 'rbac.authorization.k8s.io', name: 'carol' }],
    })
    const { code, stderr } = await rig.run(['--confirm'], { user: 'carol' })
    assert.equal(code, 0, stderr)
    const told = stderr.split('\n').filter((line) => line.startsWith('Failed to list '))
    assert.deepEqual(
      told.map((line) => line.slice(0, line.indexOf(':'))),
      [
        'Failed to list podtemplates, whose images are not protected',
        'Failed to list controllerrevisions, whose images are not protected',
      ],
    )
    assert.deepEqual([await rig.hasImage(d), await rig.hasBlob(d)], [false, false])
  })
})

describe('reference tags', () => {
  it('keep their status, unless pruned under the name oc or asked for (P-23)', async () => {
    await using rig = await openPruneRig()
    const { a } = fourImages()
    await rig.stream('s', { latest: old(a) })
    const from = { kind: 'DockerImage', name: 'other.example/x/y:1' }
    const body = { spec: { tags: [{ name: 'ref', reference: true, from }] } }
    await rig.lab.client.patch(imageStreams, 'demo', 's', { type: 'merge', body })
    age(rig)
    assert.equal((await rig.items('s', 'ref')).length, 1)
    const careful = await rig.run([])
    assert.deepEqual(careful.stdout, ['Summary: deleted 0 objects'])
    assert.doesNotMatch(careful.stderr, /not found/)
    const asOc = await rig.run([], { program: 'oc' })
    assert.deepEqual(asOc.stdout.slice(0, 1), ['Deleting 1 items from image stream demo/s'])
    assert.match(
      asOc.stderr,
      /tag ref: image {2}not found\n.*tag ref: revision 1: image {2}not found, deleting\.\.\.\n/,
    )
    await rig.run(['--confirm', '--keep-reference-tags=false'])
    assert.deepEqual(await rig.items('s', 'ref'), [])
    const { spec } = await rig.lab.client.get(imageStreams, 'demo', 's')
    assert.deepEqual(
      spec.tags?.map(({ name }) => name),
      ['ref'],
    )
  })
})
