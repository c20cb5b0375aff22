import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { deployments } from '../api/index.ts'
import { type LabResponse, openRegistryLab, type RegistryLab } from './registry-lab.ts'
import { pushImage } from './test-images.ts'

/** A lab that answers reads at once where it can, and a word to tell it that roles have changed. */
async function openFastLab(more: { config?: object; now?: () => Date } = {}) {
  const listeners: (() => void)[] = []
  const lab = await openRegistryLab({
    config: more.config ?? {},
    deps: {
      onPolicyChange: (listener) => void listeners.push(listener),
      ...(more.now === undefined ? {} : { clock: more.now }),
    },
  })
  return Object.assign(lab, {
    changePolicy: () => {
      for (const listener of listeners) listener()
    },
  })
}

const comparable = ({ status, headers, text }: LabResponse) => {
  const { date: _date, ...rest } = Object.fromEntries(headers)
  return { status, text, headers: rest }
}

/** How often the authorizer is asked while the work is done. */
async function questions(lab: RegistryLab, work: () => Promise<unknown>): Promise<number> {
  const before = lab.asked.length
  await work()
  return lab.asked.length - before
}

describe('reads that are answered at once', () => {
  it('are answered as the long way round answers them', async () => {
    await using lab = await openFastLab()
    const { digest, config } = await pushImage(lab, 'demo/app', 'v1')
    const paths = [
      'manifests/v1',
      `manifests/${digest}`,
      `blobs/${config.digest}`,
      'manifests/none',
      'blobs/x',
    ]
    const headers: Record<string, string>[] = [
      {},
      { accept: 'application/vnd.oci.image.manifest.v1+json, */*;q=0.1' },
      { accept: 'application/vnd.docker.distribution.manifest.v2+json' },
      { 'if-none-match': `"${digest}"` },
      { range: 'bytes=1-2' },
    ]
    for (const path of paths) {
      for (const method of ['GET', 'HEAD']) {
        for (const sent of headers) {
          const ask = () => lab.request(method, `/v2/demo/app/${path}`, { headers: sent })
          lab.changePolicy()
          const slow = await ask()
          assert.deepEqual(
            comparable(await ask()),
            comparable(slow),
            `${method} ${path} ${JSON.stringify(sent)}`,
          )
        }
      }
    }
  })

  it('ask for the right to pull once, and again after any write, any change of roles, and a second', async () => {
    let time = Date.parse('2026-01-01T00:00:00Z')
    await using lab = await openFastLab({ now: () => new Date(time) })
    const image = await pushImage(lab, 'demo/app', 'v1')
    const reads = async () => {
      for (const path of ['manifests/v1', `manifests/${image.digest}`]) {
        assert.equal((await lab.request('GET', `/v2/demo/app/${path}`)).status, 200)
        assert.equal((await lab.request('HEAD', `/v2/demo/app/${path}`)).status, 200)
      }
      assert.equal((await lab.request('HEAD', `/v2/demo/app/blobs/${image.config.digest}`)).status, 200)
    }
    await reads()
    assert.equal(await questions(lab, reads), 0)
    lab.changePolicy()
    assert.ok((await questions(lab, reads)) > 0)
    assert.equal(await questions(lab, reads), 0)
    await lab.client.create(deployments, 'demo', {
      metadata: { name: 'any' },
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{ name: 'c', image: 'i' }] } },
      },
    } as never)
    assert.ok((await questions(lab, reads)) > 0)
    time += 1000
    assert.ok((await questions(lab, reads)) > 0)
    assert.equal(await questions(lab, reads), 0)
  })

  it('threat 9: whoever was not let in gets nothing that another was given', async () => {
    await using lab = await openFastLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const paths = ['manifests/v1', `manifests/${image.digest}`, `blobs/${image.config.digest}`]
    for (let round = 0; round < 3; round++) {
      for (const path of paths) {
        const ask = (as: string, repository = 'demo/app') =>
          lab.request('HEAD', `/v2/${repository}/${path}`, { as }).then(({ status }) => status)
        assert.deepEqual(
          [
            await ask('alice'),
            await ask('mallory'),
            await ask(''),
            await ask('nobody'),
            await ask('bob', 'other/app'),
          ],
          [200, 401, 401, 401, 401],
        )
      }
    }
  })

  it('threat 10: a right that is withdrawn, a tag and a blob that are deleted are gone at once', async () => {
    await using lab = await openFastLab()
    const image = await pushImage(lab, 'demo/app', 'v1')
    const head = (path: string, as = 'alice') =>
      lab.request('HEAD', `/v2/demo/app/${path}`, { as }).then(({ status }) => status)
    const blob = `blobs/${image.config.digest}`
    for (const path of ['manifests/v1', blob, 'manifests/v1', blob]) assert.equal(await head(path), 200)
    assert.equal(await head('manifests/v1', 'bob'), 200)
    lab.grants.splice(0, lab.grants.length, ...lab.grants.filter(({ user }) => user !== 'bob'))
    lab.changePolicy()
    assert.equal(await head('manifests/v1', 'bob'), 401)
    assert.equal((await lab.request('DELETE', `/v2/demo/app/${blob}`, { as: 'root' })).status, 202)
    assert.equal((await lab.request('DELETE', '/v2/demo/app/manifests/v1', { as: 'root' })).status, 202)
    assert.equal(await head('manifests/v1'), 404)
  })

  it('follow the tag when it moves', async () => {
    await using lab = await openFastLab()
    const digestOfTag = async () =>
      (await lab.request('HEAD', '/v2/demo/app/manifests/v1')).headers.get('docker-content-digest')
    for (let n = 0; n < 5; n++) {
      const image = await pushImage(lab, 'demo/app', 'v1')
      for (let times = 0; times < 3; times++) assert.equal(await digestOfTag(), image.digest)
    }
  })
})
