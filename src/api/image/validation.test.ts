import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { decode, formatFieldError } from '../../machinery/index.ts'
import {
  canonicalImageStreamImport,
  canonicalImageStreamMapping,
  imageStreamImportSchema,
  imageStreamMappingSchema,
  isPullSecret,
  streamNameProblems,
  toSecretList,
  validateImageStreamImport,
  validateImageStreamMapping,
} from './index.ts'

it('names of streams', () => {
  for (const name of ['a', 'a_b', 'a.b-c', '0']) assert.deepEqual(streamNameProblems(name), [], name)
  const shape = 'must match "[a-z0-9]+(?:[._-][a-z0-9]+)*"'
  for (const name of ['BadName', 'a__b', 'gen-', '-a'])
    assert.deepEqual(streamNameProblems(name), [shape], name)
  assert.deepEqual(streamNameProblems('A/b'), ["may not contain '/'"])
  assert.deepEqual(streamNameProblems('..'), ["may not be '..'"])
})

describe('validateImageStreamImport', () => {
  const texts = (spec: object): string[] => {
    const request = canonicalImageStreamImport(decode(imageStreamImportSchema, { spec }).value)
    return validateImageStreamImport(request).map(formatFieldError)
  }
  const docker = (name?: string) => ({ kind: 'DockerImage', ...(name === undefined ? {} : { name }) })

  const cases: [string, object, string[]][] = [
    [
      'nothing',
      {},
      ['spec.images: Invalid value: null: you must specify at least one image or a repository import'],
    ],
    [
      'several bad entries',
      { images: [{ from: { kind: 'ImageStreamTag', name: 'ruby:2.1' } }, { from: docker('Bad::') }] },
      [
        'spec.images[0].from.kind: Invalid value: "ImageStreamTag": only DockerImage is supported',
        'spec.images[1].from.name: Invalid value: "Bad::": invalid reference format',
      ],
    ],
    ['no name', { images: [{ from: docker() }] }, ['spec.images[0].from.name: Required value']],
    ['the star', { images: [{ from: docker('*') }] }, []],
    [
      'an empty target',
      { images: [{ from: docker('a/b'), to: { name: '' } }] },
      ['spec.images[0].to.name: Invalid value: "": the name of the target tag must be specified'],
    ],
    [
      'a bad mode',
      { images: [{ from: docker('a/b'), importPolicy: { importMode: 'Wrong' } }] },
      [
        "spec.images[0].importPolicy.importMode: Invalid value: \"Wrong\": invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'",
      ],
    ],
    [
      'a repository with a tag',
      { repository: { from: docker('127.0.0.1:15100/library/ruby:2.0') } },
      [
        'spec.repository.from.name: Invalid value: "127.0.0.1:15100/library/ruby:2.0": you must specify an image repository, not a tag or ID',
      ],
    ],
    [
      'a repository without a name',
      { repository: { from: docker() } },
      ['spec.repository.from.name: Required value: container image references require a name'],
    ],
    ['a good repository', { repository: { from: docker('quay.io/a/b') } }, []],
  ]
  for (const [name, spec, expected] of cases) it(name, () => assert.deepEqual(texts(spec), expected))
})

describe('validateImageStreamMapping', () => {
  const texts = (body: object): string[] =>
    validateImageStreamMapping(canonicalImageStreamMapping(decode(imageStreamMappingSchema, body).value)).map(
      formatFieldError,
    )
  const dockerImageReference = 'a/b'

  it('needs a tag', () => {
    const body = { image: { metadata: { name: 'sha256:x' }, dockerImageReference } }
    assert.deepEqual(texts(body), ['tag: Required value'])
  })
  it('needs an image', () => {
    assert.deepEqual(texts({ tag: 'x', image: { dockerImageReference } }), [
      'image.metadata.name: Required value: name or generateName is required',
    ])
  })
})

it('pull secrets are those of the two types that are not excluded', () => {
  const secret = (type: string, annotations = {}) => ({
    kind: 'Secret',
    metadata: { name: type, annotations },
    type,
  })
  const json = secret('kubernetes.io/dockerconfigjson')
  assert.ok(isPullSecret(json))
  assert.ok(!isPullSecret(secret('Opaque')))
  const excluded = secret('kubernetes.io/dockercfg', { 'openshift.io/image.excludeSecret': 'true' })
  const metadata = { resourceVersion: '7' }
  assert.deepEqual(toSecretList({ metadata, items: [secret('Opaque'), excluded, json] }), {
    kind: 'SecretList',
    apiVersion: 'image.openshift.io/v1',
    metadata,
    items: [{ metadata: json.metadata, type: json.type }],
  })
})
