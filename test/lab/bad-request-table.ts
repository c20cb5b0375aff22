/** Requests that no server should take, and the Status that Kubernetes gives (image-api.md §2). */

const group = '/apis/image.openshift.io/v1'
const demo = `${group}/namespaces/demo`
const apiVersion = 'image.openshift.io/v1'
export const stream = (name: string, fields = {}) => ({
  apiVersion,
  kind: 'ImageStream',
  metadata: { name },
  ...fields,
})
const details = (kind: string, name?: string) => ({
  ...(name === undefined ? {} : { name }),
  group: 'image.openshift.io',
  kind,
})

export interface BadRequest {
  what: string
  method?: string
  path: string
  as?: string
  type?: string
  accept?: string
  body?: unknown
  code: number
  /** Absent in the Status of an error that nobody has classified. */
  reason: string | undefined
  message: string | RegExp
  /** Absent: the Status has none. */
  details?: object
}

const bad = { code: 400, reason: 'BadRequest' }

const unrecognized = 'the object provided is unrecognized (must be of type ImageStream): '

const bodies: BadRequest[] = [
  {
    what: 'a body that is nothing',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'application/json',
    body: '',
    ...bad,
    message: `${unrecognized}couldn't get version/kind; json parse error: unexpected end of JSON input (<empty>)`,
  },
  {
    what: 'a list for a body',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'application/json',
    body: '[1]',
    ...bad,
    message: /^the object provided .*cannot unmarshal array into Go value of type struct .* \(5b315d\)$/,
  },
  {
    what: 'a body that is not YAML',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'application/yaml',
    body: 'a: [1',
    ...bad,
    message: /^the object provided .*\(must be of type ImageStream\): yaml: line 1: .* \(613a205b31\)$/,
  },
  {
    what: 'a version that cannot be read',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: { apiVersion: 'a/b/c', kind: 'ImageStream' },
    ...bad,
    message: `${unrecognized}unexpected GroupVersion string: a/b/c ({"apiVersion":"a/b/c","kind":" ...)`,
  },
  {
    what: 'a new object with a revision',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: { apiVersion, kind: 'ImageStream', metadata: { name: 'x', resourceVersion: '5' } },
    code: 500,
    reason: undefined,
    message: 'resourceVersion should not be set on objects to be created',
  },
  ...['ImageStreamTag', 'ImageTag', 'ImageStreamMapping', 'ImageStreamImport'].map((kind) => ({
    what: `${kind} of another namespace`,
    method: 'POST',
    path: `${demo}/${kind.toLowerCase()}s`,
    as: 'root',
    body: { apiVersion, kind, metadata: { name: 'app:x', namespace: 'other' } },
    ...bad,
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  })),
  {
    what: 'a body that is not JSON',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'application/json',
    body: '{bad',
    ...bad,
    message:
      "the object provided is unrecognized (must be of type ImageStream): couldn't get version/kind; json parse error: invalid character 'b' looking for beginning of object key string ({bad)",
  },
  {
    what: 'an empty body',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'application/json',
    ...bad,
    message: /./,
  },
  {
    what: 'a body of another kind',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'x' } },
    ...bad,
    message:
      'Pod in version "v1" cannot be handled as a ImageStream: converting (v1.Pod) to (image.ImageStream): unknown conversion',
  },
  {
    what: 'a body of another group',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: { apiVersion: 'example.test/v1', kind: 'ImageStream', metadata: { name: 'x' } },
    ...bad,
    message: /ImageStream.*example\.test\/v1|example\.test\/v1.*ImageStream/,
  },
  {
    what: 'a body of another namespace',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: stream('x', { metadata: { name: 'x', namespace: 'other' } }),
    ...bad,
    message: 'the namespace of the provided object does not match the namespace sent on the request',
  },
  {
    what: 'a field of another type',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: stream('x', { spec: { tags: 'x' } }),
    ...bad,
    message:
      'ImageStream in version "v1" cannot be handled as a ImageStream: json: cannot unmarshal string into Go struct field ImageStreamSpec.spec.tags of type []v1.TagReference',
  },
  {
    what: 'an unknown field under strict validation',
    method: 'POST',
    path: `${demo}/imagestreams?fieldValidation=Strict`,
    body: stream('x', { spec: { bogus: 1 } }),
    ...bad,
    message:
      'ImageStream in version "v1" cannot be handled as a ImageStream: strict decoding error: unknown field "spec.bogus"',
  },
  {
    what: 'a field that stands twice and one that nobody knows, under strict validation',
    method: 'POST',
    path: `${demo}/imagestreams?fieldValidation=Strict`,
    type: 'application/json',
    body: '{"kind":"ImageStream","metadata":{"name":"x","name":"x"},"bogus":1}',
    ...bad,
    message:
      'ImageStream in version "v1" cannot be handled as a ImageStream: strict decoding error: duplicate field "metadata.name", unknown field "bogus"',
  },
  {
    what: 'a body above the limit',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'application/json',
    body: JSON.stringify(stream('x', { spec: { dockerImageRepository: 'x'.repeat(4 << 20) } })),
    code: 413,
    reason: 'RequestEntityTooLarge',
    message: /^Request entity too large: limit is \d+$/,
  },
  {
    what: 'a body whose type nobody reads',
    method: 'POST',
    path: `${demo}/imagestreams`,
    type: 'text/csv',
    body: 'a,b',
    code: 415,
    reason: 'UnsupportedMediaType',
    message: /^the body of the request was in an unknown format/,
  },
]

