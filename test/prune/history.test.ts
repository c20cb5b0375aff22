import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { type Deployment, deployments, images, type LimitRange, limitRanges } from '../../src/api/index.ts'
import { fourImages, minute, old, openPruneRig, type PruneRig } from './prune-rig.ts'
import { imageOf, layerOf } from './shared-image.ts'

/** The worked examples of pruning.md §11 about histories, each a real run against the shipped assembly. */

const age = (rig: PruneRig) => rig.lab.clock.advance(120 * minute)

const deprecation =
  'Warning: apps.openshift.io/v1 DeploymentConfig is deprecated in v4.14+, unavailable in v4.10000+\n'

/** Example 1: tag latest has items a, b, c, d, all of it two hours old. */
async function exampleOne() {
  const rig = await openPruneRig()
  const four = fourImages()
  const { a, b, c, d } = four
  await rig.stream('s', { latest: old(a, b, c, d) })
  age(rig)
  return { rig, ...four }
}

const stays = async (rig: PruneRig, image: { digest: string }) => {
  assert.equal(await rig.hasImage(image), true)
  assert.equal(await rig.hasBlob(image), true)
}

const gone = async (rig: PruneRig, image: { digest: string }) => {
  assert.equal(await rig.hasImage(image), false)
  assert.equal(await rig.hasBlob(image), false)
}

