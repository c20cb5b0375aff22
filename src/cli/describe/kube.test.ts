import assert from 'node:assert/strict'
import { it } from 'node:test'
import type { Rest } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { describeKube } from './kube.ts'

const now = new Date('2026-01-01T00:10:00Z')

/** Describes an object, with lists answered by their plural. */
function described(type: string, kind: string, object: object, lists: Record<string, object[]> = {}) {
  const rest = {
    json: async ({ path }: { path: string }) => ({ items: lists[path.split('/').at(-1) ?? ''] ?? [] }),
  } as unknown as Rest
  const resource = { kind, plural: type } as Parameters<typeof describeKube>[1]['resource']
  const whole = { metadata: { name: 'x', namespace: 'demo' }, ...object } as KubeObject
  return describeKube(type, {
    rest,
    resource,
    object: whole,
    again: async () => whole,
    now,
    showEvents: true,
  })
}

const head = `Name:         x
Namespace:    demo
Labels:       <none>
Annotations:  <none>
`

it('shows how long the values of a secret are', async () => {
  const data = { b: 'YWI=', a: 'YQ==' }
  assert.equal(
    await described('secrets', 'Secret', { type: 'Opaque', data }),
    `${head}
Type:  Opaque

Data
====
a:  1 bytes
b:  2 bytes
`,
  )
})

it('shows a config map with its events', async () => {
  const events = [
    {
      type: 'Normal',
      reason: 'Made',
      message: 'text ',
      source: { component: 'c' },
      count: 1,
      firstTimestamp: '2026-01-01T00:09:30Z',
    },
  ]
  assert.equal(
    await described('configmaps', 'ConfigMap', { data: { a: 'b' } }, { events }),
    `${head}
Data
====
a:
----
b


BinaryData
====

Events:
  Type    Reason  Age   From  Message
  ----    ------  ----  ----  -------
  Normal  Made    30s   c     text
`,
  )
})

it('marks secrets of a service account that are not there', async () => {
  const account = { imagePullSecrets: [{ name: 'pull' }], secrets: [{ name: 'gone' }] }
  const secrets = [{ metadata: { name: 'pull' }, type: 'kubernetes.io/dockercfg' }]
  assert.equal(
    await described('serviceaccounts', 'ServiceAccount', account, { secrets }),
    `Name:                x
Namespace:           demo
Labels:              <none>
Annotations:         <none>
Image pull secrets:  pull
Mountable secrets:   gone (not found)
Tokens:              <none>
Events:              <none>
`,
  )
})

it('takes the rules of a role apart', async () => {
  const rules = [
    { apiGroups: ['', 'image.openshift.io'], resources: ['imagestreams/layers'], verbs: ['get'] },
    { apiGroups: [''], resources: ['imagestreams/layers'], verbs: ['update'] },
  ]
  assert.equal(
    await described('roles.rbac.authorization.k8s.io', 'Role', { rules }),
    `Name:         x
Labels:       <none>
Annotations:  <none>
PolicyRule:
  Resources                               Non-Resource URLs  Resource Names  Verbs
  ---------                               -----------------  --------------  -----
  imagestreams/layers                     []                 []              [get update]
  imagestreams.image.openshift.io/layers  []                 []              [get]
`,
  )
})

it('shows a deployment with its pod template', async () => {
  const container = {
    name: 'web',
    image: 'w:1',
    ports: [{ containerPort: 80 }],
    env: [
      { name: 'A', value: 'b' },
      { name: 'S', valueFrom: { secretKeyRef: { name: 's', key: 'k' } } },
    ],
    volumeMounts: [{ name: 'v', mountPath: '/v', readOnly: true }],
  }
  const object = {
    metadata: { name: 'x', namespace: 'demo', creationTimestamp: '2026-01-01T00:00:00Z' },
    spec: {
      replicas: 2,
      selector: { matchLabels: { app: 'x' } },
      strategy: { type: 'RollingUpdate', rollingUpdate: { maxUnavailable: '25%', maxSurge: 1 } },
      template: {
        metadata: { labels: { app: 'x' } },
        spec: { containers: [container], volumes: [{ name: 'v', emptyDir: {} }] },
      },
    },
  }
  assert.equal(
    await described('deployments.apps', 'Deployment', object),
    `Name:                   x
Namespace:              demo
CreationTimestamp:      Thu, 01 Jan 2026 00:00:00 +0000
Labels:                 <none>
Annotations:            <none>
Selector:               app=x
Replicas:               2 desired | 0 updated | 0 total | 0 available | 0 unavailable
StrategyType:           RollingUpdate
MinReadySeconds:        0
RollingUpdateStrategy:  25% max unavailable, 1 max surge
Pod Template:
  Labels:  app=x
  Containers:
   web:
    Image:      w:1
    Port:       80/TCP
    Host Port:  0/TCP
    Environment:
      A:  b
      S:  <set to the key 'k' in secret 's'>  Optional: false
    Mounts:
      /v from v (ro)
  Volumes:
   v:
    Type:          EmptyDir (a temporary directory that shares a pod's lifetime)
    Medium:        
    SizeLimit:     <unset>
  Node-Selectors:  <none>
  Tolerations:     <none>
Events:            <none>
`,
  )
})

it('shows limits of images', async () => {
  const spec = { limits: [{ type: 'openshift.io/Image', max: { storage: '1Gi' } }] }
  assert.equal(
    await described('limitranges', 'LimitRange', { spec }),
    `Name:               x
Namespace:          demo
Type                Resource  Min  Max  Default Request  Default Limit  Max Limit/Request Ratio
----                --------  ---  ---  ---------------  -------------  -----------------------
openshift.io/Image  storage   -    1Gi  -                -              -
`,
  )
})
