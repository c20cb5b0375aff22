import type { Subject } from '../access/access.ts'
import type { RequestInfo, ResourceRequest } from './request-info.ts'

/** What is known of a request when it is written down; filled in as the request goes on. */
export interface AuditFacts {
  id: string
  method: string
  /** Path and query, as sent. */
  url: string
  userAgent: string
  sourceAddress: string
  received: Date
  info?: RequestInfo
  user?: Subject
  /** Whom `user` acts as. */
  impersonated?: Subject
  /** Of what was created, where the URL names nothing. */
  objectName?: string
}

export type AuditStage = 'ResponseStarted' | 'ResponseComplete'

/**
 * `audit.k8s.io/v1` Event at level Metadata: who did what, when, from where and how it ended; never a body or a header
 * that the client sent (Kubernetes "Auditing").
 */
export function toAuditEvent(facts: AuditFacts, stage: AuditStage, code: number, now: Date): object {
  const { info, user, impersonated, userAgent } = facts
  const decision = code === 403 ? 'forbid' : user === undefined ? undefined : 'allow'
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    level: 'Metadata',
    auditID: facts.id,
    stage,
    requestURI: withoutSecrets(facts.url),
    verb: info?.verb ?? facts.method.toLowerCase(),
    user: user === undefined ? {} : toUserInfo(user),
    ...(impersonated === undefined ? {} : { impersonatedUser: toUserInfo(impersonated) }),
    sourceIPs: [facts.sourceAddress],
    ...(userAgent === '' ? {} : { userAgent }),
    ...(info?.kind === 'resource' ? { objectRef: toObjectRef(info, facts.objectName) } : {}),
    responseStatus: { metadata: {}, code },
    requestReceivedTimestamp: microTime(facts.received),
    stageTimestamp: microTime(now),
    ...(decision === undefined ? {} : { annotations: { 'authorization.k8s.io/decision': decision } }),
  }
}

function toUserInfo({ name, uid, groups, extra }: Subject): object {
  return {
    username: name,
    ...(uid === undefined ? {} : { uid }),
    groups,
    ...(extra === undefined || Object.keys(extra).length === 0 ? {} : { extra }),
  }
}

function toObjectRef(info: ResourceRequest, created: string | undefined): object {
  const name = info.name || created
  const fields = {
    resource: info.resource,
    namespace: info.namespace,
    name,
    apiGroup: info.group,
    apiVersion: info.version,
    subresource: info.subresource,
  }
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => (value ?? '') !== ''))
}

const secretParameters = /^(access_token|code|password|state|then|token)$/i

/** Webhooks of builds have their secret in the path, logins have codes in the query: neither is written down. */
function withoutSecrets(url: string): string {
  const [path = '', query] = url.split('?', 2)
  const shown = path.replace(/(\/buildconfigs\/[^/]+\/webhooks\/)[^/]+/, '$1-')
  if (query === undefined) return shown
  const parameters = query.split('&').map((part) => {
    const [name = ''] = part.split('=', 1)
    return secretParameters.test(name) ? `${name}=-` : part
  })
  return `${shown}?${parameters.join('&')}`
}

/** RFC 3339 with microseconds, as `metav1.MicroTime`. */
function microTime(time: Date): string {
  return time.toISOString().replace('Z', '000Z')
}
