import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import {
  discoveryTransforms,
  listTransforms,
  negotiate,
  objectTransforms,
  parseBodyFormat,
  parsePatchType,
} from './negotiate.ts'

describe('negotiate', () => {
  it('serves JSON unless told otherwise', () => {
    for (const accept of [
      undefined,
      '',
      '*/*',
      'application/*',
      'application/json, */*',
      'text/html, */*;q=0.1',
    ]) {
      assert.deepEqual(negotiate(accept), { format: 'json', contentType: 'application/json' })
    }
    assert.equal(negotiate('application/yaml').format, 'yaml')
    assert.equal(negotiate('application/vnd.kubernetes.protobuf').format, 'protobuf')
  })

  it('takes the best that can be served', () => {
    const accept = 'application/vnd.kubernetes.protobuf,application/json'
    assert.equal(negotiate(accept).format, 'protobuf')
    assert.equal(negotiate(accept, { formats: ['json', 'yaml'] }).format, 'json')
    assert.equal(negotiate('application/json;q=0.5, application/yaml').format, 'yaml')
    assert.equal(negotiate('*/*, application/yaml').format, 'yaml')
  })

  it('answers 406 with what there is', () => {
    for (const accept of ['application/cbor', 'text/plain', 'application/json;q=0', 'nonsense']) {
      assert.throws(() => negotiate(accept), {
        code: 406,
        message:
          '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
      })
    }
  })

  it('finds tables and partial objects where they are offered', () => {
    const accept =
      'application/json;as=Table;v=v1;g=meta.k8s.io,application/json;as=Table;v=v1beta1;g=meta.k8s.io,application/json'
    assert.deepEqual(negotiate(accept, { transforms: listTransforms }), {
      format: 'json',
      as: 'Table',
      group: 'meta.k8s.io',
      version: 'v1',
      contentType: 'application/json',
    })
    assert.deepEqual(negotiate(accept), { format: 'json', contentType: 'application/json' })
    const partial = 'application/json;as=PartialObjectMetadata;v=v1;g=meta.k8s.io'
    assert.equal(negotiate(partial, { transforms: objectTransforms }).as, 'PartialObjectMetadata')
    assert.throws(() => negotiate(partial, { transforms: listTransforms }), { code: 406 })
    assert.throws(
      () =>
        negotiate('application/vnd.kubernetes.protobuf;as=Table;v=v1;g=meta.k8s.io', {
          transforms: objectTransforms,
        }),
      { code: 406 },
    )
  })

  it('repeats the parameters of a discovery list', () => {
    const accept =
      'application/json;g=apidiscovery.k8s.io;v=v3;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json'
    assert.equal(
      negotiate(accept, { transforms: discoveryTransforms }).contentType,
      'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    )
  })
})

describe('content types', () => {
  it('of bodies', () => {
    assert.equal(parseBodyFormat(undefined), 'json')
    assert.equal(parseBodyFormat('application/json; charset=utf-8'), 'json')
    assert.equal(parseBodyFormat('Application/YAML'), 'yaml')
    assert.equal(parseBodyFormat('application/vnd.kubernetes.protobuf'), 'protobuf')
    assert.throws(() => parseBodyFormat('text/plain'), {
      code: 415,
      message:
        'the body of the request was in an unknown format - accepted media types include: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    })
  })

  it('of patches', () => {
    assert.equal(parsePatchType('application/merge-patch+json; charset=utf-8'), 'merge')
    assert.equal(parsePatchType('application/strategic-merge-patch+json'), 'strategic')
    for (const type of ['application/json', undefined]) {
      assert.throws(() => parsePatchType(type), {
        code: 415,
        message: '415: Unsupported Media Type',
        details: {},
      })
    }
  })
})
