import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { imageStreams } from '../../src/api/index.ts'
import { type Lab, type LabResponse, openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { digestsOf, tagObject } from './stream-steps.ts'

const path = '/apis/image.openshift.io/v1/namespaces/demo/imagestreamtags'
const clients = Array.from({ length: 32 }, (_, n) => n)

function postTag(lab: Lab, name: string): Promise<LabResponse> {
  const body = {
    apiVersion: 'image.openshift.io/v1',
    kind: 'ImageStreamTag',
    ...tagObject(name, { kind: 'ImageStreamTag', name: 'app:v1' }),
  }
  return lab.call('POST', path, { body })
}

describe('many writers of one stream', () => {
  it('that POST a tag each all succeed, into a stream that is there or not', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    for (const stream of ['app', 'fresh']) {
      const answers = await Promise.all(clients.map((n) => postTag(lab, `${stream}:t${n}`)))
      assert.deepEqual(
        answers.map(({ status, text }) => (status === 201 ? 201 : text)),
        clients.map(() => 201),
      )
      const { spec, metadata } = await lab.client.get(imageStreams, 'demo', stream)
      assert.deepEqual(spec.tags?.map(({ name }) => name).sort(), clients.map((n) => `t${n}`).sort())
      const generations = (spec.tags ?? []).map(({ generation }) => generation ?? 0).sort((a, b) => a - b)
      assert.equal(new Set(generations).size, clients.length)
      assert.equal(metadata.generation, generations.at(-1))
    }
  })

  it('that POST the same tag: one succeeds, the others are told that it exists', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    await lab.push('demo/app:v1', randomImage('one'))
    const answers = await Promise.all(clients.map(() => postTag(lab, 'app:same')))
    const statuses = answers.map(({ status }) => status).sort()
    assert.deepEqual(statuses, [201, ...clients.slice(1).map(() => 409)])
  })

  it('that push to one tag all stand in its history, each once', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const pushed = await Promise.all(
      clients.slice(0, 8).map((n) => lab.push('demo/app:v1', randomImage(`image ${n}`))),
    )
    const history = await digestsOf(lab, 'app', 'v1')
    assert.deepEqual([...history].sort(), pushed.map(({ digest }) => digest as string).sort())
  })

  it('over 32 connections: each POST and PUT succeeds, moves of one tag are in line, history has each once', async () => {
    await using lab = await openLab()
    await lab.project('demo')
    const images = await Promise.all(
      clients.map((n) => lab.push(`demo/app:i${n}`, randomImage(`image ${n}`))),
    )
    const api = await lab.api.listen({ host: '127.0.0.1', port: 0 })
    const write = async (method: string, name: string, digest: string) => {
      const body = {
        apiVersion: 'image.openshift.io/v1',
        kind: 'ImageStreamTag',
        ...tagObject(name, { kind: 'ImageStreamImage', name: `app@${digest}` }),
      }
      const headers = {
        authorization: 'Bearer alice-token',
        'content-type': 'application/json',
        connection: 'close',
      }
      const url = `${api}${path}${method === 'PUT' ? `/${name}` : ''}`
      const answer = await fetch(url, { method, headers, body: JSON.stringify(body) })
      return `${method} ${name}: ${answer.status === 201 ? 'made' : answer.status === 200 ? 'moved' : await answer.text()}`
    }
    const digests = images.map(({ digest }) => digest as string)
    const work = clients.map(async (n) => [
      await write('POST', `app:post${n}`, digests[n] ?? ''),
      await write('PUT', `app:put${n}`, digests[n] ?? ''),
      await write('PUT', 'app:same', digests[n] ?? ''),
    ])
    const answers = (await Promise.all(work)).flat()
    const problems = answers.filter((answer) => !/: (made|moved)$/.test(answer))
    assert.deepEqual(problems, [])
    assert.equal(answers.filter((answer) => answer === 'PUT app:same: made').length, 1)

    const stream = await lab.client.get(imageStreams, 'demo', 'app')
    for (const n of clients) {
      assert.deepEqual(await digestsOf(lab, 'app', `post${n}`), [digests[n]])
      assert.deepEqual(await digestsOf(lab, 'app', `put${n}`), [digests[n]])
    }
    assert.deepEqual([...(await digestsOf(lab, 'app', 'same'))].sort(), digests.toSorted())
    const items = stream.status.tags?.find(({ tag }) => tag === 'same')?.items ?? []
    const generations = items.map(({ generation }) => generation)
    assert.deepEqual(
      generations,
      generations.toSorted((a, b) => b - a),
      'one move after the other',
    )
  })
})
