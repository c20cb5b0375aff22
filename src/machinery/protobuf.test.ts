import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import protobuf from 'protobufjs/minimal.js'
import { decodeProtobuf, encodeProtobuf, hasProtobuf, isProtobuf } from './protobuf.ts'

const bytesOf = (base64: string) => new Uint8Array(Buffer.from(base64, 'base64'))

/** An envelope around a message, as a client would write it. */
function envelope(apiVersion: string, kind: string, message: (writer: protobuf.Writer) => void): Uint8Array {
  const writer = protobuf.Writer.create()
  writer.uint32(10).fork().uint32(10).string(apiVersion).uint32(18).string(kind).ldelim()
  writer.uint32(18).fork()
  message(writer)
  writer.ldelim()
  return new Uint8Array([0x6b, 0x38, 0x73, 0, ...writer.finish()])
}

describe('decodeProtobuf', () => {
  it('reads what oc sends for create deployment', () => {
    const body = bytesOf(
      'azhzAAoVCgdhcHBzL3YxEgpEZXBsb3ltZW50ErsBCiMKBW15c3FsEgAaACIAKgAyADgAQgBaDAoDYXBwEgVteXNxbBKFAQgBEg4KDAoDYXBwEgVteXNxbBppCh4KABIAGgAiACoAMgA4AEIAWgwKA2FwcBIFbXlzcWwSRxIpCgVteXNxbBIMbXlzcWw6bGF0ZXN0KgBCAGoAcgCAAQCIAQCQAQCiAQAaADIAQgBKAFIAWABgAGgAggEAigEAmgEAwgEAIgIKACgAOAAaDAgAEAAYACAAKAA4ABoAIgA=',
    )
    assert.deepEqual(decodeProtobuf(body), {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'mysql', labels: { app: 'mysql' } },
      spec: {
        replicas: 1,
        selector: { matchLabels: { app: 'mysql' } },
        template: {
          metadata: { labels: { app: 'mysql' } },
          spec: { containers: [{ name: 'mysql', image: 'mysql:latest' }] },
        },
      },
    })
  })

  it('reads DeleteOptions of any group version', () => {
    const body = envelope('rbac.authorization.k8s.io/v1', 'DeleteOptions', (writer) => {
      writer.uint32(8).int64(0)
      writer.uint32(34).string('Foreground')
    })
    assert.deepEqual(decodeProtobuf(body), {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'DeleteOptions',
      gracePeriodSeconds: 0,
      propagationPolicy: 'Foreground',
    })
  })

  it('skips fields that a newer client may send', () => {
    const body = envelope('v1', 'Secret', (writer) => {
      writer.uint32(10).fork().uint32(10).string('s').ldelim()
      writer.uint32((99 << 3) | 2).string('new')
    })
    assert.deepEqual(decodeProtobuf(body).metadata, { name: 's' })
  })

  it('refuses rather than losing a part of a pod', () => {
    const affinity = 18
    const body = envelope('apps/v1', 'Deployment', (writer) => {
      writer.uint32(18).fork().uint32(26).fork().uint32(18).fork()
      writer.uint32((affinity << 3) | 2).string('')
      writer.ldelim().ldelim().ldelim()
    })
    assert.throws(() => decodeProtobuf(body), { code: 415, message: /^field 18 of PodSpec can't be sent as/ })
  })

  it('refuses other kinds with 415 and broken bytes with 400', () => {
    assert.throws(() => decodeProtobuf(envelope('v1', 'Pod', () => {})), { code: 415 })
    assert.throws(() => decodeProtobuf(new TextEncoder().encode('{"kind":"Secret"}')), {
      code: 400,
      message: 'provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]',
    })
    const whole = encodeProtobuf({ apiVersion: 'v1', kind: 'Secret', ...{ metadata: { name: 'abc' } } })
    assert.ok(whole)
    for (let length = 5; length < whole.length - 4; length++) {
      const start = whole.subarray(0, length)
      try {
        decodeProtobuf(start)
      } catch (error) {
        assert.match(String((error as { code?: unknown }).code), /^4(00|15)$/)
      }
    }
  })
})

describe('encodeProtobuf', () => {
  it('writes an image stream as the real server does', () => {
    const stream = {
      kind: 'ImageStream',
      apiVersion: 'image.openshift.io/v1',
      metadata: {
        name: 's',
        namespace: 'n',
        uid: 'u',
        resourceVersion: '9',
        generation: 1,
        creationTimestamp: '2026-11-23T03:54:06Z',
      },
      spec: {
        lookupPolicy: { local: true },
        tags: [
          {
            name: 't',
            annotations: null,
            from: { kind: 'DockerImage', name: 'a/b' },
            generation: 2,
            importPolicy: { importMode: 'Legacy' },
            referencePolicy: { type: 'Source' },
          },
        ],
      },
      status: { dockerImageRepository: 'r/n/s' },
    }
    const bytes = encodeProtobuf(stream)
    assert.ok(bytes)
    assert.equal(
      Buffer.from(bytes).toString('latin1').replaceAll('\0', '.'),
      'k8s.\n$\n\x15image.openshift.io/v1\x12\x0bImageStream\x12p' +
        '\n\x1c\n\x01s\x12.\x1a\x01n".*\x01u2\x019' +
        '8\x01B\x08\x08\xde\xf1\x8e\xd8\x06\x10.' +
        '\x12E\n.\x12=\n\x01t\x1a\x1c\n\x0bDockerImage\x12.\x1a\x03a/b".*.2.:. .(\x022\x0c\x08.\x10.\x1a\x06Legacy:\x08\n\x06Source\x1a\x02\x18\x01' +
        '\x1a\t\n\x05r/n/s\x1a.\x1a.".',
    )
    assert.deepEqual(decodeProtobuf(bytes).status, stream.status)
  })

  it('comes back as it went', () => {
    const objects = [
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'a' },
        data: { k: 'AAEC/w==', e: '' },
        type: 'Opaque',
      },
      {
        apiVersion: 'v1',
        kind: 'ResourceQuota',
        metadata: { name: 'q', annotations: { z: '1', a: '' } },
        spec: { hard: { cpu: '2', pods: '5' }, scopes: ['NotTerminating'] },
      },
      {
        apiVersion: 'authorization.k8s.io/v1',
        kind: 'SubjectAccessReview',
        spec: {
          user: 'u',
          groups: ['g'],
          extra: { scopes: ['a', 'b'] },
          nonResourceAttributes: { path: '/x', verb: 'get' },
        },
      },
      {
        apiVersion: 'v1',
        kind: 'ServiceAccount',
        automountServiceAccountToken: false,
        imagePullSecrets: [{ name: 'p' }],
      },
    ]
    for (const object of objects) {
      const bytes = encodeProtobuf(object)
      assert.ok(bytes && isProtobuf(bytes))
      assert.deepEqual(decodeProtobuf(bytes), object)
    }
  })

  it('knows which kinds it can print whole', () => {
    assert.ok(hasProtobuf('image.openshift.io/v1', 'ImageStreamList'))
    assert.ok(!hasProtobuf('apps/v1', 'Deployment'))
    assert.ok(!hasProtobuf('image.openshift.io/v1', 'Image'))
    assert.equal(encodeProtobuf({ apiVersion: 'v1', kind: 'Pod' }), undefined)
  })
})
