import assert from 'node:assert/strict'
import { it } from 'node:test'
import { describeImage } from './image.ts'

const now = new Date('2026-01-01T00:10:00Z')
const digest = `sha256:${'ab'.repeat(32)}`

it('describes size, layers and configuration', () => {
  const image = {
    metadata: { name: digest, creationTimestamp: '2026-01-01T00:09:59.5Z', annotations: { a: 'b' } },
    dockerImageReference: `docker.io/library/ruby@${digest}`,
    dockerImageLayers: [
      { name: 'sha256:l1', size: 196_600_000 },
      { name: 'sha256:l2', size: 177_700_000 },
    ],
    dockerImageMetadata: {
      Size: 374_300_000,
      Created: '2018-01-01T00:00:00Z',
      Architecture: 'amd64',
      Config: {
        Cmd: ['/bin/sh', '-c', 'x'],
        Env: ['A=1', 'B=2'],
        ExposedPorts: { '8080/tcp': {} },
        Volumes: { '/data': {} },
        User: '1001',
      },
    },
  }
  assert.equal(
    describeImage(image, 'ruby:latest', now),
    `Image Name:\truby:latest
Docker Image:\tdocker.io/library/ruby@${digest}
Name:\t\t${digest}
Created:\tLess than a second ago
Annotations:\ta=b
Image Size:\t374.3MB in 2 layers
Layers:\t\t196.6MB\tsha256:l1
\t\t177.7MB\tsha256:l2
Image Created:\t8 years ago
Author:\t\t<none>
Arch:\t\tamd64
Command:\t/bin/sh -c x
Working Dir:\t<none>
User:\t\t1001
Exposes Ports:\t8080/tcp
Docker Labels:\t<none>
Environment:\tA=1
\t\tB=2
Volumes:\t/data
`,
  )
})

it('a manifest list shows its manifests and no layers', () => {
  const image = {
    metadata: { name: digest },
    dockerImageMetadata: { Created: null },
    dockerImageManifests: [{ digest: 'sha256:m1', os: 'linux', architecture: 'arm64', variant: 'v8' }],
  }
  const text = describeImage(image, '', now)
  assert.match(text, /^Layer Size:\t0B$/m)
  assert.match(text, /^Manifests:\tlinux\/arm64\tsha256:m1$/m)
  assert.match(text, /^Image Created:\t292 years ago$/m)
  assert.match(text, /^Command:\t<none>$/m)
})

it('signatures widen the first column', () => {
  const image = {
    metadata: { name: digest },
    signatures: [{ metadata: { name: `${digest}@s` }, type: 'atomic' }],
  }
  assert.match(
    describeImage(image, '', now),
    new RegExp(
      `^Image Signatures:\\t \\n\\t\\t\\tName:\\t${digest}@s\\n\\t\\t\\tType:\\tatomic\\n\\t\\t\\tStatus:\\tUnverified$`,
      'm',
    ),
  )
})
