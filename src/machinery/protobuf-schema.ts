/**
 * Field numbers of Kubernetes' protobuf messages (the `generated.proto` files of k8s.io/api, k8s.io/apimachinery and
 * openshift/api), for the kinds that clients send or ask for in protobuf (cli.md §20.2).
 *
 * A field is `'<number> <type>'`: `T[]` is repeated, `T{}` a map with string keys, `T?` a Go pointer, which is on the wire
 * only when set (other fields always are). A name that starts with `...` is a struct that JSON inlines.
 */
export type MessageSchema = Readonly<Record<string, string>>

const listMeta: MessageSchema = {
  selfLink: '1 string',
  resourceVersion: '2 string',
  continue: '3 string',
  remainingItemCount: '4 int64?',
}

const meta = {
  ListMeta: listMeta,
  ObjectMeta: {
    name: '1 string',
    generateName: '2 string',
    namespace: '3 string',
    selfLink: '4 string',
    uid: '5 string',
    resourceVersion: '6 string',
    generation: '7 int64',
    creationTimestamp: '8 Time',
    deletionTimestamp: '9 Time?',
    deletionGracePeriodSeconds: '10 int64?',
    labels: '11 string{}',
    annotations: '12 string{}',
    ownerReferences: '13 OwnerReference[]',
    finalizers: '14 string[]',
    managedFields: '17 ManagedFieldsEntry[]',
  },
  OwnerReference: {
    kind: '1 string',
    name: '3 string',
    uid: '4 string',
    apiVersion: '5 string',
    controller: '6 bool?',
    blockOwnerDeletion: '7 bool?',
  },
  ManagedFieldsEntry: {
    manager: '1 string',
    operation: '2 string',
    apiVersion: '3 string',
    time: '4 Time?',
    fieldsType: '6 string',
    fieldsV1: '7 FieldsV1?',
    subresource: '8 string',
  },
  LabelSelector: { matchLabels: '1 string{}', matchExpressions: '2 LabelSelectorRequirement[]' },
  LabelSelectorRequirement: { key: '1 string', operator: '2 string', values: '3 string[]' },
  FieldSelectorRequirement: { key: '1 string', operator: '2 string', values: '3 string[]' },
  Condition: {
    type: '1 string',
    status: '2 string',
    observedGeneration: '3 int64',
    lastTransitionTime: '4 Time',
    reason: '5 string',
    message: '6 string',
  },
  DeleteOptions: {
    gracePeriodSeconds: '1 int64?',
    preconditions: '2 Preconditions?',
    orphanDependents: '3 bool?',
    propagationPolicy: '4 string?',
    dryRun: '5 string[]',
    ignoreStoreReadErrorWithClusterBreakingPotential: '6 bool?',
  },
  Preconditions: { uid: '1 string?', resourceVersion: '2 string?' },
  Status: {
    metadata: '1 ListMeta',
    status: '2 string',
    message: '3 string',
    reason: '4 string',
    details: '5 StatusDetails?',
    code: '6 int32',
  },
  StatusDetails: {
    name: '1 string',
    group: '2 string',
    kind: '3 string',
    causes: '4 StatusCause[]',
    retryAfterSeconds: '5 int32',
    uid: '6 string',
  },
  StatusCause: { reason: '1 string', message: '2 string', field: '3 string' },
} satisfies Record<string, MessageSchema>