const twice = <T>(...causes: T[]): T[] => [...causes, ...causes]
const noName =
  "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"

/** Whatever is made, its namespace is asked for first. */
const homeless: BadRequest[] = [
  'ImageStream',
  'ImageStreamTag',
  'ImageTag',
  'ImageStreamMapping',
  'ImageStreamImport',
].map((kind) => ({
  what: `${kind} of a project that is not there`,
  method: 'POST',
  path: `${group}/namespaces/none/${kind.toLowerCase()}s`,
  as: 'root',
  body: { apiVersion, kind, metadata: { name: 'app:x' } },
  code: 404,
  reason: 'NotFound',
  message: 'namespaces "none" not found',
  details: { name: 'none', kind: 'namespaces' },
}))

const writes: BadRequest[] = [
  ...homeless,
  {
    what: 'another object than the one that was read',
    method: 'PUT',
    path: `${demo}/imagestreams/app`,
    body: { apiVersion, kind: 'ImageStream', metadata: { name: 'app', resourceVersion: '1', uid: 'other' } },
    code: 409,
    reason: 'Conflict',
    message:
      /^Operation cannot be fulfilled on imagestreams\.image\.openshift\.io "app": StorageError: invalid object, .*Precondition failed: UID in precondition: other, UID in object meta: [-0-9a-f]{36}$/,
    details: details('imagestreams', 'app'),
  },
  {
    what: 'a stream tag with labels of its own, and a source that is none',
    method: 'PUT',
    path: `${demo}/imagestreamtags/app:v1`,
    body: {
      apiVersion,
      kind: 'ImageStreamTag',
      metadata: { name: 'app:v1', labels: { a: 'b' } },
      tag: { from: { kind: 'DockerImage', name: 'Bad Ref' } },
    },
    code: 422,
    reason: 'Invalid',
    message:
      'ImageStreamTag.image.openshift.io "app:v1" is invalid: [tag.from.name: Invalid value: "Bad Ref": invalid reference format, metadata: Invalid value: "": may not update fields other than metadata.annotations]',
    details: {
      ...details('ImageStreamTag', 'app:v1'),
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: "Bad Ref": invalid reference format',
          field: 'tag.from.name',
        },
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: "": may not update fields other than metadata.annotations',
          field: 'metadata',
        },
      ],
    },
  },
  {
    what: 'an image tag with the uid of another',
    method: 'PUT',
    path: `${demo}/imagetags/app:new`,
    body: { apiVersion, kind: 'ImageTag', metadata: { name: 'app:new', uid: 'other' }, spec: {} },
    code: 422,
    reason: 'Invalid',
    message:
      'ImageTag.image.openshift.io "app:new" is invalid: [metadata.uid: Invalid value: "other": field is immutable, metadata: Invalid value: "": may not update fields other than spec]',
    details: {
      ...details('ImageTag', 'app:new'),
      causes: [
        ...twice({
          reason: 'FieldValueInvalid',
          message: 'Invalid value: "other": field is immutable',
          field: 'metadata.uid',
        }),
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: "": may not update fields other than spec',
          field: 'metadata',
        },
      ],
    },
  },
  {
    what: 'a label that is none, which is looked at four times',
    method: 'PATCH',
    path: `${demo}/imagestreams/app`,
    type: 'application/merge-patch+json',
    body: { metadata: { labels: { 'bad!': 'x' } } },
    code: 422,
    reason: 'Invalid',
    message: `ImageStream.image.openshift.io "app" is invalid: metadata.labels: Invalid value: "bad!": ${noName}`,
    details: {
      ...details('ImageStream', 'app'),
      causes: twice(
        ...twice({
          reason: 'FieldValueInvalid',
          message: `Invalid value: "bad!": ${noName}`,
          field: 'metadata.labels',
        }),
      ),
    },
  },
  {
    what: 'a deleted tag of another stream than was seen',
    method: 'DELETE',
    path: `${demo}/imagestreamtags/app:nope`,
    body: { kind: 'DeleteOptions', apiVersion: 'v1', preconditions: { uid: 'other' } },
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on imagestreamtags.image.openshift.io "app:nope": the UID precondition was not met',
    details: details('imagestreamtags', 'app:nope'),
  },
  {
    what: 'another name than the path has',
    method: 'PUT',
    path: `${demo}/imagestreams/app`,
    body: stream('other'),
    ...bad,
    message: 'the name of the object (other) does not match the name on the URL (app)',
  },
  {
    what: 'an update without the revision that was seen',
    method: 'PUT',
    path: `${demo}/imagestreams/app`,
    body: stream('app'),
    code: 422,
    reason: 'Invalid',
    message:
      'imagestreams.image.openshift.io "app" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
    details: {
      ...details('imagestreams', 'app'),
      causes: [
        {
          reason: 'FieldValueInvalid',
          message: 'Invalid value: 0: must be specified for an update',
          field: 'metadata.resourceVersion',
        },
      ],
    },
  },
  {
    what: 'an update that saw an older revision',
    method: 'PUT',
    path: `${demo}/imagestreams/app`,
    body: stream('app', { metadata: { name: 'app', resourceVersion: '1' } }),
    code: 409,
    reason: 'Conflict',
    message:
      'Operation cannot be fulfilled on imagestreams.image.openshift.io "app": the object has been modified; please apply your changes to the latest version and try again',
    details: details('imagestreams', 'app'),
  },
  {
    what: 'an update of what is not there',
    method: 'PUT',
    path: `${demo}/imagestreams/nope`,
    body: stream('nope'),
    code: 404,
    reason: 'NotFound',
    message: 'imagestreams.image.openshift.io "nope" not found',
    details: details('imagestreams', 'nope'),
  },
  {
    what: 'what is there already',
    method: 'POST',
    path: `${demo}/imagestreams`,
    body: stream('app'),
    code: 409,
    reason: 'AlreadyExists',
    message: 'imagestreams.image.openshift.io "app" already exists',
    details: details('imagestreams', 'app'),
  },
  {
    what: 'an image stream tag that saw an older revision',
    method: 'PUT',
    path: `${demo}/imagestreamtags/app:v1`,
    body: {
      apiVersion,
      kind: 'ImageStreamTag',
      metadata: { name: 'app:v1', resourceVersion: '1' },
      tag: { from: { kind: 'ImageStreamTag', name: 'app:v2' } },
    },
    code: 409,
    reason: 'Conflict',
    message:
      /^Operation cannot be fulfilled on imagestreamtags\.image\.openshift\.io "app:v1": another caller has updated the resource version to \d+$/,
    details: details('imagestreamtags', 'app:v1'),
  },
  {
    what: 'a deletion of another uid',
    method: 'DELETE',
    path: `${demo}/imagestreams/app`,
    body: { apiVersion: 'v1', kind: 'DeleteOptions', preconditions: { uid: 'bad' } },
    code: 409,
    reason: 'Conflict',
    message:
      /^Operation cannot be fulfilled on ImageStream\.image\.openshift\.io "app": the UID in the precondition \(bad\) does not match the UID in record \([0-9a-f-]{36}\)\. The object might have been deleted and then recreated$/,
    details: details('ImageStream', 'app'),
  },
  {
    what: 'a stream in a project that does not exist',
    method: 'POST',
    path: `${group}/namespaces/no-such/imagestreams`,
    as: 'root',
    body: stream('x'),
    code: 404,
    reason: 'NotFound',
    message: 'namespaces "no-such" not found',
    details: { name: 'no-such', kind: 'namespaces' },
  },
]

