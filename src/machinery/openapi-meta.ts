import { listMetaSchema } from './meta-schema.ts'
import { always, atomic, goBool, goString, int32, list, omit, pointer, raw, struct } from './schema.ts'

/** Types of `k8s.io/apimachinery` that the API's paths speak of, beyond those that kinds are built from. */

export const metaPackage = 'io.k8s.apimachinery.pkg.apis.meta.v1'
const corePackage = 'io.k8s.api.core.v1'

/** Package of Go structs that many packages use under their short name. */
export const wellKnownPackages: Readonly<Record<string, string>> = {
  APIResource: metaPackage,
  APIResourceList: metaPackage,
  Condition: metaPackage,
  DeleteOptions: metaPackage,
  LabelSelector: metaPackage,
  LabelSelectorRequirement: metaPackage,
  ListMeta: metaPackage,
  LocalObjectReference: corePackage,
  ManagedFieldsEntry: metaPackage,
  ObjectMeta: metaPackage,
  ObjectReference: corePackage,
  OwnerReference: metaPackage,
  Preconditions: metaPackage,
  Secret: corePackage,
  Status: metaPackage,
  StatusCause: metaPackage,
  StatusDetails: metaPackage,
  WatchEvent: metaPackage,
}

const typeMeta = {
  apiVersion: omit(goString({ description: 'Group and version of the object.' })),
  kind: omit(goString({ description: 'Kind of the object.' })),
}

const apiResource = struct(
  'APIResource',
  {
    name: always(goString()),
    singularName: always(goString()),
    namespaced: always(goBool()),
    group: omit(goString()),
    version: omit(goString()),
    kind: always(goString()),
    verbs: always(list(goString())),
    shortNames: omit(list(goString(), atomic)),
    categories: omit(list(goString(), atomic)),
    storageVersionHash: omit(goString()),
  },
  { description: 'One resource or subresource of a group version.' },
)

export const apiResourceListSchema = struct(
  'APIResourceList',
  { ...typeMeta, groupVersion: always(goString()), resources: always(list(apiResource, atomic)) },
  { description: 'What a group version serves.' },
)

const statusCause = struct('StatusCause', {
  field: omit(goString()),
  message: omit(goString()),
  reason: omit(goString()),
})

const statusDetails = struct('StatusDetails', {
  causes: omit(list(statusCause, atomic)),
  group: omit(goString()),
  kind: omit(goString()),
  name: omit(goString()),
  retryAfterSeconds: omit(int32()),
  uid: omit(goString()),
})

export const statusSchema = struct(
  'Status',
  {
    ...typeMeta,
    code: omit(int32({ description: 'HTTP status code.' })),
    details: pointer(statusDetails, { description: 'What it is about.' }),
    message: omit(goString({ description: 'What happened, for people.' })),
    metadata: always(listMetaSchema),
    reason: omit(goString({ description: 'What happened, in one word.' })),
    status: omit(goString({ description: 'Success or Failure.' })),
  },
  { description: 'The answer where no object is: an error, or the success of a deletion.' },
)

export const watchEventSchema = struct(
  'WatchEvent',
  { object: always(raw()), type: always(goString()) },
  { description: 'One line of a watch.' },
)

/** Types that are no structs, by the name that schemas refer to them. */
export const plainTypes: Readonly<Record<string, Record<string, unknown>>> = {
  [`${metaPackage}.FieldsV1`]: { type: 'object', description: 'A set of fields, as a tree.' },
  [`${metaPackage}.MicroTime`]: {
    type: 'string',
    format: 'date-time',
    description: 'A time with microseconds.',
  },
  [`${metaPackage}.Patch`]: {
    type: 'object',
    description: 'A change to an object, in the form of its media type.',
  },
  [`${metaPackage}.Time`]: { type: 'string', format: 'date-time', description: 'A time, RFC 3339.' },
  'io.k8s.apimachinery.pkg.api.resource.Quantity': {
    type: 'string',
    description: 'A number with an optional suffix, such as 500m, 2 or 1Gi.',
  },
  'io.k8s.apimachinery.pkg.runtime.RawExtension': { type: 'object', description: 'Any object.' },
  'io.k8s.apimachinery.pkg.util.intstr.IntOrString': {
    type: 'string',
    format: 'int-or-string',
    description: 'A number, or text such as a percentage or a name.',
  },
}

export const plainTypeNames = {
  fieldsV1: `${metaPackage}.FieldsV1`,
  microTime: `${metaPackage}.MicroTime`,
  patch: `${metaPackage}.Patch`,
  time: `${metaPackage}.Time`,
  quantity: 'io.k8s.apimachinery.pkg.api.resource.Quantity',
  rawExtension: 'io.k8s.apimachinery.pkg.runtime.RawExtension',
  intOrString: 'io.k8s.apimachinery.pkg.util.intstr.IntOrString',
} as const

/** What properties say that many structs have, where they say nothing themselves. */
export const commonDescriptions: Readonly<Record<string, string>> = {
  apiVersion: 'Group and version of the object.',
  kind: 'Kind of the object.',
  metadata: 'Name, labels and the like.',
}

/** Descriptions of the meta types, by struct and property. */
export const metaDescriptions: Readonly<Record<string, string>> = {
  'DeleteOptions.dryRun': "'All' goes through every step but deletion.",
  'DeleteOptions.gracePeriodSeconds': 'Seconds that the object has to end.',
  'DeleteOptions.preconditions': 'What must hold for the object to be deleted.',
  'DeleteOptions.propagationPolicy': "What happens to dependents: 'Orphan', 'Background' or 'Foreground'.",
  'LabelSelector.matchExpressions': 'Conditions on labels. All must hold.',
  'LabelSelector.matchLabels': 'Labels with their values. All must be there.',
  'LabelSelectorRequirement.key': 'Key of the label.',
  'LabelSelectorRequirement.operator': 'In, NotIn, Exists or DoesNotExist.',
  'LabelSelectorRequirement.values': 'Values for In and NotIn.',
  'ListMeta.continue': 'Where the next page starts; empty on the last.',
  'ListMeta.remainingItemCount': 'How many objects are on later pages.',
  'ListMeta.resourceVersion': 'State that the list shows.',
  'ObjectMeta.annotations': 'Remarks for programs and people. Nothing is selected by them.',
  'ObjectMeta.creationTimestamp': 'When the object was made. Set by the server.',
  'ObjectMeta.deletionGracePeriodSeconds': 'Seconds that the object has to end once it is being deleted.',
  'ObjectMeta.deletionTimestamp': 'When the object will be gone, if it is being deleted. Set by the server.',
  'ObjectMeta.finalizers': 'Who must still clear up before the object may go.',
  'ObjectMeta.generateName': 'Start of a name that the server completes, where no name is given.',
  'ObjectMeta.generation': 'Counts changes of what the object should be. Set by the server.',
  'ObjectMeta.labels': 'Keys and values by which objects are selected.',
  'ObjectMeta.managedFields': 'Who last set which field. Kept by the server.',
  'ObjectMeta.name': 'Name of the object, unique among its kind in its namespace.',
  'ObjectMeta.namespace': 'Namespace that the object lives in.',
  'ObjectMeta.ownerReferences': 'Objects that this one depends on: it goes when all of them are gone.',
  'ObjectMeta.resourceVersion':
    'Version of the object. Give it back unchanged, to write only if nobody else has.',
  'ObjectMeta.uid': 'Tells the object from others that have had the same name. Set by the server.',
  'OwnerReference.blockOwnerDeletion': 'Whether the owner waits for this object.',
  'OwnerReference.controller': 'Whether the owner manages this object.',
}
