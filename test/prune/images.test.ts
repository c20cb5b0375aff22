import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  type BuildConfig,
  buildConfigs,
  type Image,
  images,
  type PodTemplate,
  podTemplates,
} from '../../src/api/index.ts'
import { randomImage } from '../lab/random-image.ts'
import { fourImages, minute, old, openPruneRig, type PruneRig } from './prune-rig.ts'
import { imageOf, layerOf } from './shared-image.ts'

/** The worked examples of pruning.md §11 about images and references, each a real run against the shipped assembly. */

const age = (rig: PruneRig) => rig.lab.clock.advance(120 * minute)

async function exampleOne() {
  const rig = await openPruneRig()
  const four = fourImages()
  await rig.stream('s', { latest: old(four.a, four.b, four.c, four.d) })
  age(rig)
  return { rig, ...four }
}

const build = (name: string) =>
  ({
    metadata: { name: 'bad' },
    spec: { strategy: { type: 'Docker', dockerStrategy: { from: { kind: 'DockerImage', name } } } },
  }) as BuildConfig

describe('pruning of images', () => {
  it('11: an imported image that no stream lists goes, unless --all=false', async () => {
    await using rig = await openPruneRig()
    const { digest } = randomImage('imported')
    await rig.lab.client.create(images, '', {
      metadata: { name: digest },
      dockerImageReference: `other.example/x/y@${digest}`,
    } as unknown as Image)
    age(rig)
    assert.equal((await rig.run(['--confirm', '--all=false'])).summary, 'Summary: deleted 0 objects')
    assert.equal(await rig.hasImage({ digest }), true)
    assert.equal((await rig.run()).code, 0)
    assert.equal(await rig.hasImage({ digest }), false)
  })

  it('12: a layer that an image in use has stays', async () => {
    await using rig = await openPruneRig()
    const used = imageOf('used', ['common', 'used'])
    const unused = imageOf('unused', ['common', 'unused'])
    await rig.stream('s', { latest: old(used) })
    await rig.unlisted(unused)
    age(rig)
    await rig.run()
    assert.deepEqual([await rig.hasImage(unused), await rig.hasBlob(unused.config)], [false, false])
    assert.equal(await rig.hasBlob(layerOf('unused')), false)
    assert.equal(await rig.hasBlob(layerOf('common')), true)
  })

  it('13: what two unused images share is deleted once', async () => {
    await using rig = await openPruneRig()
    await rig.unlisted(imageOf('one', ['common', 'one']))
    await rig.unlisted(imageOf('two', ['common', 'two']))
    age(rig)
    await rig.run()
    const asked = rig.requests.registry.filter((line) => line.endsWith(layerOf('common').digest))
    assert.deepEqual(asked, [`DELETE /admin/blobs/${layerOf('common').digest}`])
    assert.equal(await rig.hasBlob(layerOf('common')), false)
  })

  it('17, 18: children of an index stay with it and go with it', async () => {
    await using rig = await openPruneRig()
    const [amd64, arm64] = [randomImage('amd64'), randomImage('arm64', { architecture: 'arm64' })]
    const index = await rig.lab.pushIndex('demo/s:latest', { amd64, arm64 })
    age(rig)
    assert.equal((await rig.run()).summary, 'Summary: deleted 0 objects')
    assert.deepEqual([await rig.hasImage(amd64), await rig.hasImage(arm64)], [true, true])

    for (const seed of ['x', 'y', 'z']) await rig.lab.push('demo/s:latest', randomImage(seed))
    age(rig)
    assert.equal((await rig.run()).code, 0)
    for (const part of [index, amd64, arm64]) {
      assert.deepEqual([await rig.hasImage(part), await rig.hasBlob(part)], [false, false])
    }
  })

  it('what refers to an image in use stays with it, and goes with it', async () => {
    await using rig = await openPruneRig()
    const { a } = fourImages()
    await rig.stream('s', { latest: old(a) })
    const signature = imageOf('signature', ['signature'], { subject: a })
    await rig.lab.push(`demo/s@${signature.digest}`, signature)
    age(rig)
    assert.equal((await rig.run()).summary, 'Summary: deleted 0 objects')
    assert.equal(await rig.hasBlob(signature), true)
    await rig.run(['--confirm', '--keep-tag-revisions=0'])
    assert.deepEqual([await rig.hasImage(a), await rig.hasImage(signature)], [false, false])
  })

  it('21: a reference that nobody can read stops everything before anything is changed', async () => {
    const { ...made } = await exampleOne()
    await using rig = made.rig
    await rig.lab.client.create(buildConfigs, 'demo', build('bad:::ref'))
    const { code, stdout, stderr } = await rig.run()
    assert.deepEqual([code, stdout], [1, []])
    assert.equal(
      stderr.slice(stderr.indexOf('Failed')),
      [
        'Failed to build graph!',
        '',
        'The following objects have invalid references:',
        '',
        '  buildconfig/bad namespace=demo: invalid image reference "bad:::ref": invalid reference format',
        '',
        'Either fix the references or delete the objects to make the pruner proceed.',
        'error: failed to build graph - no changes made',
        '',
      ].join('\n'),
    )
    assert.deepEqual(
      rig.requests.api.filter((line) => !line.startsWith('GET ')),
      [],
    )
    assert.equal((await rig.items('s', 'latest')).length, 4)
    assert.equal((await rig.run(['--confirm', '--ignore-invalid-refs'])).code, 0)
    assert.equal((await rig.items('s', 'latest')).length, 3)
  })

  for (const name of ['nginx', 'org/app']) {
    it(`22: a pod of ${name} means no stream`, async () => {
      const { ...made } = await exampleOne()
      await using rig = made.rig
      await rig.pod(name, 'Running')
      assert.equal((await rig.run()).code, 0)
      assert.equal((await rig.items('s', 'latest')).length, 3)
    })
  }

  it('23: a pod does not protect an image that no stream lists', async () => {
    await using rig = await openPruneRig()
    const image = imageOf('loose', ['loose'])
    await rig.unlisted(image)
    await rig.pod(`reg.example/demo/spare@${image.digest}`, 'Running')
    age(rig)
    await rig.run()
    assert.equal(await rig.hasImage(image), false)
  })

  it('24: without the registry nothing is asked of it', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    const { stdout } = await rig.run(['--confirm', '--prune-registry=false'])
    assert.deepEqual(stdout, [
      'Only API objects will be removed.  No modifications to the image registry will be made.',
      'Deleting 1 items from image stream demo/s',
      `Deleting image ${d.digest}`,
      'Summary: deleted 1 image object(s), deleted 1 image stream tag item(s), updated 1 image stream(s)',
    ])
    assert.deepEqual(rig.requests.registry, [])
    assert.deepEqual([await rig.hasImage(d), await rig.hasBlob(d)], [false, true])
  })

  it('25: a second run finds nothing to do', async () => {
    const { ...made } = await exampleOne()
    await using rig = made.rig
    await rig.run()
    const { code, stdout } = await rig.run()
    assert.deepEqual([code, stdout], [0, ['Summary: deleted 0 objects']])
  })

  it('a dry run tells what the real one does, and changes nothing (P-54)', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    const dry = await rig.run([])
    assert.match(
      dry.stderr,
      /\nDry run enabled - no modifications will be made\. Add --confirm to remove images\n$/,
    )
    assert.equal(await rig.hasImage(d), true)
    assert.equal(rig.requests.registry.length, 0)
    assert.deepEqual((await rig.run()).stdout, dry.stdout)
  })

  it('pod templates protect, unless they are not looked at', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    await rig.lab.client.create(podTemplates, 'demo', {
      metadata: { name: 't' },
      template: { spec: { containers: [{ name: 'c', image: `reg.example/demo/s@${d.digest}` }] } },
    } as PodTemplate)
    assert.equal((await rig.run()).summary, 'Summary: deleted 0 objects')
    await rig.run(['--confirm', '--search-custom-resources=false'])
    assert.equal(await rig.hasImage(d), false)
  })

  it('a used image is told with those who use it, if asked (P-55)', async () => {
    const { d, ...made } = await exampleOne()
    await using rig = made.rig
    await rig.pod(`reg.example/demo/s@${d.digest}`, 'Running')
    const { stderr } = await rig.run(['-v=4'])
    assert.match(
      stderr,
      /tag latest: revision 4: keeping image sha256:\w+: it is used by pod\/pod-120-running namespace=demo\n/,
    )
  })
})
