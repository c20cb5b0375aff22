import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { registryMissing, startRegistry } from '../../src/upstream/testing/docker-registry.ts'
import { makeImage, pushImage } from '../../src/upstream/testing/images.ts'
import { eventually, openSite, type Site, tagOf } from './open-site.ts'
import { startProxy } from './watching-proxy.ts'

/** A scheduled tag that is rolled back: held while the source offers what was rejected, through kill -9 too. */

const skip = registryMissing ?? false

interface TagEventView {
  cause: string
  subject: string
  before?: { image: string }
  after?: { image: string }
  source?: { kind: string; name: string }
}

const imageOf = async (site: Site, tag: string) => tagOf(await site.get('is', 'ruby'), tag).items[0]?.image

const untilImage = (site: Site, tag: string, digest: string) =>
  eventually(`ruby:${tag} becomes ${digest}`, async () =>
    (await imageOf(site, tag)) === digest ? true : undefined,
  )

async function movesOf(site: Site, tag: string): Promise<string[]> {
  const { items } = await site.get<{ items: TagEventView[] }>(
    'tagevents',
    `--field-selector=stream=ruby,tag=${tag}`,
  )
  return items.map(({ cause, subject, before, after }) =>
    [cause, subject, before?.image.slice(7, 13) ?? '-', after?.image.slice(7, 13) ?? '-'].join(' '),
  )
}

const short = ({ digest }: { digest: string }) => digest.slice(7, 13)

describe('a scheduled tag that was rolled back', { skip }, () => {
  it('stays while its source offers what was rejected, whoever imports, and follows what is new', async () => {
    await using registry = await startRegistry()
    await using proxy = await startProxy(registry.host)
    await using site = await openSite({ flags: ['--import-interval', '2s'] })
    const target = { url: `http://${registry.host}`, repository: 'library/ruby' }
    const from = `${proxy.host}/library/ruby`
    const [one, two, three] = [makeImage('ruby 1'), makeImage('ruby 2'), makeImage('ruby 3')]
    await pushImage(target, 'latest', one)
    await site.oc('tag', '--source=docker', `${from}:latest`, 'ruby:latest', '--scheduled', '--insecure')
    await untilImage(site, 'latest', one.digest)
    await pushImage(target, 'latest', two)
    await untilImage(site, 'latest', two.digest)
    const moved = await site.get('is', 'ruby')

    const said = await site.weir(
      '-n',
      'demo-project',
      'rollback-tag',
      'ruby:latest',
      '--reason',
      'it crashes',
    )
    assert.match(said, /^ruby:latest moved back to sha256:/)
    const back = await site.get('is', 'ruby')
    assert.equal(tagOf(back, 'latest').items[0]?.image, one.digest)
    assert.deepEqual([back.spec, back.metadata.generation], [moved.spec, moved.metadata.generation])

    const settled = async () => {
      const looks = proxy.seen.filter(({ method }) => method === 'HEAD').length
      await eventually('two more looks', async () =>
        proxy.seen.filter(({ method }) => method === 'HEAD').length >= looks + 2 ? true : undefined,
      )
    }
    proxy.taken()
    await settled()
    assert.deepEqual([...new Set(proxy.taken())], ['HEAD /v2/library/ruby/manifests/latest'])
    await site.restart()
    await settled()
    assert.equal((await site.get('is', 'ruby')).metadata.resourceVersion, back.metadata.resourceVersion)

    const imported = await site.oc('import-image', 'ruby:latest')
    assert.match(imported, /held back/)
    assert.equal(await imageOf(site, 'latest'), one.digest)
    await site.oc('tag', '--source=docker', `${from}:latest`, 'ruby:latest', '--scheduled', '--insecure')
    await eventually('the import that the tag command asks for', async () => {
      const { spec, items } = tagOf(await site.get('is', 'ruby'), 'latest')
      return spec?.generation === items[0]?.generation ? true : undefined
    })
    assert.equal(await imageOf(site, 'latest'), one.digest)

    await pushImage(target, 'latest', three)
    await untilImage(site, 'latest', three.digest)
    assert.deepEqual(JSON.parse(await site.oc('get', 'tagholds', '-o', 'json')).items, [])
    assert.deepEqual(await movesOf(site, 'latest'), [
      `schedule system:weir ${short(one)} ${short(three)}`,
      `rollback admin ${short(two)} ${short(one)}`,
      `schedule system:weir ${short(one)} ${short(two)}`,
      `import system:weir - ${short(one)}`,
    ])
  })

  it('follows again when it is resumed, at once', async () => {
    await using registry = await startRegistry()
    await using site = await openSite({ flags: ['--import-interval', '2s'] })
    const target = { url: `http://${registry.host}`, repository: 'library/ruby' }
    const [one, two] = [makeImage('ruby 1'), makeImage('ruby 2')]
    await pushImage(target, 'latest', one)
    const from = `${registry.host}/library/ruby:latest`
    await site.oc('tag', '--source=docker', from, 'ruby:latest', '--scheduled', '--insecure')
    await untilImage(site, 'latest', one.digest)
    await pushImage(target, 'latest', two)
    await untilImage(site, 'latest', two.digest)
    await site.weir('-n', 'demo-project', 'rollback-tag', 'ruby:latest')
    assert.equal(await imageOf(site, 'latest'), one.digest)
    assert.match(await site.weir('-n', 'demo-project', 'resume', 'ruby:latest'), /follows/)
    await untilImage(site, 'latest', two.digest)
  })
})
