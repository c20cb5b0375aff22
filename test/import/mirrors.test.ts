import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { eventually, openSite, tagOf } from './open-site.ts'
import { startProxy } from './watching-proxy.ts'

/** docker.io without a way out: a registry of the site stands in, and streams don't show it. */

const image = makeImage('busybox')
const other = makeImage('tool')

async function openHub() {
  await using opened = new AsyncDisposableStack()
  const registry = opened.use(await startRegistry())
  const url = `http://${registry.host}`
  await pushImage({ url, repository: 'hub/library/busybox' }, '1', image)
  await pushImage({ url, repository: 'tools/app' }, 'v1', other)
  const proxy = opened.use(await startProxy(registry.host))
  const parts = opened.move()
  return { host: proxy.host, proxy, [Symbol.asyncDispose]: () => parts.disposeAsync() }
}

describe('mirrors', { skip: registryMissing ?? false }, () => {
  it('an ImageTagMirrorSet serves references by tag', async () => {
    await using hub = await openHub()
    await using site = await openSite({ config: `import: {insecureRegistries: ['${hub.host}']}\n` })
    await site.apply(
      `
apiVersion: config.openshift.io/v1
kind: ImageTagMirrorSet
metadata: {name: hub}
spec:
  imageTagMirrors:
  - {source: docker.io, mirrors: ['${hub.host}/hub']}
  - {source: quay.io/tools, mirrors: ['${hub.host}/tools']}
`,
      'admin',
    )
    await site.oc('import-image', 'busybox:1', '--from=busybox:1', '--confirm')
    const { items, spec } = tagOf(await site.get('is', 'busybox'), '1')
    assert.deepEqual([items[0]?.image, spec?.from.name], [image.digest, 'busybox:1'])
    assert.equal(items[0]?.dockerImageReference, `busybox@${image.digest}`)
    await site.oc('import-image', 'tool:v1', '--from=quay.io/tools/app:v1', '--confirm')
    assert.equal(tagOf(await site.get('is', 'tool'), 'v1').items[0]?.image, other.digest)
  })

  for (const [kind, apiVersion, field] of [
    ['ImageDigestMirrorSet', 'config.openshift.io/v1', 'imageDigestMirrors'],
    ['ImageContentSourcePolicy', 'operator.openshift.io/v1alpha1', 'repositoryDigestMirrors'],
  ] as const) {
    it(`an ${kind} serves references by digest`, async () => {
      await using hub = await openHub()
      await using site = await openSite({ config: `import: {insecureRegistries: ['${hub.host}']}\n` })
      await site.apply(
        `{apiVersion: ${apiVersion}, kind: ${kind}, metadata: {name: hub}, spec: {${field}: [{source: docker.io/library, mirrors: ['${hub.host}/hub/library']}]}}`,
        'admin',
      )
      const from = `docker.io/library/busybox@${image.digest}`
      await site.oc('tag', '--source=docker', from, 'busybox:pinned')
      const { items, condition } = await eventually('the import', async () => {
        const tag = tagOf(await site.get('is', 'busybox'), 'pinned')
        return tag.items.length > 0 || tag.condition !== undefined ? tag : undefined
      })
      assert.equal(condition, undefined)
      assert.deepEqual([items[0]?.image, items[0]?.dockerImageReference], [image.digest, from])
    })
  }

  it('the setting import.mirrors serves both, and a blocked registry is refused', async () => {
    await using hub = await openHub()
    const config = `
import:
  insecureRegistries: ['${hub.host}']
  blockedRegistries: [quay.io, docker.io]
  mirrors: [{source: docker.io, mirrors: ['${hub.host}/hub']}]
`
    await using site = await openSite({ config })
    await site.oc('import-image', 'one', '--from=docker.io/library/busybox:1', '--confirm')
    const { items } = tagOf(await site.get('is', 'one'), 'latest')
    assert.equal(items[0]?.image, image.digest)
    assert.equal(items[0]?.dockerImageReference, `docker.io/library/busybox@${image.digest}`)
    const ended = await site.tryOc(['import-image', 'two', '--from=quay.io/a/b', '--confirm'])
    assert.equal(ended.code, 1)
    assert.match(ended.stderr, /forbidden: registry quay\.io blocked/)
    assert.equal(tagOf(await site.get('is', 'two'), 'latest').condition?.reason, 'Forbidden')
  })
})
