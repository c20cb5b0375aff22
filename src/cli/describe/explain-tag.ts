import type { TagEventRecord, TagHold } from '../../api/index.ts'
import { ageOf, longAge } from '../print/age.ts'
import type { StreamObject, TagCondition, TagEvent, TagSpec } from '../resources/image-types.ts'
import { changeText } from './event-rows.ts'
import { holdText } from './hold-text.ts'

/** Why a tag of a stream stands for the image that it does, and what would change that. Pure. */

export interface TagExplanation {
  /** '' when it has none. */
  image: string
  reasons: string[]
}

/** What is known beside the stream. */
export interface TagFacts {
  hold?: TagHold | undefined
  /** The newest record of the tag. */
  move?: TagEventRecord | undefined
  /** The build that pushed the image. */
  build?: string | undefined
}

const when = (time: string | null | undefined, now: Date) =>
  time ? `${time} (${longAge(ageOf(time, now)).toLowerCase()} ago)` : 'an unknown time'

export function explainTag(
  stream: StreamObject,
  tag: string,
  now: Date,
  { hold, move, build }: TagFacts = {},
): TagExplanation {
  const spec = stream.spec?.tags?.find(({ name }) => name === tag)
  const status = stream.status?.tags?.find((one) => one.tag === tag)
  const [latest, ...earlier] = status?.items ?? []
  // A record of another image is older than the stream, or newer.
  const known = latest !== undefined && move?.after?.image === latest.image ? move : undefined
  const reasons = [
    ...(latest === undefined
      ? [absence(spec)]
      : [`it has had this image since ${when(latest.created, now)}`]),
    ...(known === undefined ? [] : moveLines(known, build)),
    ...originOf(stream, spec, latest, known !== undefined),
    ...(hold === undefined ? [] : [`it was ${holdText(hold, now)}`]),
    ...failures(status?.conditions ?? [], latest !== undefined, now),
    ...(spec === undefined ? [] : policyOf(spec)),
    nextOf(spec, latest !== undefined),
    ...(earlier[0] === undefined ? [] : [beforeText(earlier[0], earlier.length, now)]),
  ]
  return { image: latest?.dockerImageReference ?? '', reasons }
}

function absence(spec: TagSpec | undefined): string {
  return spec === undefined ? 'the stream has no such tag' : 'it has no image yet'
}

function moveLines({ cause, subject, changes = [] }: TagEventRecord, build: string | undefined): string[] {
  const differs = changes.map(changeText).join('; ')
  return [
    howItCame(cause, subject, build),
    ...(differs === '' ? [] : [`it differs from the image before: ${differs}`]),
  ]
}

function howItCame(cause: TagEventRecord['cause'], subject: string, build: string | undefined): string {
  switch (cause) {
    case 'push':
      return build === undefined ? `${subject} pushed it` : `build ${build} made it; ${subject} pushed it`
    case 'import':
      return `${subject} asked for the import that brought it`
    case 'schedule':
      return 'an import on schedule brought it'
    case 'tag':
      return `${subject} set the tag`
    case 'rollback':
      return `${subject} went back to it`
    case 'policy':
      return `a policy put it in, for ${subject}`
    default:
      return `${subject} wrote the stream so`
  }
}

function fromText({ from }: TagSpec): string {
  return `${from?.namespace ? `${from.namespace}/` : ''}${from?.name ?? ''}`
}

function originOf(
  stream: StreamObject,
  spec: TagSpec | undefined,
  latest: TagEvent | undefined,
  isRecorded: boolean,
): string[] {
  if (spec?.from?.name === undefined) {
    return latest === undefined || isRecorded
      ? []
      : ['no source is set for it: a push, or a tag that is gone, put the image in']
  }
  const name = fromText(spec)
  switch (spec.from.kind) {
    case 'ImageStreamTag':
      return spec.reference ? [`it refers to the tag ${name}`] : [`it tracks the tag ${name}`]
    case 'ImageStreamImage':
      return [`it was pointed at the image ${name}`]
    default: {
      if (spec.reference) return [`it refers to ${name}, which is not imported`]
      return latest !== undefined && isPushed(stream, latest)
        ? [`its source is ${name}, but the image was put in later by a push`]
        : [`it is imported from ${name}`]
    }
  }
}

/** Pushed over an imported tag: the image is the stream's own, not one of the registry that the tag names. */
function isPushed({ status }: StreamObject, { dockerImageReference = '' }: TagEvent): boolean {
  const own = status?.dockerImageRepository ?? ''
  return own !== '' && dockerImageReference.startsWith(`${own}@`)
}

function failures(conditions: readonly TagCondition[], hasImage: boolean, now: Date): string[] {
  const failed = conditions.filter(({ type, status }) => type === 'ImportSuccess' && status === 'False')
  const texts = failed.map(({ reason = '', message = '', lastTransitionTime }) => {
    const why = [reason, message].filter((part) => part !== '').join(': ')
    return `its last import failed at ${when(lastTransitionTime, now)}: ${why}`
  })
  return texts.length > 0 && hasImage ? [...texts, 'the last good image stays until an import works'] : texts
}

function policyOf({ from, referencePolicy }: TagSpec): string[] {
  if (from?.kind !== 'DockerImage') return []
  return referencePolicy?.type === 'Local'
    ? ['followers pull it through the integrated registry (reference policy Local)']
    : ['followers pull it from its own registry (reference policy Source)']
}

function nextOf(spec: TagSpec | undefined, hasImage: boolean): string {
  if (spec?.from?.name === undefined) {
    return hasImage
      ? 'next: the image changes with the next push or tag command'
      : 'next: a push or a tag command makes it'
  }
  const name = fromText(spec)
  if (spec.from.kind === 'ImageStreamTag' && !spec.reference)
    return `next: the image changes when ${name} does`
  if (spec.from.kind !== 'DockerImage') return 'next: nothing changes it but a tag command or a push'
  if (spec.reference) return 'next: nothing is imported; whoever uses the tag gets the reference'
  return spec.importPolicy?.scheduled
    ? `next: ${name} is looked at again on schedule`
    : `next: nothing is scheduled; import-image looks at ${name} again`
}

function beforeText({ dockerImageReference = '', created }: TagEvent, count: number, now: Date): string {
  const more = count === 1 ? '' : `, and ${count - 1} more before`
  return `before: ${dockerImageReference} from ${when(created, now)}${more}`
}
