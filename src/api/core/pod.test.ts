import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { cellsOf, createObject, errorTexts, updateObject } from '../common/write-object.ts'
import { pods } from './pod.ts'
import { withServiceAccount } from './pod-admission.ts'

const body = (spec: object) => ({ metadata: { name: 'p', namespace: 'demo' }, spec })
const create = (spec: object) => createObject(pods, body(spec))
const web = { name: 'web', image: 'nginx' }

describe('pods', () => {
  it('fills in what Kubernetes fills in', () => {
    const { object, errors } = create({ containers: [web] })
    assert.deepEqual(errors, [])
    assert.deepEqual(object.status, { phase: 'Pending', qosClass: 'BestEffort' })
    const { tolerations, ...spec } = object.spec
    assert.equal(tolerations?.length, 2)
    assert.deepEqual(spec, {
      containers: [
        {
          ...web,
          resources: {},
          terminationMessagePath: '/dev/termination-log',
          terminationMessagePolicy: 'File',
          imagePullPolicy: 'Always',
        },
      ],
      restartPolicy: 'Always',
      terminationGracePeriodSeconds: 30,
      dnsPolicy: 'ClusterFirst',
      serviceAccountName: 'default',
      serviceAccount: 'default',
      securityContext: {},
      schedulerName: 'default-scheduler',
      enableServiceLinks: true,
      priority: 0,
      preemptionPolicy: 'PreemptLowerPriority',
    })
  })

  it('pulls always where the tag is latest or left out', () => {
    const policy = (image: string) =>
      create({ containers: [{ name: 'a', image }] }).object.spec.containers[0]?.imagePullPolicy
    assert.equal(policy('nginx'), 'Always')
    assert.equal(policy('host:5000/nginx'), 'Always')
    assert.equal(policy('nginx:latest'), 'Always')
    assert.equal(policy('nginx:1'), 'IfNotPresent')
    assert.equal(policy(`nginx@sha256:${'0'.repeat(64)}`), 'IfNotPresent')
  })

  it('completes probes, ports, fields of the pod and volumes', () => {
    const { spec } = create({
      containers: [
        {
          ...web,
          ports: [{ containerPort: 80 }],
          readinessProbe: { httpGet: { port: 80 } },
          env: [{ name: 'N', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
          resources: { limits: { cpu: '1' } },
        },
      ],
      volumes: [{ name: 'tmp' }, { name: 's', secret: { secretName: 'x' } }],
    }).object
    const [container] = spec.containers
    assert.equal(container?.ports?.[0]?.protocol, 'TCP')
    assert.deepEqual(container?.readinessProbe, {
      httpGet: { port: 80, path: '/', scheme: 'HTTP' },
      timeoutSeconds: 1,
      periodSeconds: 10,
      successThreshold: 1,
      failureThreshold: 3,
    })
    assert.equal(container?.env?.[0]?.valueFrom?.fieldRef?.apiVersion, 'v1')
    assert.deepEqual(container?.resources, { limits: { cpu: '1' }, requests: { cpu: '1' } })
    assert.deepEqual(spec.volumes, [
      { name: 'tmp', emptyDir: {} },
      { name: 's', secret: { secretName: 'x', defaultMode: 420 } },
    ])
  })

  it('refuses what cannot run', () => {
    const errors = (spec: object) => errorTexts(create(spec).errors)
    assert.deepEqual(errors({}), ['spec.containers: Required value'])
    assert.deepEqual(errors({ containers: [{ name: 'web' }] }), ['spec.containers[0].image: Required value'])
    assert.deepEqual(errors({ containers: [{ name: 'web', image: ' x' }] }), [
      'spec.containers[0].image: Invalid value',
    ])
    assert.deepEqual(errors({ containers: [web, web] }), ['spec.containers[1].name: Duplicate value'])
    assert.deepEqual(errors({ containers: [{ ...web, name: 'Web' }] }), [
      'spec.containers[0].name: Invalid value',
    ])
    assert.deepEqual(errors({ containers: [{ ...web, imagePullPolicy: 'Now' }] }), [
      'spec.containers[0].imagePullPolicy: Unsupported value',
    ])
    assert.deepEqual(errors({ containers: [{ ...web, volumeMounts: [{ name: 'v', mountPath: '/v' }] }] }), [
      'spec.containers[0].volumeMounts[0].name: Not found',
    ])
    assert.deepEqual(errors({ containers: [web], restartPolicy: 'Maybe' }), [
      'spec.restartPolicy: Unsupported value',
    ])
  })

  it('changes its images, but not its command', () => {
    const { object } = create({ containers: [web] })
    const image = updateObject(
      pods,
      object,
      body({ ...object.spec, containers: [{ ...web, image: 'nginx:2', imagePullPolicy: 'Always' }] }),
    )
    assert.deepEqual(image.errors, [])
    assert.equal(image.object.metadata.generation, 2)
    const command = updateObject(
      pods,
      object,
      body({ ...object.spec, containers: [{ ...web, command: ['sh'] }] }),
    )
    assert.deepEqual(errorTexts(command.errors), ['spec: Forbidden'])
  })

  it('gets token and pull secrets from its account', () => {
    const { object } = create({ containers: [web] })
    const account = { metadata: { name: 'default' }, imagePullSecrets: [{ name: 'pull' }] }
    const { spec } = withServiceAccount(object, account, 'kube-api-access-abcde')
    assert.deepEqual(spec.imagePullSecrets, [{ name: 'pull' }])
    assert.equal(spec.volumes?.[0]?.name, 'kube-api-access-abcde')
    assert.equal(
      spec.containers[0]?.volumeMounts?.[0]?.mountPath,
      '/var/run/secrets/kubernetes.io/serviceaccount',
    )
    const silent = withServiceAccount(object, { ...account, automountServiceAccountToken: false }, 'x')
    assert.equal(silent.spec.volumes, undefined)
  })

  it('tells the most telling reason in its table', () => {
    const { object } = create({ containers: [web] })
    const status = (more: object) =>
      cellsOf(pods, { ...object, status: { ...object.status, ...more } } as typeof object)
    assert.equal(status({}).Status, 'Pending')
    assert.equal(status({}).Ready, '0/1')
    const waiting = {
      name: 'web',
      ready: false,
      restartCount: 3,
      state: { waiting: { reason: 'ImagePullBackOff' } },
      lastState: {},
    }
    assert.equal(status({ containerStatuses: [waiting] }).Status, 'ImagePullBackOff')
    assert.equal(status({ containerStatuses: [waiting] }).Restarts, '3')
    assert.equal(status({ phase: 'Failed', reason: 'Evicted' }).Status, 'Evicted')
  })
})
