import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { createRandom } from '../crash/random.ts'
import { descriptorOf, noise, randomImage, type TestImage, toBlob } from '../lab/random-image.ts'
import { openSite, type Site } from './open-site.ts'

/**
 * Clients and collections at the same time, over real sockets: whatever a client is told to be there is there when it relies on it.
 * WEIR_RACE_SEED repeats the choices.
 */
const seed = Number(process.env.WEIR_RACE_SEED ?? Math.floor(Math.random() * 2 ** 31))
const hour = 3_600_000
const settings = 'garbageCollection: { enabled: false, grace: 1h, trash: 24h }'
const octets = 'application/octet-stream'

/** An image of layers that others have too. */
function imageOver(name: string, layers: readonly TestImage['layers'][number][]): TestImage {
  const { config, mediaType } = randomImage(name)
  const manifest = {
    schemaVersion: 2,
    mediaType,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
  }
  return { ...toBlob(Buffer.from(JSON.stringify(manifest)), mediaType), config, layers: [...layers] }
}

async function collect(site: Site): Promise<{ discarded: { blobs: number }; deleted: { blobs: number } }> {
  const body = { apiVersion: 'weir.dev/v1', kind: 'BlobCollection', metadata: {}, spec: {} }
  const answer = await site.api('POST', '/apis/weir.dev/v1/blobcollections', body)
  assert.equal(answer.status, 201, answer.bytes.toString())
  return answer.json.status
}

/** As docker and skopeo push: look, mount from elsewhere, upload what is not here, then name it all. */
async function pushLooking(site: Site, repository: string, tag: string, image: TestImage, from?: string) {
  for (const { digest, bytes } of [image.config, ...image.layers]) {
    const base = `/v2/${repository}/blobs`
    if ((await site.registry('HEAD', `${base}/${digest}`)).status === 200) continue
    if (from !== undefined) {
      const mounted = await site.registry('POST', `${base}/uploads/?mount=${digest}&from=${from}`)
      if (mounted.status === 201) continue
    }
    const sent = await site.registry('POST', `${base}/uploads/?digest=${digest}`, bytes, octets)
    assert.equal(sent.status, 201, sent.bytes.toString())
  }
  const path = `/v2/${repository}/manifests/${tag}`
  const put = await site.registry('PUT', path, image.bytes, image.mediaType)
  assert.equal(put.status, 201, `${path}: ${put.bytes}`)
}

async function checkServed(site: Site, repository: string, tag: string, image: TestImage): Promise<void> {
  const manifest = await site.registry('GET', `/v2/${repository}/manifests/${tag}`)
  assert.deepEqual(manifest.bytes, image.bytes, `${repository}:${tag}`)
  for (const { digest, bytes } of [image.config, ...image.layers]) {
    const blob = await site.registry('GET', `/v2/${repository}/blobs/${digest}`)
    assert.deepEqual(blob.bytes, bytes, `${repository}@${digest} answered ${blob.status}`)
  }
}

/** Everything that was pushed is garbage now, though repositories still link it. */
async function forgetAll(site: Site, repositories: readonly string[], images: readonly TestImage[]) {
  const group = '/apis/image.openshift.io/v1'
  for (const repository of repositories) {
    const [namespace, name] = repository.split('/')
    await site.api('DELETE', `${group}/namespaces/${namespace}/imagestreams/${name}`)
  }
  for (const { digest } of images) await site.api('DELETE', `${group}/images/${digest}`)
}

describe('clients beside a collection', { timeout: 300_000 }, () => {
  // What they find in place, in the trash, and on its way out of it.
  for (const state of ['garbage', 'discarded', 'expired'] as const) {
    it(`push and mount blobs that are ${state}, and none is lost`, async (test) => {
      test.diagnostic(`seed ${seed} (WEIR_RACE_SEED)`)
      const random = createRandom(seed)
      let ahead = 0
      await using site = await openSite(settings, () => new Date(Date.now() + ahead))
      await site.start()
      await site.project('race')
      const repositories = ['race/a', 'race/b', 'race/c']
      const pool = Array.from({ length: 12 }, (_, n) => toBlob(noise(`pool ${n}`, 2000 + n), octets))
      const images = Array.from({ length: 6 }, (_, n) =>
        imageOver(`image ${n}`, [pool[n], pool[n + 3], pool[n + 6]] as never),
      )
      for (let round = 0; round < 4; round++) {
        for (const repository of repositories.slice(0, 2)) {
          for (const [n, image] of images.entries()) await site.push(repository, `t${n}`, image)
        }
        await forgetAll(site, repositories, images)
        ahead += 3 * hour
        if (state !== 'garbage') await collect(site)
        if (state === 'expired') ahead += 25 * hour
        const pushes = images.map(async (image, n) => {
          await new Promise((resolve) => setTimeout(resolve, random.between(0, 30)))
          const repository = random.pick(repositories)
          await pushLooking(site, repository, `n${n}`, image, random.pick(['race/a', 'race/b', undefined]))
          await checkServed(site, repository, `n${n}`, image)
          return { repository, n, image }
        })
        const [pushed] = await Promise.all([Promise.all(pushes), collect(site), collect(site)])
        ahead += 100 * hour
        const { deleted } = await collect(site)
        assert(deleted.blobs >= 0)
        for (const { repository, n, image } of pushed) await checkServed(site, repository, `n${n}`, image)
      }
    })
  }

  it('pulls and pushes of other images never fail while a thousand blobs are collected', async () => {
    let ahead = 0
    await using site = await openSite(settings, () => new Date(Date.now() + ahead))
    await site.start()
    await site.project('race')
    const kept = randomImage('kept', { layerSize: 100_000 })
    await site.push('race/kept', 'v1', kept)
    for (let n = 0; n < 1000; n += 50) {
      await Promise.all(
        Array.from({ length: 50 }, async (_, at) => {
          const { digest, bytes } = toBlob(noise(`garbage ${n + at}`, 64), octets)
          const path = `/v2/race/garbage/blobs/uploads/?digest=${digest}`
          assert.equal((await site.registry('POST', path, bytes, octets)).status, 201)
        }),
      )
    }
    ahead += 2 * hour
    let isOver = false
    const collecting = collect(site).finally(() => {
      isOver = true
    })
    let rounds = 0
    const clients = Array.from({ length: 3 }, async (_, client) => {
      for (let n = 0; !isOver; n++) {
        const image = randomImage(`new ${client} ${n}`)
        await pushLooking(site, `race/new${client}`, `t${n}`, image)
        await checkServed(site, `race/new${client}`, `t${n}`, image)
        await checkServed(site, 'race/kept', 'v1', kept)
        rounds++
      }
    })
    const [{ discarded }] = await Promise.all([collecting, ...clients])
    assert.equal(discarded.blobs, 1000)
    assert(rounds > 0)
  })
})
