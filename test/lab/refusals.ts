import type { StatusCause } from '../../src/machinery/errors.ts'
import { forbidden, invalidValue, required, wrapped } from './expected-errors.ts'
import { randomImage } from './random-image.ts'

/** Every rule of image-api.md §5: what is refused, in which words, and that nothing was written. */

export const config = 'imagePolicy: {allowedRegistriesForImport: [{domainName: allowed.test}]}'
export const apiVersion = 'image.openshift.io/v1'
export const one = randomImage('one')
const sha = `sha256:${'1'.repeat(64)}`
const whitelist = (registry: string) =>
  `registry "${registry}" not allowed by whitelist: "allowed.test:443", "registry.lab:5000"`
const form = 'must be of the form <tag>, <repo>:<tag>, <id>, or <repo>@<id>'
const kinds = "valid values are 'DockerImage', 'ImageStreamImage', 'ImageStreamTag'"
const namePattern = 'must match "[a-z0-9]+(?:[._-][a-z0-9]+)*"'

export interface Refusal {
  what: string
  /** Appended to the collection's path. */
  path?: string
  method?: string
  as?: string
  kind: string
  name: string
  /** Besides kind and apiVersion. */
  body: object
  patch?: true
  /** The kind in the message, where it is another. */
  said?: string
  causes: StatusCause[]
}

const from = (kind: string, name: string, fields = {}) => ({ from: { kind, name }, ...fields })
const docker = (fields = {}) => from('DockerImage', 'allowed.test/a/b:c', fields)

function refusedStream(what: string, spec: object, causes: StatusCause[], name = 's'): Refusal {
  return { what, kind: 'ImageStream', name, body: { metadata: { name }, spec }, causes }
}

function refusedName(what: string, name: string, detail: string): Refusal {
  return refusedStream(what, {}, [invalidValue('metadata.name', name, detail)], name)
}

function refusedRepository(value: string, cause: (field: string) => StatusCause): Refusal {
  return refusedStream(`repository ${value}`, { dockerImageRepository: value }, [
    cause('spec.dockerImageRepository'),
  ])
}

const streams: Refusal[] = [
  refusedName('a name with capitals', 'BadName', namePattern),
  refusedName('a name with two underscores', 'a__b', namePattern),
  refusedName('a name with a slash', 'a/b', "may not contain '/'"),
  refusedName('a name with a per cent sign', 'a%b', "may not contain '%'"),
  refusedName('the name ..', '..', "may not be '..'"),
  refusedName(
    'a name that is too long with its namespace',
    'a'.repeat(252),
    "'namespace/name' cannot be longer than 255 characters",
  ),
  {
    ...refusedStream('no name', {}, [required('metadata.name', 'name or generateName is required')], ''),
    body: { metadata: {}, spec: {} },
  },
  refusedRepository('Bad Repo!!', (field) => invalidValue(field, 'Bad Repo!!', 'invalid reference format')),
  refusedRepository('allowed.test/a/B', (field) =>
    invalidValue(field, 'allowed.test/a/B', 'repository name must be lowercase'),
  ),
  refusedRepository('allowed.test/a/b:tag', (field) =>
    invalidValue(field, 'allowed.test/a/b:tag', 'the repository name may not contain a tag'),
  ),
  refusedRepository(`allowed.test/a/b@${sha}`, (field) =>
    invalidValue(field, `allowed.test/a/b@${sha}`, 'the repository name may not contain an ID'),
  ),
  refusedRepository('other.test/a/b', (field) => forbidden(field, whitelist('other.test'))),
]