const patch = (
  what: string,
  type: string,
  body: unknown,
  answer: Omit<BadRequest, 'what' | 'path'>,
): BadRequest => ({
  what,
  method: 'PATCH',
  path: `${demo}/imagestreams/app`,
  type,
  body: typeof body === 'string' ? body : JSON.stringify(body),
  ...answer,
})
const unprocessable = {
  code: 422,
  reason: 'Invalid',
  message: 'the server rejected our request due to an error in our request',
  details: {},
}

const patches: BadRequest[] = [
  patch(
    'a strategic merge patch of another type',
    'application/strategic-merge-patch+json',
    { spec: { tags: 'x' } },
    {
      code: 422,
      reason: 'Invalid',
      message:
        ' "" is invalid: patch: Invalid value: "map[spec:map[tags:x]]": cannot restore slice from string',
      details: {
        causes: [
          {
            reason: 'FieldValueInvalid',
            message: 'Invalid value: "map[spec:map[tags:x]]": cannot restore slice from string',
            field: 'patch',
          },
        ],
      },
    },
  ),
  patch('a merge patch that is null', 'application/merge-patch+json', 'null', {
    ...bad,
    message: 'Invalid JSON Patch',
  }),
  patch(
    'a patch of no known type',
    'application/json',
    {},
    {
      code: 415,
      reason: 'UnsupportedMediaType',
      message: '415: Unsupported Media Type',
      details: {},
    },
  ),
  patch('a merge patch that is not JSON', 'application/merge-patch+json', '{bad', {
    ...bad,
    message: /invalid character 'b'/,
  }),
  patch(
    'a JSON patch that is no list',
    'application/json-patch+json',
    { op: 'add' },
    { ...bad, message: /cannot unmarshal object/ },
  ),
  patch(
    'a JSON patch whose test fails',
    'application/json-patch+json',
    [{ op: 'test', path: '/spec/lookupPolicy/local', value: 'zz' }],
    unprocessable,
  ),
  patch(
    'a JSON patch to a place that is not there',
    'application/json-patch+json',
    [{ op: 'remove', path: '/spec/nope/nope' }],
    unprocessable,
  ),
]

