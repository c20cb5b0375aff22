import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { eventually, openSite, tagOf } from './open-site.ts'

/** From the integrated registry, across projects: by `oc tag`, and by pull spec. */

const image = makeImage('shared')

describe('imports across projects', { skip: registryMissing ?? false }, () => {
  it('oc tag, and import-image by pull spec once the role is granted', async () => {
    await using registry = await startRegistry()
    await pushImage({ url: `http://${registry.host}`, repository: 'team/app' }, 'latest', image)
    await using site = await openSite()
    await site.oc('import-image', 'app', `--from=${registry.host}/team/app`, '--confirm', '--insecure')
    await site.oc('new-project', 'dest')
    await site.oc('tag', 'demo-project/app:latest', 'copy:v1', '-n', 'dest')
    const { items, spec } = tagOf(await site.get('is', 'copy', '-n', 'dest'), 'v1')
    assert.equal(items[0]?.image, image.digest)
    assert.equal(spec?.from.kind, 'ImageStreamImage')

    const from = `${site.registry}/demo-project/app`
    const args = ['import-image', 'pulled', `--from=${from}`, '--confirm', '--insecure', '-n', 'dest']
    const refused = await site.tryOc(args)
    assert.equal(refused.code, 1)
    assert.ok(refused.stderr.includes(`you may not have access to the container image "${from}:latest"`))
    const role = ['add-role-to-group', 'system:image-puller', 'system:serviceaccounts:dest']
    await site.oc('policy', ...role, '-n', 'demo-project')
    await eventually('the import', async () => ((await site.tryOc(args)).code === 0 ? true : undefined))
    const pulled = tagOf(await site.get('is', 'pulled', '-n', 'dest'), 'latest')
    assert.equal(pulled.items[0]?.dockerImageReference, `${from}@${image.digest}`)
  })
})
