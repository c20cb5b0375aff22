import assert from 'node:assert/strict'
import { it } from 'node:test'
import { runAgainst } from '../test-cli.ts'

const image = (name: string, layers: string[], size: number) => ({
  metadata: { name },
  dockerImageLayers: layers.map((layer) => ({ name: layer, size })),
})
const stream = (name: string, tags: Record<string, string[]>) => ({
  metadata: { namespace: 'demo', name },
  status: {
    tags: Object.entries(tags).map(([tag, images]) => ({ tag, items: images.map((id) => ({ image: id })) })),
  },
})
const pod = (name: string, id: string, annotations: object = {}) => ({
  metadata: { namespace: 'demo', name, annotations },
  spec: { containers: [{ name: 'c', image: `reg.example/demo/app@${id}` }] },
})

const lists = (namespace = '') => [
  {
    on: 'GET /apis/image.openshift.io/v1/images',
    answer: {
      items: [
        image('sha256:base0123456789', ['l1'], 1024),
        image('sha256:middle', ['l1', 'l2'], 1024),
        image('sha256:top', ['l1', 'l2', 'l3'], 1024),
        image('sha256:other', ['l9', 'l9'], 100),
      ],
    },
  },
  {
    on: `GET /apis/image.openshift.io/v1${namespace}/imagestreams`,
    answer: {
      items: [
        stream('app', { latest: ['sha256:top', 'sha256:middle'], '2.0': ['sha256:top'] }),
        stream('other', { v1: ['sha256:top'] }),
        stream('empty', {}),
      ],
    },
  },
]

it('top images tells where each is shown, what it is built on and who uses it', async () => {
  const pods = {
    on: 'GET /api/v1/pods',
    answer: {
      items: [
        pod('a', 'sha256:top', { 'openshift.io/deployment.name': 'app-1' }),
        pod('b', 'sha256:top', { 'openshift.io/deployment.name': 'app-1' }),
        pod('c', 'sha256:other'),
      ],
    },
  }
  const { stdout } = await runAgainst(['adm', 'top', 'images'], [...lists(), pods])
  const rows = stdout.split('\n').map((line) =>
    line
      .trimEnd()
      .split(/ {1,}(?=\S)/)
      .join(' '),
  )
  assert.deepEqual(rows.slice(1, 5), [
    'sha256:top demo/app (latest,2.0), demo/other (v1) sha256:middle Deployment: demo/app-1 no 3KiB',
    'sha256:middle <none> sha256:base012345... <none> no 2KiB',
    'sha256:base0123456789 <none> <none> <none> no 1KiB',
    'sha256:other <none> <none> <unknown> no 100B',
  ])
})

it('top imagestreams counts each layer once for the room and once an image for the number', async () => {
  const { stdout, requests } = await runAgainst(
    ['adm', 'top', 'imagestreams', '-n', 'demo'],
    lists('/namespaces/demo'),
  )
  const rows = stdout.split('\n').map((line) => line.trimEnd().split(/ +/).join(' '))
  assert.deepEqual(rows.slice(1, 4), ['demo/app 3KiB 2 5', 'demo/other 3KiB 1 3', 'demo/empty 0B 0 0'])
  assert.equal(requests.length, 2)
})