export const list = `${demo}/imagestreams`
const lists: BadRequest[] = [
  {
    what: 'a malformed label selector',
    path: `${list}?labelSelector=%21%21`,
    ...bad,
    message: "unable to parse requirement: found '!', expected: identifier",
  },
  {
    what: 'a field selector that is not known',
    path: `${list}?fieldSelector=spec.foo%3Dx`,
    ...bad,
    message: '"spec.foo" is not a known field selector: only "metadata.name", "metadata.namespace"',
  },
  {
    what: 'a malformed field selector',
    path: `${list}?fieldSelector=x`,
    ...bad,
    message: /invalid selector/,
  },
  {
    what: 'a malformed continue token',
    path: `${list}?limit=2&continue=zzz`,
    ...bad,
    message:
      "invalid continue token: continue key is not valid: invalid character 'Ï' looking for beginning of value",
  },
  {
    what: 'a malformed revision',
    path: `${list}?resourceVersion=abc`,
    ...bad,
    message: /abc/,
  },
  {
    what: 'a malformed revision of a watch',
    path: `${list}?watch=true&resourceVersion=abc`,
    ...bad,
    message: /abc/,
  },
  {
    what: 'a revision that has not happened',
    path: `${list}?resourceVersion=99999999`,
    code: 504,
    reason: 'Timeout',
    message: /^Timeout: Too large resource version: 99999999, current: \d+$/,
    details: {
      causes: [{ reason: 'ResourceVersionTooLarge', message: 'Too large resource version' }],
      retryAfterSeconds: 1,
    },
  },
  {
    what: 'a form that nobody writes',
    path: `${demo}/imagestreams/app`,
    accept: 'text/plain',
    code: 406,
    reason: 'NotAcceptable',
    message:
      '406: Not Acceptable\n\nAvailable representations: application/json, application/yaml, application/vnd.kubernetes.protobuf',
    details: {},
  },
]

