import {
  always,
  atomic,
  goString,
  int32,
  int64,
  intOrString,
  list,
  omit,
  pointer,
  type Static,
} from '../../machinery/schema.ts'
import { structIn } from '../common/struct-in.ts'

const struct = structIn('io.k8s.api.core.v1')

export const execActionSchema = struct('ExecAction', {
  command: omit(list(goString(), atomic)),
})

export const httpHeaderSchema = struct('HTTPHeader', {
  name: always(goString()),
  value: always(goString()),
})

export const httpGetActionSchema = struct('HTTPGetAction', {
  host: omit(goString()),
  httpHeaders: omit(list(httpHeaderSchema, atomic)),
  path: omit(goString()),
  port: always(intOrString()),
  scheme: omit(goString()),
})

export const tcpSocketActionSchema = struct('TCPSocketAction', {
  host: omit(goString()),
  port: always(intOrString()),
})

export const sleepActionSchema = struct('SleepAction', {
  seconds: always(int64()),
})

export const grpcActionSchema = struct('GRPCAction', {
  port: always(int32()),
  service: pointer(goString()),
})

export const lifecycleHandlerSchema = struct('LifecycleHandler', {
  exec: pointer(execActionSchema),
  httpGet: pointer(httpGetActionSchema),
  sleep: pointer(sleepActionSchema),
  tcpSocket: pointer(tcpSocketActionSchema),
})

export const lifecycleSchema = struct('Lifecycle', {
  postStart: pointer(lifecycleHandlerSchema),
  preStop: pointer(lifecycleHandlerSchema),
  stopSignal: pointer(goString()),
})
export type Lifecycle = Static<typeof lifecycleSchema>

export const probeSchema = struct(
  'Probe',
  {
    exec: pointer(execActionSchema),
    failureThreshold: omit(int32({ description: 'Checks in a row that must fail.' })),
    grpc: pointer(grpcActionSchema),
    httpGet: pointer(httpGetActionSchema),
    initialDelaySeconds: omit(int32({ description: 'Seconds before the first check.' })),
    periodSeconds: omit(int32({ description: 'Seconds between checks.' })),
    successThreshold: omit(int32({ description: 'Checks in a row that must succeed.' })),
    tcpSocket: pointer(tcpSocketActionSchema),
    terminationGracePeriodSeconds: pointer(int64()),
    timeoutSeconds: omit(int32({ description: 'Seconds that a check may take.' })),
  },
  { description: 'A check that is made again and again.' },
)
export type Probe = Static<typeof probeSchema>