/** §5.2 at any path; `field` is what the rule says of it. */
const tagRules: { what: string; tag: object; cause: (path: string) => StatusCause }[] = [
  {
    what: 'a reference that is none',
    tag: from('DockerImage', 'Bad Ref:::'),
    cause: (path) => invalidValue(`${path}.from.name`, 'Bad Ref:::', 'invalid reference format'),
  },
  {
    what: 'a registry that is not allowed',
    tag: from('DockerImage', 'other.test/a/b:c'),
    cause: (path) => forbidden(`${path}.from.name`, whitelist('other.test')),
  },
  {
    what: 'the Docker Hub, not named and not allowed',
    tag: from('DockerImage', 'busybox'),
    cause: (path) => forbidden(`${path}.from.name`, whitelist('docker.io:443')),
  },
  {
    what: 'an image stream tag that is scheduled',
    tag: from('ImageStreamTag', 'app:v1', { importPolicy: { scheduled: true } }),
    cause: (path) =>
      invalidValue(
        `${path}.importPolicy.scheduled`,
        true,
        'only tags pointing to Docker repositories may be scheduled for background import',
      ),
  },
  {
    what: 'an unknown reference policy',
    tag: docker({ referencePolicy: { type: 'Wrong' } }),
    cause: (path) =>
      invalidValue(`${path}.referencePolicy.type`, 'Wrong', 'valid values are "Source", "Local"'),
  },
  {
    what: 'an unknown import mode',
    tag: docker({ importPolicy: { importMode: 'Wrong' } }),
    cause: (path) =>
      invalidValue(
        `${path}.importPolicy.importMode`,
        'Wrong',
        "invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'",
      ),
  },
]

const tags: Refusal[] = tagRules.flatMap(({ what, tag, cause }) => [
  refusedStream(what, { tags: [{ name: 't', ...tag }] }, [cause('spec.tags[t]')]),
  {
    what: `${what}, in an image stream tag`,
    kind: 'ImageStreamTag',
    name: 's:t',
    body: { metadata: { name: 's:t' }, tag },
    causes: [cause('tag')],
  },
  {
    what: `${what}, in an image tag`,
    kind: 'ImageTag',
    name: 's:t',
    body: { metadata: { name: 's:t' }, spec: tag },
    causes: [cause('spec')],
  },
])

function refusedTag(what: string, tag: object, causes: StatusCause[]): Refusal {
  return refusedStream(what, { tags: [{ name: 't', ...tag }] }, causes)
}

const resolution: Refusal[] = [
  refusedTag('an unknown kind of source', from('Foo', 'a/b'), [
    wrapped('s', `spec.tags[t].from.name: Invalid value: "a/b": ${form}`),
    required('spec.tags[t].from.kind', kinds),
  ]),
  refusedTag('a Docker image without a name', from('DockerImage', ''), [
    wrapped('s', `spec.tags[t].from.name: Invalid value: "": ${form}`),
    required('spec.tags[t].from.name'),
  ]),
  refusedTag('a stream tag with two colons', from('ImageStreamTag', 'a:b:c'), [
    wrapped('s', `spec.tags[t].from.name: Invalid value: "a:b:c": ${form}`),
  ]),
  refusedTag('a tag of a stream that does not exist', from('ImageStreamTag', 'nope:1'), [
    wrapped('s', 'spec.tags[t].from.name: Not found: "nope:1"'),
  ]),
  refusedTag('an image that the stream never had', from('ImageStreamImage', `app@${sha}`), [
    wrapped(
      's',
      `spec.tags[t].from.name: Invalid value: "app@${sha}": error generating tag event: imagestreamimage.image.openshift.io "${sha}" not found`,
    ),
  ]),
  refusedTag(
    "a tag of another's project",
    { from: { kind: 'ImageStreamTag', namespace: 'theirs', name: 'app:v1' } },
    [wrapped('s', 'spec.tags[t].from: Forbidden: theirs/app: "" ""')],
  ),
]

function refusedStatus(reference: string, cause: (field: string) => StatusCause): Refusal {
  const event = { created: '2026-01-01T00:00:00Z', image: sha, generation: 1 }
  return {
    what: `${reference} in a status`,
    method: 'PATCH',
    path: 'imagestreams/app/status',
    as: 'root',
    kind: 'ImageStream',
    name: 'app',
    patch: true,
    body: { status: { tags: [{ tag: 'v9', items: [{ ...event, dockerImageReference: reference }] }] } },
    causes: [cause('status.tags[v9].items[0].dockerImageReference')],
  }
}

const statuses: Refusal[] = [
  refusedStatus('Bad::', (field) => invalidValue(field, 'Bad::', 'invalid reference format')),
  refusedStatus('other.test/a/b:c', (field) => forbidden(field, whitelist('other.test'))),
]