const nowhere = {
  code: 404,
  reason: 'NotFound',
  message: 'the server could not find the requested resource',
  details: {},
}

const paths: BadRequest[] = [
  {
    what: 'the old way to watch what has no watch',
    path: `${group}/watch/namespaces/demo/imagestreamtags`,
    ...nowhere,
  },
  { what: 'a name of what can only be made', path: `${demo}/imagestreammappings/app`, ...nowhere },
  {
    what: 'a collection that nothing is made in',
    method: 'POST',
    path: `${demo}/imagestreamimages`,
    as: 'root',
    body: {},
    ...nowhere,
  },
  {
    what: 'all namespaces of what can only be made',
    path: `${group}/imagestreamimports`,
    as: 'root',
    ...nowhere,
  },
  {
    what: 'a tag of no namespace',
    method: 'POST',
    path: `${group}/imagestreamtags`,
    as: 'root',
    body: { apiVersion, kind: 'ImageStreamTag', metadata: { name: 'app:x', namespace: 'demo' } },
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  },
  {
    what: 'a timeout that is none',
    path: `${demo}/imagestreams?timeout=5`,
    ...bad,
    message: 'invalid timeout specified in the request URL - time: missing unit in duration "5"',
  },
  {
    what: 'a list of one name without the right',
    path: `${demo}/imagestreams?fieldSelector=metadata.name%3Dapp`,
    as: 'carol',
    code: 403,
    reason: 'Forbidden',
    message:
      'imagestreams.image.openshift.io "app" is forbidden: User "carol" cannot list resource "imagestreams" in API group "image.openshift.io" in the namespace "demo"',
    details: details('imagestreams', 'app'),
  },
  {
    what: 'a stream that is not there',
    path: `${demo}/imagestreams/nope`,
    code: 404,
    reason: 'NotFound',
    message: 'imagestreams.image.openshift.io "nope" not found',
    details: details('imagestreams', 'nope'),
  },
  {
    what: 'a tag of a stream that is not there: the stream is named',
    path: `${demo}/imagestreamtags/nope:v1`,
    code: 404,
    reason: 'NotFound',
    message: 'imagestreamtags.image.openshift.io "nope" not found',
    details: details('imagestreamtags', 'nope'),
  },
  {
    what: 'a tag that is not there',
    path: `${demo}/imagestreamtags/app:nope`,
    code: 404,
    reason: 'NotFound',
    message: 'imagestreamtags.image.openshift.io "app:nope" not found',
    details: details('imagestreamtags', 'app:nope'),
  },
  {
    what: 'an image stream tag without a tag',
    path: `${demo}/imagestreamtags/app`,
    ...bad,
    message: 'ImageStreamTags must be retrieved with <name>:<tag>',
  },
  {
    what: 'an image stream image without a digest',
    path: `${demo}/imagestreamimages/app`,
    ...bad,
    message: 'ImageStreamImages must be retrieved with <name>@<id>',
  },
  {
    what: 'a list of what has none',
    path: `${demo}/imagestreamimages`,
    code: 404,
    reason: 'NotFound',
    message: 'the server could not find the requested resource',
    details: {},
  },
  {
    what: 'a list of what can only be made',
    path: `${demo}/imagestreammappings`,
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'the server does not allow this method on the requested resource',
    details: {},
  },
  {
    what: 'a watch of what has none',
    path: `${demo}/imagestreamtags?watch=true`,
    code: 405,
    reason: 'MethodNotAllowed',
    message: 'watch is not supported on resources of kind "imagestreamtags.image.openshift.io"',
    details: details('imagestreamtags'),
  },
  {
    what: 'a list without the right',
    path: `${demo}/imagestreams`,
    as: 'carol',
    code: 403,
    reason: 'Forbidden',
    message:
      'imagestreams.image.openshift.io is forbidden: User "carol" cannot list resource "imagestreams" in API group "image.openshift.io" in the namespace "demo"',
    details: details('imagestreams'),
  },
  {
    what: 'a status without the right',
    method: 'PUT',
    path: `${demo}/imagestreams/app/status`,
    body: stream('app'),
    code: 403,
    reason: 'Forbidden',
    message:
      'imagestreams.image.openshift.io "app" is forbidden: User "alice" cannot update resource "imagestreams/status" in API group "image.openshift.io" in the namespace "demo"',
    details: details('imagestreams', 'app'),
  },
  {
    what: 'an image without the right',
    method: 'POST',
    path: `${group}/images`,
    body: { apiVersion, kind: 'Image', metadata: { name: 'x' } },
    code: 403,
    reason: 'Forbidden',
    message:
      'images.image.openshift.io is forbidden: User "alice" cannot create resource "images" in API group "image.openshift.io" at the cluster scope',
    details: details('images'),
  },
  {
    what: 'nobody',
    path: `${demo}/imagestreams`,
    as: '',
    code: 403,
    reason: 'Forbidden',
    message:
      'imagestreams.image.openshift.io is forbidden: User "system:anonymous" cannot list resource "imagestreams" in API group "image.openshift.io" in the namespace "demo"',
    details: details('imagestreams'),
  },
  {
    what: 'a token that nobody has',
    path: `${demo}/imagestreams`,
    as: 'nobody',
    code: 401,
    reason: 'Unauthorized',
    message: 'Unauthorized',
  },
]