const core = {
  ObjectReference: {
    kind: '1 string',
    namespace: '2 string',
    name: '3 string',
    uid: '4 string',
    apiVersion: '5 string',
    resourceVersion: '6 string',
    fieldPath: '7 string',
  },
  LocalObjectReference: { name: '1 string' },
  Secret: {
    metadata: '1 ObjectMeta',
    data: '2 bytes{}',
    type: '3 string',
    stringData: '4 string{}',
    immutable: '5 bool?',
  },
  ConfigMap: {
    metadata: '1 ObjectMeta',
    data: '2 string{}',
    binaryData: '3 bytes{}',
    immutable: '4 bool?',
  },
  ServiceAccount: {
    metadata: '1 ObjectMeta',
    secrets: '2 ObjectReference[]',
    imagePullSecrets: '3 LocalObjectReference[]',
    automountServiceAccountToken: '4 bool?',
  },
  Namespace: { metadata: '1 ObjectMeta', spec: '2 NamespaceSpec', status: '3 NamespaceStatus' },
  NamespaceSpec: { finalizers: '1 string[]' },
  NamespaceStatus: { phase: '1 string', conditions: '2 NamespaceCondition[]' },
  NamespaceCondition: {
    type: '1 string',
    status: '2 string',
    lastTransitionTime: '4 Time',
    reason: '5 string',
    message: '6 string',
  },
  ResourceQuota: { metadata: '1 ObjectMeta', spec: '2 ResourceQuotaSpec', status: '3 ResourceQuotaStatus' },
  ResourceQuotaSpec: { hard: '1 Quantity{}', scopes: '2 string[]', scopeSelector: '3 ScopeSelector?' },
  ResourceQuotaStatus: { hard: '1 Quantity{}', used: '2 Quantity{}' },
  ScopeSelector: { matchExpressions: '1 ScopedResourceSelectorRequirement[]' },
  ScopedResourceSelectorRequirement: { scopeName: '1 string', operator: '2 string', values: '3 string[]' },
} satisfies Record<string, MessageSchema>

const rbac = {
  Role: { metadata: '1 ObjectMeta', rules: '2 PolicyRule[]' },
  ClusterRole: {
    metadata: '1 ObjectMeta',
    rules: '2 PolicyRule[]',
    aggregationRule: '3 AggregationRule?',
  },
  AggregationRule: { clusterRoleSelectors: '1 LabelSelector[]' },
  PolicyRule: {
    verbs: '1 string[]',
    apiGroups: '2 string[]',
    resources: '3 string[]',
    resourceNames: '4 string[]',
    nonResourceURLs: '5 string[]',
  },
  RoleBinding: { metadata: '1 ObjectMeta', subjects: '2 Subject[]', roleRef: '3 RoleRef' },
  ClusterRoleBinding: { metadata: '1 ObjectMeta', subjects: '2 Subject[]', roleRef: '3 RoleRef' },
  Subject: { kind: '1 string', apiGroup: '2 string', name: '3 string', namespace: '4 string' },
  RoleRef: { apiGroup: '1 string', kind: '2 string', name: '3 string' },
} satisfies Record<string, MessageSchema>