function refusedImage(what: string, fields: object, causes: StatusCause[]): Refusal[] {
  const image = { metadata: { name: sha }, dockerImageReference: `allowed.test/a/b@${sha}`, ...fields }
  return [
    { what, path: 'images', as: 'root', kind: 'Image', name: image.metadata.name, body: image, causes },
    {
      what: `${what}, in a mapping`,
      as: 'root',
      kind: 'ImageStreamMapping',
      name: 'app',
      body: { metadata: { name: 'app' }, tag: 'v9', image },
      causes: causes.map((cause) => ({ ...cause, field: `image.${cause.field}` })),
    },
  ]
}

const entry = { digest: sha, mediaType: one.mediaType, manifestSize: 9, architecture: 'amd64', os: 'linux' }
const refusedEntry = (what: string, fields: object, cause: (path: string) => StatusCause) =>
  refusedImage(what, { dockerImageManifests: [{ ...entry, ...fields }] }, [cause('dockerImageManifests[0]')])

const signature = { metadata: { name: `${sha}@sig` }, type: 'AtomicImageV1', content: 'YQ==' }
const refusedSignature = (what: string, fields: object, causes: StatusCause[]) =>
  refusedImage(what, { signatures: [{ ...signature, ...fields }] }, causes)
const unset = 'must be unset for unknown signature state'

const images: Refusal[] = [
  ...refusedImage('an image named with a slash', { metadata: { name: 'Bad/Name' } }, [
    invalidValue('metadata.name', 'Bad/Name', "may not contain '/'"),
  ]),
  ...refusedImage('a reference that is no reference', { dockerImageReference: 'Bad::' }, [
    invalidValue('dockerImageReference', 'Bad::', 'invalid reference format'),
  ]),
  ...refusedEntry('a manifest without a digest', { digest: 'x' }, (path) =>
    invalidValue(`${path}.digest`, 'x', 'digest does not conform with OCI image specification'),
  ),
  ...refusedEntry('a manifest of no media type', { mediaType: '!' }, (path) =>
    invalidValue(`${path}.mediaType`, '!', 'media type does not conform to RFC6838'),
  ),
  ...refusedEntry('a manifest for no architecture', { architecture: '' }, (path) =>
    required(`${path}.architecture`),
  ),
  ...refusedEntry('a manifest for no system', { os: '' }, (path) => required(`${path}.os`)),
  ...refusedEntry('a manifest of less than nothing', { manifestSize: -1 }, (path) =>
    invalidValue(`${path}.size`, -1, 'manifest size cannot be negative'),
  ),
  ...refusedSignature('a signature with a wrong name', { metadata: { name: 'x' } }, [
    invalidValue('signatures[0].metadata.name', 'x', 'name must be of format <imageName>@<signatureName>'),
  ]).slice(0, 1),
  ...refusedSignature('a signature without a type', { type: '' }, [required('signatures[0].type')]).slice(
    0,
    1,
  ),
  ...refusedSignature('a signature without content', { content: null }, [
    required('signatures[0].content'),
  ]).slice(0, 1),
  ...refusedSignature('an identity of an unknown signature', { imageIdentity: 'x' }, [
    invalidValue('signatures[0].imageIdentity', 'x', unset),
  ]).slice(0, 1),
  {
    what: 'an image without reference',
    path: 'images',
    as: 'root',
    kind: 'Image',
    name: sha,
    body: { metadata: { name: sha } },
    causes: [required('dockerImageReference')],
  },
]

function refusedPlainSignature(what: string, fields: object, causes: StatusCause[]): Refusal {
  const body = { ...signature, ...fields }
  return { what, as: 'root', kind: 'ImageSignature', name: body.metadata.name, body, causes }
}

const signatures: Refusal[] = [
  refusedPlainSignature(
    'a signature with labels',
    { metadata: { ...signature.metadata, labels: { a: 'b' } } },
    [forbidden('metadata.labels', 'signature labels cannot be set')],
  ),
  refusedPlainSignature(
    'a signature with annotations',
    { metadata: { ...signature.metadata, annotations: { a: 'b' } } },
    [forbidden('metadata.annotations', 'signature annotations cannot be set')],
  ),
  refusedPlainSignature('a signature without a type', { type: '' }, [required('type')]),
  refusedPlainSignature('a signature without content', { content: null }, [required('content')]),
]

