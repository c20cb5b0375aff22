import type { KubeObject } from '../../machinery/object.ts'
import type { StreamObject } from '../resources/image-types.ts'
import { containersOf, podTemplate } from '../resources/workload.ts'
import { readTriggers } from './trigger-actions.ts'

/** What `status` says about a project (cli.md §18.3). Pure. */

export interface StatusInput {
  title: string
  /** '' for all. */
  namespace: string
  objects: Readonly<Record<string, readonly KubeObject[]>>
  suggest: boolean
  program: string
}

interface Problem {
  level: 'error' | 'warning'
  text: string
  hint?: string
}

const shownTypes: readonly (readonly [string, string])[] = [
  ['deployments', 'deployment'],
  ['deploymentconfigs', 'dc'],
  ['statefulsets', 'statefulset'],
  ['daemonsets', 'daemonset'],
  ['cronjobs', 'cronjob'],
  ['jobs', 'job'],
]

/** Images of a workload: the tag that it follows, where it follows one, else what it runs. */
function sourcesOf(object: KubeObject): string[] {
  const triggers = readTriggers(object)?.images ?? []
  return containersOf(podTemplate(object)).map((container) => {
    const trigger = triggers.find((one) => one.containers.includes(container.name))
    if (trigger === undefined) return container.image ?? ''
    return `istag/${trigger.namespace === '' ? '' : `${trigger.namespace}/`}${trigger.name}`
  })
}

function triggerProblems(
  object: KubeObject,
  short: string,
  streams: ReadonlyMap<string, StreamObject>,
  program: string,
): Problem[] {
  return (readTriggers(object)?.images ?? []).flatMap((trigger): Problem[] => {
    if (trigger.namespace !== '') return []
    const [stream = '', tag = ''] = trigger.name.split(':')
    const found = streams.get(stream)
    const about = `The image trigger for ${short}/${object.metadata.name} will have no effect`
    if (found === undefined) {
      return [
        {
          level: 'error',
          text: `${about} because is/${stream} does not exist.`,
          hint: `${program} create imagestream ${stream}`,
        },
      ]
    }
    const hasImage = (found.status?.tags ?? []).some(
      (status) => status.tag === tag && (status.items ?? []).length > 0,
    )
    if (hasImage) return []
    return [
      { level: 'warning', text: `${about} until istag/${trigger.name} is imported or created by a build.` },
    ]
  })
}

function summary(problems: readonly Problem[], program: string): string {
  const count = (level: Problem['level'], word: string) => {
    const n = problems.filter((problem) => problem.level === level).length
    return n === 0 ? [] : [`${n} ${word}${n === 1 ? '' : 's'}`]
  }
  const parts = [...count('error', 'error'), ...count('warning', 'warning')]
  return `${parts.join(', ')} identified, use '${program} status --suggest' to see details.\n`
}

function details(problems: readonly Problem[]): string {
  const section = (level: Problem['level'], title: string) => {
    const own = problems.filter((problem) => problem.level === level)
    if (own.length === 0) return ''
    const lines = own.map(
      ({ text, hint }) => `  * ${text}\n${hint === undefined ? '' : `    try: ${hint}\n`}`,
    )
    return `${title}:\n${lines.join('')}\n`
  }
  return section('error', 'Errors') + section('warning', 'Warnings')
}

export function formatStatus({ title, objects, suggest, program }: StatusInput): string {
  const streams = new Map(
    (objects.imagestreams ?? []).map((stream) => [stream.metadata.name ?? '', stream as StreamObject]),
  )
  const problems: Problem[] = []
  const blocks = shownTypes.flatMap(([type, short]) =>
    (objects[type] ?? []).map((object) => {
      problems.push(...triggerProblems(object, short, streams, program))
      // The blank at the end is the real client's.
      return `${short}/${object.metadata.name} deploys ${sourcesOf(object).join(', ')} \n`
    }),
  )
  const head = `${title}\n\n`
  const nothing =
    blocks.length === 0 && (objects.services ?? []).length === 0 && (objects.buildconfigs ?? []).length === 0
  if (nothing) {
    const run =
      program === 'oc'
        ? "Run 'oc new-app' to create an application.\n"
        : `Run '${program} create deployment' to create one.\n`
    return `${head}You have no services, deployment configs, or build configs.\n${run}`
  }
  const body = blocks.map((block) => `${block}\n`).join('')
  if (suggest && problems.length > 0) return `${head}${body}${details(problems)}`
  if (problems.length > 0) return `${head}${body}${summary(problems, program)}`
  return `${head}${body}View details with '${program} describe <resource>/<name>' or list resources with '${program} get all'.\n`
}