describe('pruning of histories', () => {
  it('1: the fourth revision goes, with its image and the blobs that only it has', async () => {
    const { a, b, c, d, ...made } = await exampleOne()
    await using rig = made.rig
    const { code, stdout, stderr } = await rig.run()
    assert.deepEqual([code, stderr], [0, deprecation])
    const own = layerOf('d').digest
    assert.deepEqual(stdout, [
      `Deleting layer link ${own} in repository demo/s`,
      `Deleting layer link ${d.config.digest} in repository demo/s`,
      'Deleting 1 items from image stream demo/s',
      `Deleting manifest link ${d.digest} in repository demo/s`,
      `Deleting blob ${own}`,
      `Deleting blob ${d.config.digest}`,
      `Deleting blob ${d.digest}`,
      `Deleting image ${d.digest}`,
      'Summary: deleted 1 image object(s), deleted 1 image stream tag item(s), updated 1 image stream(s), deleted 2 layer link(s), deleted 1 manifest link(s), deleted 3 blob(s)',
    ])
    assert.deepEqual(await rig.items('s', 'latest'), [a.digest, b.digest, c.digest])
    await gone(rig, d)
    await stays(rig, c)
    assert.equal(await rig.hasBlob(layerOf('shared')), true)
    assert.equal(await rig.hasBlob(layerOf('d')), false)
  })

  it('2: what a running pod uses by digest stays', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    await rig.pod(`reg.example/demo/s@${d.digest}`, 'Running')
    assert.equal((await rig.run()).summary, 'Summary: deleted 0 objects')
    assert.equal((await rig.items('s', 'latest')).length, 4)
  })

  it('3: a tag in use protects its newest revision only', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    await rig.pod('reg.example/demo/s:latest', 'Running')
    await rig.run()
    assert.equal((await rig.items('s', 'latest')).length, 3)
    await gone(rig, d)
  })

  it('4: also with no revision to keep', async () => {
    await using rig = await openPruneRig()
    const { a, b } = fourImages()
    await rig.stream('s', { latest: old(a, b) })
    age(rig)
    const template = {
      metadata: { labels: { app: 's' } },
      spec: { containers: [{ name: 'c', image: 'x.example/demo/s:latest' }] },
    }
    await rig.lab.client.create(deployments, 'demo', {
      metadata: { name: 'd' },
      spec: { selector: { matchLabels: { app: 's' } }, template },
    } as unknown as Deployment)
    await rig.run(['--confirm', '--keep-tag-revisions=0'])
    assert.deepEqual(await rig.items('s', 'latest'), [a.digest])
    await gone(rig, b)
  })

  for (const [minutes, count] of [
    [120, 3],
    [10, 4],
  ] as const) {
    it(`5: a pod that ended and is ${minutes} minutes old leaves ${count} revisions`, async () => {
      const { d, ...made } = await exampleOne()
      await using rig = made.rig
      await rig.pod(`reg.example/demo/s@${d.digest}`, 'Succeeded', minutes)
      await rig.run()
      assert.equal((await rig.items('s', 'latest')).length, count)
    })
  }

  it('6: a young revision stays wherever it stands', async () => {
    await using rig = await openPruneRig()
    const { a, b, c, d } = fourImages()
    age(rig)
    await rig.stream('s', { latest: [...old(a, b, c), { image: d, minutes: 10 }] })
    rig.lab.clock.advance(70 * minute)
    const run = await rig.run(['--confirm', '--keep-younger-than=100m'])
    assert.equal(run.summary, 'Summary: deleted 0 objects')
    assert.equal((await rig.items('s', 'latest')).length, 4)
  })

  it('7: a young revision takes a place', async () => {
    await using rig = await openPruneRig()
    const { a, b, c, d } = fourImages()
    await rig.stream('s', { latest: [{ image: a, minutes: -110 }, ...old(b, c, d)] })
    age(rig)
    await rig.run()
    assert.deepEqual(await rig.items('s', 'latest'), [a.digest, b.digest, c.digest])
    await gone(rig, d)
  })

  it('8: a revision whose image is missing goes whatever its place', async () => {
    const { a, b, c, d, ...made } = await exampleOne()
    await using rig = made.rig
    await rig.lab.client.delete(images, '', b.digest)
    const { stderr } = await rig.run()
    assert.deepEqual(await rig.items('s', 'latest'), [a.digest, c.digest])
    await gone(rig, d)
    assert.match(
      stderr,
      new RegExp(`^W.*\\] imagestream demo/s: tag latest: image ${b.digest} not found$`, 'm'),
    )
    assert.match(
      stderr,
      new RegExp(`^I.*tag latest: revision 2: image ${b.digest} not found, deleting\\.\\.\\.$`, 'm'),
    )
  })

  it('9: what another tag holds keeps its links and its image', async () => {
    await using rig = await openPruneRig()
    const { a, b } = fourImages()
    await rig.stream('s', { latest: old(b, a), stable: old(a) })
    age(rig)
    const { stdout } = await rig.run(['--confirm', '--keep-tag-revisions=1'])
    assert.deepEqual(stdout, [
      'Deleting 1 items from image stream demo/s',
      'Summary: deleted 1 image stream tag item(s), updated 1 image stream(s)',
    ])
    assert.deepEqual(await rig.items('s', 'latest'), [b.digest])
    await stays(rig, a)
  })

  it('10: a young stream is left alone', async () => {
    await using rig = await openPruneRig()
    const { a, b, c, d } = fourImages()
    for (const image of [a, b, c, d]) await rig.unlisted(image)
    age(rig)
    await rig.stream('s', { latest: old(a, b, c, d) })
    rig.lab.clock.advance(10 * minute)
    assert.equal((await rig.run()).summary, 'Summary: deleted 0 objects')
    assert.equal((await rig.items('s', 'latest')).length, 4)
  })

  it('19: by size alone, whatever its age', async () => {
    await using rig = await openPruneRig()
    const small = imageOf('small', ['one'])
    const large = imageOf('large', ['two', 'three', 'four'])
    await rig.stream('s', { latest: [{ image: small }], big: [{ image: large, minutes: 0 }] })
    await rig.stream('t', { latest: [{ image: large, minutes: 0 }] })
    await rig.pod('reg.example/demo/t:latest', 'Running')
    await rig.lab.client.create(limitRanges, 'demo', {
      metadata: { name: 'size' },
      spec: { limits: [{ type: 'openshift.io/Image', max: { storage: '1Ki' } }] },
    } as LimitRange)
    const { code } = await rig.run(['--confirm', '--prune-over-size-limit'])
    assert.equal(code, 0)
    assert.deepEqual(await rig.items('s', 'big'), [])
    assert.deepEqual(await rig.items('s', 'latest'), [small.digest])
    assert.deepEqual(await rig.items('t', 'latest'), [large.digest])
    await stays(rig, large)
  })

  it('20: of one namespace only histories', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    const { summary } = await rig.run(['--confirm', '-n', 'demo'])
    assert.equal((await rig.items('s', 'latest')).length, 3)
    assert.equal(
      summary,
      'Summary: deleted 1 image stream tag item(s), updated 1 image stream(s), deleted 2 layer link(s), deleted 1 manifest link(s)',
    )
    await stays(rig, d)
  })
})
