import type { PartComparer } from './compare-parts.ts'

/** What has to match in recordings that as a whole can't: of lists what both systems have, of help texts what scripts depend on. */

export interface SharedPart {
  name: string
  part: string
  /** What is compared, of both sides. */
  pick(text: string, other: string): unknown
}

type Json = Record<string, unknown>

/** Of two objects, the members whose keys both have. */
function common(text: string, other: string): Json {
  const theirs = JSON.parse(other) as Json
  return Object.fromEntries(Object.entries(JSON.parse(text) as Json).filter(([key]) => key in theirs))
}

/** The lines of a help text that tell how a command is called: its flags with their defaults, and its usage. */
export function callingLines(help: string): string[] {
  return help.split('\n').filter((line) => /^ {4}(-\w, )?--[\w-]+=.*:$|^ {2}oc .* \[options\]$/.test(line))
}

/** Without what Kubernetes' own controllers write, which don't run here: the status, and the number of the rollout. */
export function withoutControllers(text: string): string {
  return text
    .replace(/^( *)"status": \{(\}|[\s\S]*?^\1\}),?\n?/gm, '')
    .replace(/^ *"deployment\.kubernetes\.io\/revision".*\n/gm, '')
    .replace(/^( *)"annotations": \{\n\1\},?\n/gm, '')
    .replace(/,$/gm, '')
}

/** The extract's pattern means the kinds of images and takes those of `imageregistry` too, which the recorded system did not serve. */
function withoutPruner(text: string): unknown {
  const { schemas, ...rest } = JSON.parse(text) as { schemas: Json }
  return {
    ...rest,
    schemas: Object.fromEntries(
      Object.entries(schemas).filter(([name]) => !name.includes('.imageregistry.')),
    ),
  }
}

const itemsOf = (text: string) => (JSON.parse(text) as { items: unknown }).items
const withoutLines = (pattern: RegExp) => (text: string) => text.replace(pattern, '')

const workloads = [
  '218-deploy-after-lookup',
  '221-lookup-deploy',
  '223-lookup-deploy-off',
  '232-trig-after',
  '236-trig-manual',
  '243-trig-otherns',
  '249-trig-kind-statefulset',
  '250-trig-kind-daemonset',
  '252-trig-kind-job',
  '281-trig-kind-daemonset-with-role',
  '585-lookup-kind-statefulset',
  '589-lookup-kind-replicaset',
  '590-lookup-kind-replicationcontroller',
]

export const sharedParts: readonly SharedPart[] = [
  ...workloads.map((name): SharedPart => ({ name, part: 'stdout', pick: withoutControllers })),
  { name: '397-openapi-v3-index', part: 'stdout', pick: common },
  { name: '399-openapi-v2', part: 'image.openshift.io.json', pick: withoutPruner },
  { name: '422-list-istag-limit', part: 'stdout', pick: itemsOf },
  { name: '425-list-istag-all', part: 'stdout', pick: itemsOf },
  { name: '544-watch-is-bookmark', part: 'stdout', pick: withoutLines(/^ *"namespace": "default",\n/m) },
  { name: '629-quota-help', part: 'stdout', pick: callingLines },
]

/** Pairs that should be alike, of the recordings that have been replayed. */
export function readShared(
  { read }: Pick<PartComparer, 'read'>,
  inPiece: (number: number) => boolean,
): { name: string; expected: unknown; actual: unknown }[] {
  return sharedParts
    .filter(({ name }) => inPiece(Number(name.slice(0, 3))))
    .map(({ name, part, pick }) => {
      const { expected, actual } = read(name, part)
      return { name, expected: pick(expected, actual), actual: pick(actual, expected) }
    })
}