const reviews = {
  UserInfo: { username: '1 string', uid: '2 string', groups: '3 string[]', extra: '4 Strings{}' },
  SelfSubjectReview: { metadata: '1 ObjectMeta', status: '2 SelfSubjectReviewStatus' },
  SelfSubjectReviewStatus: { userInfo: '1 UserInfo' },
  TokenRequest: { metadata: '1 ObjectMeta', spec: '2 TokenRequestSpec', status: '3 TokenRequestStatus' },
  TokenRequestSpec: {
    audiences: '1 string[]',
    boundObjectRef: '3 BoundObjectReference?',
    expirationSeconds: '4 int64?',
  },
  BoundObjectReference: { kind: '1 string', apiVersion: '2 string', name: '3 string', uid: '4 string' },
  TokenRequestStatus: { token: '1 string', expirationTimestamp: '2 Time' },
  TokenReview: { metadata: '1 ObjectMeta', spec: '2 TokenReviewSpec', status: '3 TokenReviewStatus' },
  TokenReviewSpec: { token: '1 string', audiences: '2 string[]' },
  TokenReviewStatus: {
    authenticated: '1 bool',
    user: '2 UserInfo',
    error: '3 string',
    audiences: '4 string[]',
  },
  SelfSubjectAccessReview: {
    metadata: '1 ObjectMeta',
    spec: '2 SelfSubjectAccessReviewSpec',
    status: '3 SubjectAccessReviewStatus',
  },
  SelfSubjectAccessReviewSpec: {
    resourceAttributes: '1 ResourceAttributes?',
    nonResourceAttributes: '2 NonResourceAttributes?',
  },
  SubjectAccessReview: {
    metadata: '1 ObjectMeta',
    spec: '2 SubjectAccessReviewSpec',
    status: '3 SubjectAccessReviewStatus',
  },
  LocalSubjectAccessReview: {
    metadata: '1 ObjectMeta',
    spec: '2 SubjectAccessReviewSpec',
    status: '3 SubjectAccessReviewStatus',
  },
  SubjectAccessReviewSpec: {
    resourceAttributes: '1 ResourceAttributes?',
    nonResourceAttributes: '2 NonResourceAttributes?',
    user: '3 string',
    groups: '4 string[]',
    extra: '5 Strings{}',
    uid: '6 string',
  },
  SubjectAccessReviewStatus: {
    allowed: '1 bool',
    reason: '2 string',
    evaluationError: '3 string',
    denied: '4 bool',
  },
  ResourceAttributes: {
    namespace: '1 string',
    verb: '2 string',
    group: '3 string',
    version: '4 string',
    resource: '5 string',
    subresource: '6 string',
    name: '7 string',
    fieldSelector: '8 FieldSelectorAttributes?',
    labelSelector: '9 LabelSelectorAttributes?',
  },
  FieldSelectorAttributes: { rawSelector: '1 string', requirements: '2 FieldSelectorRequirement[]' },
  LabelSelectorAttributes: { rawSelector: '1 string', requirements: '2 LabelSelectorRequirement[]' },
  NonResourceAttributes: { path: '1 string', verb: '2 string' },
  SelfSubjectRulesReview: {
    metadata: '1 ObjectMeta',
    spec: '2 SelfSubjectRulesReviewSpec',
    status: '3 SubjectRulesReviewStatus',
  },
  SelfSubjectRulesReviewSpec: { namespace: '1 string' },
  SubjectRulesReviewStatus: {
    resourceRules: '1 ResourceRule[]',
    nonResourceRules: '2 NonResourceRule[]',
    incomplete: '3 bool',
    evaluationError: '4 string',
  },
  ResourceRule: {
    verbs: '1 string[]',
    apiGroups: '2 string[]',
    resources: '3 string[]',
    resourceNames: '4 string[]',
  },
  NonResourceRule: { verbs: '1 string[]', nonResourceURLs: '2 string[]' },
} satisfies Record<string, MessageSchema>

const image = {
  ImageStream: { metadata: '1 ObjectMeta', spec: '2 ImageStreamSpec', status: '3 ImageStreamStatus' },
  ImageStreamSpec: {
    dockerImageRepository: '1 string',
    tags: '2 TagReference[]',
    lookupPolicy: '3 ImageLookupPolicy',
  },
  ImageLookupPolicy: { local: '3 bool' },
  TagReference: {
    name: '1 string',
    annotations: '2 string{}',
    from: '3 ObjectReference?',
    reference: '4 bool',
    generation: '5 int64?',
    importPolicy: '6 TagImportPolicy',
    referencePolicy: '7 TagReferencePolicy',
  },
  TagImportPolicy: { insecure: '1 bool', scheduled: '2 bool', importMode: '3 string' },
  TagReferencePolicy: { type: '1 string' },
  ImageStreamStatus: {
    dockerImageRepository: '1 string',
    tags: '2 NamedTagEventList[]',
    publicDockerImageRepository: '3 string',
  },
  NamedTagEventList: { tag: '1 string', items: '2 TagEvent[]', conditions: '3 TagEventCondition[]' },
  TagEvent: {
    created: '1 Time',
    dockerImageReference: '2 string',
    image: '3 string',
    generation: '4 int64',
  },
  TagEventCondition: {
    type: '1 string',
    status: '2 string',
    lastTransitionTime: '3 Time',
    reason: '4 string',
    message: '5 string',
    generation: '6 int64',
  },
} satisfies Record<string, MessageSchema>

export const coreMessages: Readonly<Record<string, MessageSchema>> = {
  ...meta,
  ...core,
  ...rbac,
  ...reviews,
  ...image,
}