const projects = '/apis/project.openshift.io/v1'
const requested = (name: string, fields = {}) => ({
  apiVersion: 'project.openshift.io/v1',
  kind: 'ProjectRequest',
  metadata: { name },
  ...fields,
})
const ofProject = (kind: string, name: string, field: string, message: string) => ({
  code: 422,
  reason: 'Invalid',
  message: `${kind}.project.openshift.io "${name}" is invalid: ${field}: ${message}`,
  details: {
    name,
    group: 'project.openshift.io',
    kind,
    causes: [{ reason: 'FieldValueInvalid', message, field }],
  },
})

const ofProjects: BadRequest[] = [
  {
    what: 'a project of one letter',
    method: 'POST',
    path: `${projects}/projectrequests`,
    body: requested('a'),
    ...ofProject(
      'ProjectRequest',
      'a',
      'metadata.name',
      'Invalid value: "a": must be at least 2 characters long',
    ),
  },
  {
    what: 'a project whose name is too long',
    method: 'POST',
    path: `${projects}/projectrequests`,
    body: requested('x'.repeat(64)),
    ...ofProject(
      'ProjectRequest',
      'x'.repeat(64),
      'metadata.name',
      `Invalid value: "${'x'.repeat(64)}": must be no more than 63 bytes`,
    ),
  },
  {
    what: 'a project with a name of two lines',
    method: 'POST',
    path: `${projects}/projectrequests`,
    body: requested('new', { displayName: 'a\nb' }),
    ...ofProject(
      'Project',
      'new',
      'metadata.annotations[openshift.io/display-name]',
      'Invalid value: "a\\nb": may not contain a new line or tab',
    ),
  },
  {
    what: 'a label that only the namespace may get',
    method: 'PATCH',
    path: `${projects}/projects/demo`,
    type: 'application/merge-patch+json',
    body: { metadata: { labels: { a: 'b' } } },
    ...ofProject(
      'Project',
      'demo',
      'metadata.labels[a]',
      'Invalid value: "b": field is immutable, try updating the namespace',
    ),
  },
  {
    what: 'another requester',
    method: 'PATCH',
    path: `${projects}/projects/demo`,
    as: 'root',
    type: 'application/merge-patch+json',
    body: { metadata: { annotations: { 'openshift.io/requester': 'mallory' } } },
    ...ofProject(
      'Project',
      'demo',
      'metadata.annotations[openshift.io/requester]',
      'Invalid value: "mallory": field is immutable, try updating the namespace',
    ),
  },
  ...['default', 'kube-system', 'openshift'].map((name) => ({
    what: `to do without the namespace ${name}`,
    method: 'DELETE',
    path: `/api/v1/namespaces/${name}`,
    as: 'root',
    code: 403,
    reason: 'Forbidden',
    message: `namespaces "${name}" is forbidden: this namespace may not be deleted`,
    details: { name, kind: 'namespaces' },
  })),
]

export const badRequests = { bodies, writes, patches, lists, paths, ofProjects }
