import assert from 'node:assert/strict'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { makeCertificates } from '../../src/upstream/testing/certificates.ts'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { openSite, tagOf } from './open-site.ts'

/** A registry behind TLS whose CA nobody knows. */

const image = makeImage('tls')

async function openTlsRegistry() {
  await using opened = new AsyncDisposableStack()
  const data = await mkdtemp(join(tmpdir(), 'weir-shared-'))
  opened.defer(() => rm(data, { recursive: true, force: true }))
  const door = await startRegistry({ data })
  await pushImage({ url: `http://${door.host}`, repository: 'team/app' }, 'latest', image)
  await door[Symbol.asyncDispose]()
  const certificates = opened.use(await makeCertificates())
  const { host } = opened.use(await startRegistry({ tls: certificates, data }))
  const parts = opened.move()
  return {
    from: `${host}/team/app`,
    ca: certificates.caFile,
    [Symbol.asyncDispose]: () => parts.disposeAsync(),
  }
}

describe('imports over TLS', { skip: registryMissing ?? false }, () => {
  it('an unknown CA is refused, and --insecure looks away', async () => {
    await using registry = await openTlsRegistry()
    await using site = await openSite()
    const refused = await site.tryOc(['import-image', 'app', `--from=${registry.from}`, '--confirm'])
    assert.equal(refused.code, 1)
    const message = /tls: failed to verify certificate: x509: certificate signed by unknown authority/
    assert.match(refused.stderr, message)
    assert.match(tagOf(await site.get('is', 'app'), 'latest').condition?.message ?? '', message)
    await site.oc('import-image', 'app', '--insecure')
    assert.equal(tagOf(await site.get('is', 'app'), 'latest').items[0]?.image, image.digest)
  })

  it('--import-ca makes it known', async () => {
    await using registry = await openTlsRegistry()
    await using site = await openSite({ flags: ['--import-ca', registry.ca] })
    await site.oc('import-image', 'app', `--from=${registry.from}`, '--confirm')
    const { items, spec } = tagOf(await site.get('is', 'app'), 'latest')
    assert.equal(items[0]?.image, image.digest)
    assert.equal(spec?.importPolicy.insecure, undefined)
  })
})
