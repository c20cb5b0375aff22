import { createHash } from 'node:crypto'
import type { Subject } from '../../access/access.ts'
import { foreignSources, triggerText } from '../../image/index.ts'
import type { Kind } from '../../machinery/kind.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { objectKey } from '../keys.ts'
import type { EndpointDeps } from '../resources.ts'
import type { Admit } from './admission.ts'

/**
 * Who wrote the triggers of an object: a trigger that reads another namespace acts for that person, and is asked for when it
 * fires. Kept beside the objects, by the text of the triggers: a record speaks of exactly what its writer wrote.
 */
export interface TriggerWriters {
  find(kind: Kind, object: KubeObject): Promise<Subject | undefined>
  /** Forgets the writers of an object that is gone. */
  forget(kind: Kind, namespace: string, name: string): Promise<void>
  admit(kind: Kind): Admit
}

const records = { group: 'weir.dev', plural: 'triggerwriters', namespaced: true }

interface Writer {
  uid: string
  subject: Subject
}

export function createTriggerWriters({ store }: Pick<EndpointDeps, 'store'>): TriggerWriters {
  const prefix = (kind: Kind, namespace: string, name: string) =>
    objectKey(records, namespace, `${kind.group || 'core'}/${kind.plural}/${name}/`)
  const keyOf = (kind: Kind, namespace: string, object: KubeObject) => {
    const text = createHash('sha256').update(triggerText(kind, object)).digest('hex')
    return `${prefix(kind, namespace, object.metadata.name ?? '')}${text}`
  }
  return {
    async find(kind, object) {
      const entry = await store.get(keyOf(kind, object.metadata.namespace ?? '', object))
      if (entry === undefined) return undefined
      const writer = JSON.parse(new TextDecoder().decode(entry.value)) as Writer
      return writer.uid === object.metadata.uid ? writer.subject : undefined
    },

    async forget(kind, namespace, name) {
      const { entries } = await store.list(prefix(kind, namespace, name))
      await store.commit(entries.map(({ key }) => ({ key, value: undefined, expect: 'any' as const })))
    },

    // Written ahead of the object: should that fail, the record speaks of a text that is not there, and harms nobody.
    admit: (kind) => async (next, old, request) => {
      const isNew = old === undefined || triggerText(kind, next) !== triggerText(kind, old)
      if (!isNew || request.dryRun || foreignSources(kind, next).length === 0) return next
      const uid = (old ?? next).metadata.uid ?? ''
      const { name, groups, uid: callerUid, extra } = request.caller
      const subject: Subject = {
        name,
        groups,
        ...(callerUid === undefined ? {} : { uid: callerUid }),
        ...(extra === undefined ? {} : { extra }),
      }
      const value = new TextEncoder().encode(JSON.stringify({ uid, subject } satisfies Writer))
      const key = keyOf(kind, request.namespace, { ...next, metadata: { ...next.metadata } })
      await store.commit([{ key, value, expect: 'any' }])
      return next
    },
  }
}
