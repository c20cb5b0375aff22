import type { Subject } from '../access/access.ts'
import { anonymous } from '../access/access.ts'
import type { Answer } from './answer.ts'
import type { RegistryLog } from './create-registry.ts'

/** Who did what, and how it ended (registry.md B-93): a line when an operation begins and one when it is over. */
export type Audit = (operation: string, who: Subject, work: () => Promise<Answer>) => Promise<Answer>

export function createAudit(log: RegistryLog): Audit {
  return async (operation, who, work) => {
    const fields = {
      'openshift.logger': 'audit',
      'openshift.auth.user': who.name === anonymous.name ? 'anonymous' : who.name,
      'openshift.auth.userid': who.uid ?? '',
    }
    const say = (status: string, more: object = {}): void =>
      log.info({ ...fields, 'openshift.request.status': status, ...more }, operation)
    say('begin')
    try {
      const answer = await work()
      say('success')
      return answer
    } catch (error) {
      say('error', { 'openshift.request.error': error instanceof Error ? error.message : String(error) })
      throw error
    }
  }
}

export const unaudited: Audit = (_operation, _who, work) => work()
