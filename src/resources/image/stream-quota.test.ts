import assert from 'node:assert/strict'
import { randomUUID } from 'node:crypto'
import { describe, it } from 'node:test'
import {
  allKinds,
  imageStreams,
  imageStreamTags,
  imageTags,
  namespaces,
  resourceQuotas,
} from '../../api/index.ts'
import { createWhitelist } from '../../image/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import { openSqliteStore } from '../../store/index.ts'
import { createResources } from '../resources.ts'
import { createImageEndpoints } from './index.ts'

async function open(hard: Record<string, string>) {
  const store = await openSqliteStore({ file: ':memory:' })
  const resources = createResources({
    kinds: allKinds,
    store,
    clock: () => new Date('2026-05-06T12:00:00Z'),
    randomUuid: randomUUID,
    random: Math.random,
  })
  const settings = {
    internalRegistry: 'reg.test:5000',
    externalRegistries: [],
    whitelist: createWhitelist([], 'reg.test:5000'),
    defaultImportMode: 'Legacy',
  } as const
  const authorize = async () => ({ allowed: true, reason: '' })
  resources.add(createImageEndpoints({ ...resources.deps, authorize, settings }))
  const client = resources.system
  for (const name of ['demo', 'other']) await client.create(namespaces, '', { metadata: { name } } as never)
  await client.create(resourceQuotas, 'demo', { metadata: { name: 'isq' }, spec: { hard } } as never)
  return {
    client,
    used: async () => (await client.get(resourceQuotas, 'demo', 'isq')).status.used ?? {},
    stream: (name: string, namespace = 'demo') =>
      client.create(imageStreams, namespace, { metadata: { name }, spec: {}, status: {} } as never),
    [Symbol.asyncDispose]: () => store[Symbol.asyncDispose](),
  }
}

const from = { kind: 'DockerImage', name: 'quay.test/a/b:1' }

async function refusal(work: Promise<unknown>): Promise<string> {
  try {
    await work
  } catch (error) {
    assert.ok(isApiError(error, 'Forbidden'), String(error))
    return error.message
  }
  throw new Error('it was admitted')
}

describe('quota of streams (image-api.md §9)', () => {
  for (const name of ['openshift.io/imagestreams', 'count/imagestreams.image.openshift.io']) {
    it(`${name}: the last place is given once, and the refusal names what was asked for`, async () => {
      await using api = await open({ [name]: '1' })
      const why = `exceeded quota: isq, requested: ${name}=1, used: ${name}=1, limited: ${name}=1`
      await api.stream('one')
      assert.deepEqual(await api.used(), { [name]: '1' })
      assert.equal(
        await refusal(api.stream('two')),
        `imagestreams.image.openshift.io "two" is forbidden: ${why}`,
      )
      const tag = { metadata: { name: 'q3:1' }, tag: { name: '1', from } } as never
      assert.equal(
        await refusal(api.client.create(imageStreamTags, 'demo', tag)),
        `imagestreamtags.image.openshift.io "q3:1" is forbidden: ${why}`,
      )
      assert.equal(
        await refusal(api.client.update(imageStreamTags, 'demo', tag)),
        `imagestreamtags.image.openshift.io "q3:1" is forbidden: ${why}`,
      )
      const imageTag = { metadata: { name: 'q4:1' }, spec: { name: '1', from } } as never
      assert.match(
        await refusal(api.client.create(imageTags, 'demo', imageTag)),
        /^imagetags\.image\.openshift\.io "q4:1" is forbidden: exceeded quota: isq, /,
      )
    })
  }

  it('tags of a stream that is there, other namespaces and dry runs take nothing', async () => {
    await using api = await open({ 'openshift.io/imagestreams': '1' })
    const stream = { metadata: { name: 'dry' }, spec: {}, status: {} } as never
    await api.client.create(imageStreams, 'demo', stream, { dryRun: true })
    await api.stream('one')
    await api.client.create(imageStreamTags, 'demo', {
      metadata: { name: 'one:1' },
      tag: { name: '1', from },
    } as never)
    await api.stream('two', 'other')
    assert.deepEqual(await api.used(), { 'openshift.io/imagestreams': '1' })
  })

  it('of many who come at once, as many get in as there is room', async () => {
    await using api = await open({ 'openshift.io/imagestreams': '3' })
    const made = await Promise.allSettled(Array.from({ length: 12 }, (_, n) => api.stream(`s${n}`)))
    assert.equal(made.filter(({ status }) => status === 'fulfilled').length, 3)
    assert.equal((await api.client.list(imageStreams, 'demo')).items.length, 3)
  })

  it('a quota of other things limits no streams', async () => {
    await using api = await open({ pods: '0' })
    await api.stream('one')
    assert.deepEqual(await api.used(), {})
  })
})
