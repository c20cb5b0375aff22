import type { Rest } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import { visible } from '../io.ts'
import { describeLayout, formatTabs } from '../print/tab-writer.ts'
import { typedAccept } from '../resources/image-api.ts'
import { labelLine, metaLines } from './lines.ts'

interface Project extends KubeObject {
  status?: { phase?: string }
}

interface Quota extends KubeObject {
  status?: { hard?: Record<string, string>; used?: Record<string, string> }
}

interface LimitRange extends KubeObject {
  spec?: { limits?: ({ type?: string } & Record<string, Record<string, string> | string | undefined>)[] }
}

/** What may not be read is left out. */
async function readItems<T>(rest: Rest, path: string): Promise<T[]> {
  try {
    const list = await rest.json<{ items?: T[] }>({ method: 'GET', path, accept: typedAccept })
    return list.items ?? []
  } catch (error) {
    if (isApiError(error) && (error.code === 403 || error.code === 404)) return []
    throw error
  }
}

function quotaLines(quotas: readonly Quota[]): string {
  if (quotas.length === 0) return labelLine('Quota', undefined)
  return quotas
    .map((quota) => {
      const hard = Object.entries(quota.status?.hard ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))
      const rows = hard.map(([name, value]) => `\t${name}\t${quota.status?.used?.[name] ?? '0'}\t${value}\n`)
      return `Quota:\n\tName:\t${quota.metadata.name}\n\tResource\tUsed\tHard\n\t--------\t----\t----\n${rows.join('')}`
    })
    .join('')
}

function limitLines(ranges: readonly LimitRange[]): string {
  if (ranges.length === 0) return labelLine('Resource limits', undefined)
  const value = (limit: Record<string, unknown>, key: string, name: string) =>
    (limit[key] as Record<string, string> | undefined)?.[name] ?? '-'
  return ranges
    .map((range) => {
      const rows = (range.spec?.limits ?? []).flatMap((limit) => {
        const names = new Set(
          ['max', 'min', 'default', 'defaultRequest'].flatMap((key) =>
            Object.keys((limit[key] as object | undefined) ?? {}),
          ),
        )
        return [...names].sort().map((name) => {
          const cells = ['min', 'max', 'defaultRequest', 'default'].map((key) => value(limit, key, name))
          return `\t${[limit.type ?? '', name, ...cells].join('\t')}\n`
        })
      })
      return `Resource limits:\n\tName:\t${range.metadata.name}\n\tType\tResource\tMin\tMax\tDefault Request\tDefault Limit\n${rows.join('')}`
    })
    .join('')
}

export async function describeProject(rest: Rest, project: Project, now: Date): Promise<string> {
  const { name = '', annotations = {} } = project.metadata
  const namespace = `/api/v1/namespaces/${name}`
  const [quotas, ranges] = await Promise.all([
    readItems<Quota>(rest, `${namespace}/resourcequotas`),
    readItems<LimitRange>(rest, `${namespace}/limitranges`),
  ])
  const display = annotations['openshift.io/display-name']
  const selector = annotations['openshift.io/node-selector']
  const text = [
    metaLines(project.metadata, now),
    labelLine('Display Name', display),
    labelLine('Description', annotations['openshift.io/description']),
    labelLine('Status', project.status?.phase),
    labelLine('Node Selector', selector),
    quotaLines(quotas),
    limitLines(ranges),
  ].join('')
  return formatTabs(visible(text), describeLayout)
}