const mappings: Refusal[] = [
  {
    what: 'a mapping without a tag',
    as: 'root',
    kind: 'ImageStreamMapping',
    name: 'app',
    body: { metadata: { name: 'app' }, image: { metadata: { name: sha } } },
    causes: [required('tag')],
  },
  {
    what: 'a mapping without an image',
    as: 'root',
    kind: 'ImageStreamMapping',
    name: 'app',
    body: { metadata: { name: 'app' }, tag: 'x' },
    causes: [required('image.metadata.name', 'name or generateName is required')],
  },
]

const projections: Refusal[] = [
  {
    what: 'annotations of a tag that are not those of the object',
    kind: 'ImageStreamTag',
    name: 's:t',
    body: { metadata: { name: 's:t' }, tag: docker({ annotations: { a: 'b' } }) },
    causes: [
      invalidValue(
        'tag.annotations',
        '<map>',
        'tag annotations must not be provided or must be equal to the object meta annotations',
      ),
    ],
  },
  {
    what: 'labels of an image stream tag',
    method: 'PUT',
    path: 'imagestreamtags/app:v1',
    kind: 'ImageStreamTag',
    name: 'app:v1',
    body: { metadata: { name: 'app:v1', labels: { a: 'b' } }, tag: from('ImageStreamTag', 'app:v2') },
    causes: [invalidValue('metadata', '', 'may not update fields other than metadata.annotations')],
  },
  {
    what: 'an image tag without spec',
    kind: 'ImageTag',
    name: 's:t',
    body: { metadata: { name: 's:t' } },
    causes: [required('spec', 'spec is a required field during creation')],
  },
  {
    what: 'an image tag whose spec has another name',
    kind: 'ImageTag',
    name: 's:t',
    body: { metadata: { name: 's:t' }, spec: { name: 'u', ...docker() } },
    causes: [invalidValue('spec.name', 'u', 'must match image tag name')],
  },
  {
    what: 'labels and another status of an image tag',
    method: 'PUT',
    path: 'imagetags/app:v1',
    kind: 'ImageTag',
    name: 'app:v1',
    body: {
      metadata: { name: 'app:v1', labels: { a: 'b' } },
      spec: docker(),
      status: { tag: 'v1', items: [] },
    },
    causes: [
      invalidValue('metadata', '', 'may not update fields other than spec'),
      invalidValue('status', '', 'may not update fields other than spec'),
    ],
  },
]

function refusedImport(what: string, spec: object, causes: StatusCause[], name = 's'): Refusal {
  const body = { metadata: { name }, spec: { import: true, ...spec } }
  return { what, kind: 'ImageStreamImport', name, body, causes }
}

const imports: Refusal[] = [
  refusedImport('an import of nothing', {}, [
    invalidValue('spec.images', null, 'you must specify at least one image or a repository import'),
  ]),
  refusedImport(
    'an import from a stream, and one from no reference',
    { images: [from('ImageStreamTag', 'app:v1'), from('DockerImage', 'Bad::')] },
    [
      invalidValue('spec.images[0].from.kind', 'ImageStreamTag', 'only DockerImage is supported'),
      invalidValue('spec.images[1].from.name', 'Bad::', 'invalid reference format'),
    ],
  ),
  refusedImport('an import from no name', { images: [from('DockerImage', '')] }, [
    required('spec.images[0].from.name'),
  ]),
  refusedImport('an import to no name', { images: [docker({ to: { name: '' } })] }, [
    invalidValue('spec.images[0].to.name', '', 'the name of the target tag must be specified'),
  ]),
  refusedImport('an import in an unknown mode', { images: [docker({ importPolicy: { importMode: 'X' } })] }, [
    invalidValue(
      'spec.images[0].importPolicy.importMode',
      'X',
      "invalid import mode, valid modes are '', 'Legacy', 'PreserveOriginal'",
    ),
  ]),
  refusedImport('a repository with a tag', { repository: docker() }, [
    invalidValue(
      'spec.repository.from.name',
      'allowed.test/a/b:c',
      'you must specify an image repository, not a tag or ID',
    ),
  ]),
  refusedImport('a repository without a name', { repository: from('DockerImage', '') }, [
    required('spec.repository.from.name', 'container image references require a name'),
  ]),
  refusedImport(
    'a stream with a bad name',
    { images: [docker()] },
    [invalidValue('metadata.name', 'A', namePattern)],
    'A',
  ),
]

export const refusals = {
  streams,
  tags,
  resolution,
  statuses,
  images,
  signatures,
  mappings,
  projections,
  imports,
}
