import { finished } from 'node:stream'
import type { FastifyReply, FastifyRequest } from 'fastify'
import { type AuditFacts, type AuditStage, toAuditEvent } from './audit-event.ts'

/** Where events go, a line of JSON each. Never throws: an audit log that fails does not stop the server. */
export interface AuditSink {
  write(line: string): void
}

export interface AuditOptions {
  sink: AuditSink
  /** Whether get, list and watch are written down when they succeed; refused ones always are. */
  reads: boolean
  clock: () => Date
}

/** The record of one request; its facts may be filled in until the answer is complete. */
export interface AuditRecord {
  facts: AuditFacts
  /** A long answer begins. */
  started(): void
}

export type BeginAudit = (request: FastifyRequest, reply: FastifyReply) => AuditRecord

/** The secret of a webhook is part of its address. */
function withoutHookSecret(url: string): string {
  return url.replace(/(\/buildconfigs\/[^/?]+\/webhooks\/)[^/?]+/, '$1***')
}

/** Records of requests that routes of their own serve. */
const kept = new WeakMap<FastifyRequest, AuditRecord>()

export function keepAudit(request: FastifyRequest, record: AuditRecord): void {
  kept.set(request, record)
}

export function auditOf(request: FastifyRequest): AuditRecord | undefined {
  return kept.get(request)
}

const readVerbs = new Set(['get', 'list', 'watch', 'head', 'options'])
const refused = new Set([401, 403])

/** One event when the answer is complete; a watch has one when it starts, too. */
export function createAudit({ sink, reads, clock }: AuditOptions): BeginAudit {
  return (request, reply) => {
    const facts: AuditFacts = {
      id: request.id,
      method: request.method,
      url: withoutHookSecret(request.url),
      userAgent: request.headers['user-agent'] ?? '',
      sourceAddress: request.ip,
      received: clock(),
    }
    const write = (stage: AuditStage, code: number) => {
      const isRead = readVerbs.has(facts.info?.verb ?? request.method.toLowerCase())
      if (isRead && !reads && !refused.has(code)) return
      sink.write(`${JSON.stringify(toAuditEvent(facts, stage, code, clock()))}\n`)
    }
    finished(reply.raw, () => write('ResponseComplete', reply.raw.statusCode))
    return { facts, started: () => write('ResponseStarted', 200) }
  }
}
