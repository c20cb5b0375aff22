import { always, goString, omit, pointer, type Static } from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.core.v1')

export const objectReferenceSchema = struct(
  'ObjectReference',
  {
    name: omit(goString({ description: 'Name of the object.' })),
    kind: omit(goString({ description: 'Kind of the object.' })),
    apiVersion: omit(goString({ description: 'API version of the object.' })),
    fieldPath: omit(goString({ description: 'Part of the object.' })),
    namespace: omit(goString({ description: 'Namespace of the object.' })),
    resourceVersion: omit(goString({ description: 'Version of the object.' })),
    uid: omit(goString({ description: 'UID of the object.' })),
  },
  { 'x-kubernetes-map-type': 'atomic', description: 'Names another object.' },
)
export type ObjectReference = Static<typeof objectReferenceSchema>

export const localObjectReferenceSchema = struct(
  'LocalObjectReference',
  {
    name: omit(goString({ description: 'Name of the object.' })),
  },
  { 'x-kubernetes-map-type': 'atomic', description: 'Names an object of the same namespace.' },
)
export type LocalObjectReference = Static<typeof localObjectReferenceSchema>

export const typedLocalObjectReferenceSchema = struct(
  'TypedLocalObjectReference',
  {
    name: always(goString()),
    kind: always(goString()),
    apiGroup: pointer(goString()),
  },
  { 'x-kubernetes-map-type': 'atomic' },
)

export const typedObjectReferenceSchema = struct('TypedObjectReference', {
  name: always(goString()),
  kind: always(goString()),
  apiGroup: pointer(goString()),
  namespace: pointer(goString()),
})
