import { objectSchema } from '../../machinery/meta-schema.ts'
import {
  always,
  atomic,
  goString,
  int64,
  list,
  omit,
  orNull,
  pointer,
  type Static,
  time,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.authentication.v1')

export const boundObjectReferenceSchema = struct('BoundObjectReference', {
  name: omit(goString()),
  kind: omit(goString()),
  apiVersion: omit(goString()),
  uid: omit(goString()),
})
export type BoundObjectReference = Static<typeof boundObjectReferenceSchema>

export const tokenRequestSpecSchema = struct('TokenRequestSpec', {
  audiences: omit(
    list(goString(), { ...atomic, description: 'Who should accept the token; the API server if left out.' }),
  ),
  boundObjectRef: orNull(boundObjectReferenceSchema, { mandatory: false }),
  expirationSeconds: orNull(int64({ mandatory: false, description: 'Seconds that the token should live.' })),
})
export type TokenRequestSpec = Static<typeof tokenRequestSpecSchema>

export const tokenRequestStatusSchema = struct('TokenRequestStatus', {
  expirationTimestamp: pointer(time({ description: 'When it ends.' })),
  token: omit(goString({ description: 'The token.' })),
})
export type TokenRequestStatus = Static<typeof tokenRequestStatusSchema>

export const tokenRequestSchema = objectSchema(
  'TokenRequest',
  {
    spec: pointer(tokenRequestSpecSchema, { description: 'What the token should be good for.' }),
    status: always(tokenRequestStatusSchema, { mandatory: false, description: 'The token.' }),
  },
  {
    schemaName: 'io.k8s.api.authentication.v1.TokenRequest',
    description: 'Asks for a token of a service account.',
  },
)
export type TokenRequest = Static<typeof tokenRequestSchema>
