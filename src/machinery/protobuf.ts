import protobuf from 'protobufjs/minimal.js'
import { ApiError, badRequest, quote } from './errors.ts'
import { hasMessage, readMessage, UnknownFieldError, writeMessage } from './protobuf-codec.ts'

/**
 * Kubernetes protobuf: the four bytes `k8s\0`, then a `runtime.Unknown` that names group version and kind and holds the
 * object's message (Kubernetes API concepts, "Protobuf encoding"). Only the kinds of cli.md §20.2 are known.
 */

const magic = [0x6b, 0x38, 0x73, 0x00]

/** Messages by name are unique but for these, which are other kinds in other groups. */
const groups: Readonly<Record<string, readonly string[]>> = {
  v1: ['ConfigMap', 'Namespace', 'ResourceQuota', 'Secret', 'ServiceAccount', 'Status'],
  'apps/v1': ['Deployment'],
  'batch/v1': ['CronJob', 'Job'],
  'rbac.authorization.k8s.io/v1': ['ClusterRole', 'ClusterRoleBinding', 'Role', 'RoleBinding'],
  'authentication.k8s.io/v1': ['SelfSubjectReview', 'TokenRequest', 'TokenReview'],
  'authorization.k8s.io/v1': [
    'LocalSubjectAccessReview',
    'SelfSubjectAccessReview',
    'SelfSubjectRulesReview',
    'SubjectAccessReview',
  ],
  'image.openshift.io/v1': ['ImageStream'],
}

export interface ProtobufObject {
  apiVersion: string
  kind: string
}

/** Message of a kind; DeleteOptions come with the group version of whatever is deleted. */
function messageName(apiVersion: string, kind: string): string | undefined {
  if (kind === 'DeleteOptions') return kind
  return groups[apiVersion]?.includes(kind) && hasMessage(kind) ? kind : undefined
}

export function isProtobuf(bytes: Uint8Array): boolean {
  return magic.every((byte, i) => bytes[i] === byte)
}

interface Envelope {
  apiVersion: string
  kind: string
  raw: Uint8Array
}

function readEnvelope(bytes: Uint8Array): Envelope {
  const reader = protobuf.Reader.create(bytes.subarray(magic.length))
  const envelope: Envelope = { apiVersion: '', kind: '', raw: new Uint8Array() }
  while (reader.pos < reader.len) {
    const tag = reader.uint32()
    if (tag === 10) {
      const end = reader.uint32() + reader.pos
      while (reader.pos < end) {
        const inner = reader.uint32()
        if (inner === 10) envelope.apiVersion = reader.string()
        else if (inner === 18) envelope.kind = reader.string()
        else reader.skipType(inner & 7)
      }
    } else if (tag === 18) envelope.raw = reader.bytes()
    else reader.skipType(tag & 7)
  }
  return envelope
}

/**
 * The body as the JSON form of the same object, `apiVersion` and `kind` from the envelope. BadRequest for broken bytes;
 * 415 for a kind, or a part of a pod, that can only be sent as JSON.
 */
export function decodeProtobuf(bytes: Uint8Array): ProtobufObject & Record<string, unknown> {
  if (!isProtobuf(bytes)) {
    throw badRequest(
      `provided data does not appear to be a protobuf message, expected prefix [${magic.join(' ')}]`,
    )
  }
  try {
    const { apiVersion, kind, raw } = readEnvelope(bytes)
    const message = messageName(apiVersion, kind)
    if (message === undefined) throw onlyJson(`${kind} of ${apiVersion}`)
    return { apiVersion, kind, ...readMessage(message, protobuf.Reader.create(raw)) }
  } catch (error) {
    if (error instanceof ApiError) throw error
    if (error instanceof UnknownFieldError) throw onlyJson(error.message)
    throw badRequest(`unable to decode the protobuf body: ${quote((error as Error).message)}`)
  }
}

function onlyJson(what: string): ApiError {
  return new ApiError(
    415,
    'UnsupportedMediaType',
    `${what} can't be sent as application/vnd.kubernetes.protobuf here; send application/json`,
  )
}

/** Kinds that are known in part would lose fields. */
const decodedOnly = new Set(['CronJob', 'Deployment', 'Job'])

/** The kind, or the kind of the list's items, that a message is known for. */
function encodedMessage(apiVersion: string, kind: string): string | undefined {
  const message = messageName(apiVersion, kind) ?? messageName(apiVersion, kind.replace(/List$/, ''))
  return message === undefined || decodedOnly.has(message) ? undefined : message
}

/** Can `encodeProtobuf` print this kind, or a list of it? */
export function hasProtobuf(apiVersion: string, kind: string): boolean {
  return encodedMessage(apiVersion, kind) !== undefined
}

/** undefined for a kind that has no whole protobuf form here. The object must be canonical. */
export function encodeProtobuf(object: { apiVersion?: string; kind?: string }): Uint8Array | undefined {
  const { apiVersion = '', kind = '', ...fields } = object
  const message = encodedMessage(apiVersion, kind)
  if (message === undefined) return undefined
  const writer = protobuf.Writer.create()
  writer.uint32(10).fork()
  writer.uint32(10).string(apiVersion).uint32(18).string(kind)
  writer.ldelim()
  writer.uint32(18).fork()
  if (message === kind) writeMessage(message, fields, writer)
  else writeList(message, fields, writer)
  writer.ldelim()
  // contentEncoding and contentType, which Go always writes.
  writer.uint32(26).string('').uint32(34).string('')
  const body = writer.finish()
  const out = new Uint8Array(magic.length + body.length)
  out.set(magic)
  out.set(body, magic.length)
  return out
}

function writeList(
  item: string,
  list: { metadata?: unknown; items?: unknown },
  writer: protobuf.Writer,
): void {
  writer.uint32(10).fork()
  writeMessage('ListMeta', (list.metadata ?? {}) as Record<string, unknown>, writer)
  writer.ldelim()
  for (const element of (list.items ?? []) as Record<string, unknown>[]) {
    writer.uint32(18).fork()
    writeMessage(item, element, writer)
    writer.ldelim()
  }
}
