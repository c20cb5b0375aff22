import type { ApiResource, Rest } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { visible } from '../io.ts'
import { formatTabs, rolloutLayout } from '../print/tab-writer.ts'
import {
  describeConfigMap,
  describeLimitRange,
  describeNamespace,
  describeQuota,
  describeSecret,
  describeServiceAccount,
} from './core.ts'
import { describeDeployment, selectorText } from './deployment.ts'
import { readEventLines } from './events.ts'
import { genericLines } from './generic.ts'
import { describeBinding, describeRole } from './rbac.ts'

/** Kubernetes' own kinds. */

export interface KubeDescribed {
  rest: Rest
  resource: ApiResource
  /** As the builder read it. */
  object: KubeObject
  /** Reads it again, as a describer does. */
  again(): Promise<KubeObject>
  now: Date
  showEvents: boolean
}

interface Describer {
  /** Lines with tabs between their cells. */
  lines(object: KubeObject, rest: Rest): string | Promise<string>
  events: boolean
}

async function deploymentLines(object: KubeObject, rest: Rest): Promise<string> {
  const { selector } = (object as KubeObject & { spec?: { selector?: unknown } }).spec ?? {}
  const list = await rest
    .json<{ items?: KubeObject[] }>({
      method: 'GET',
      path: `/apis/apps/v1/namespaces/${object.metadata.namespace ?? ''}/replicasets`,
      query: { labelSelector: selectorText(selector), limit: 500 },
    })
    .catch(() => ({ items: [] }))
  return describeDeployment(object, list.items ?? [])
}

const rbac = 'rbac.authorization.k8s.io'
const describers: Readonly<Record<string, Describer>> = {
  secrets: { lines: describeSecret, events: false },
  configmaps: { lines: describeConfigMap, events: true },
  serviceaccounts: { lines: (object, rest) => describeServiceAccount(rest, object), events: true },
  limitranges: { lines: describeLimitRange, events: false },
  resourcequotas: { lines: describeQuota, events: false },
  namespaces: { lines: (object, rest) => describeNamespace(rest, object), events: false },
  'deployments.apps': { lines: deploymentLines, events: true },
  [`roles.${rbac}`]: { lines: describeRole, events: false },
  [`clusterroles.${rbac}`]: { lines: describeRole, events: false },
  [`rolebindings.${rbac}`]: { lines: describeBinding, events: false },
  [`clusterrolebindings.${rbac}`]: { lines: describeBinding, events: false },
}

/** Kinds without a describer are shown field by field. */
export async function describeKube(type: string, described: KubeDescribed): Promise<string> {
  const { rest, resource, now, showEvents } = described
  const describer = describers[type] ?? { lines: genericLines, events: true }
  const read = type in describers ? await described.again() : described.object
  const object = { ...read, kind: resource.kind }
  const lines = await describer.lines(object, rest)
  const events = describer.events && showEvents ? await readEventLines(rest, object, now) : ''
  return formatTabs(visible(`${lines}${events}`), rolloutLayout)
}
