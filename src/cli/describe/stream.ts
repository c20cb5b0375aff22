import type { TagHold } from '../../api/index.ts'
import { visible } from '../io.ts'
import { ageOf, longAge } from '../print/age.ts'
import { describeLayout, formatTabs } from '../print/tab-writer.ts'
import type { StreamObject, TagCondition, TagEvent, TagSpec, TagStatus } from '../resources/image-types.ts'
import { holdText } from './hold-text.ts'
import { labelLine, metaLines } from './lines.ts'
import { sortTags } from './tag-order.ts'

/** An image stream (cli.md §5.1), and what holds its tags back. */
export function describeStream(stream: StreamObject, now: Date, holds: readonly TagHold[] = []): string {
  const repository = stream.status?.publicDockerImageRepository || stream.status?.dockerImageRepository
  const head = [
    metaLines(stream.metadata, now),
    labelLine('Image Repository', repository),
    labelLine('Image Lookup', `local=${stream.spec?.lookupPolicy?.local === true}`),
    tagLines(stream, now, holds),
  ].join('')
  return formatTabs(visible(head), describeLayout)
}

function tagLines(stream: StreamObject, now: Date, holds: readonly TagHold[]): string {
  const specs = new Map((stream.spec?.tags ?? []).map((tag) => [tag.name, tag]))
  const statuses = new Map((stream.status?.tags ?? []).map((tag) => [tag.tag, tag]))
  const all = sortTags(new Set([...statuses.keys(), ...specs.keys()]))
  if (all.length === 0) return labelLine('Tags', undefined)
  const aliases = findAliases(stream, specs)
  const hidden = new Set([...aliases.values()].flat())
  const blocks = all
    .filter((tag) => !hidden.has(tag))
    .map((tag) =>
      tagBlock(stream, tag, aliases.get(tag) ?? [], specs.get(tag), statuses.get(tag), now, holds),
    )
  return [
    labelLine('Unique Images', uniqueImages(statuses.values())),
    labelLine('Tags', all.length),
    '\n',
    blocks.join('\n'),
  ].join('')
}

function uniqueImages(statuses: Iterable<TagStatus>): number {
  return new Set([...statuses].flatMap((status) => (status.items ?? []).map((item) => item.image ?? ''))).size
}

/** The tag of the same stream that a spec tag names, undefined for anything else. */
function sameStreamTag(stream: StreamObject, spec: TagSpec | undefined): string | undefined {
  const from = spec?.from
  if (from?.kind !== 'ImageStreamTag' || from.name === undefined) return undefined
  if (from.namespace && from.namespace !== stream.metadata.namespace) return undefined
  const colon = from.name.indexOf(':')
  if (colon === -1) return from.name
  return from.name.slice(0, colon) === stream.metadata.name ? from.name.slice(colon + 1) : undefined
}

/** For each tag that others lead to, those others, in order of importance. */
function findAliases(stream: StreamObject, specs: ReadonlyMap<string, TagSpec>): Map<string, string[]> {
  const found = new Map<string, string[]>()
  for (const name of specs.keys()) {
    const end = followTag(stream, specs, name)
    if (end !== undefined) found.set(end, [...(found.get(end) ?? []), name])
  }
  return new Map([...found].map(([end, names]) => [end, sortTags(names)]))
}

/** Where a chain of aliases ends; undefined when it is no chain, a loop, or leads nowhere. */
function followTag(
  stream: StreamObject,
  specs: ReadonlyMap<string, TagSpec>,
  start: string,
): string | undefined {
  const seen = new Set([start])
  let at = start
  for (;;) {
    const next = sameStreamTag(stream, specs.get(at))
    if (next === undefined) return at === start ? undefined : at
    if (seen.has(next) || !specs.has(next)) return undefined
    seen.add(next)
    at = next
  }
}

function tagBlock(
  stream: StreamObject,
  name: string,
  aliases: readonly string[],
  spec: TagSpec | undefined,
  status: TagStatus | undefined,
  now: Date,
  holds: readonly TagHold[],
): string {
  const title = aliases.length === 0 ? name : `${name} (${aliases.join(', ')})`
  const failed = (status?.conditions ?? []).filter((c) => c.type === 'ImportSuccess' && c.status === 'False')
  return [
    `${title}\n`,
    `  ${sourceText(stream, spec)}\n`,
    spec?.from && spec.importPolicy?.insecure ? '    will use insecure HTTPS or HTTP connections\n' : '',
    spec?.referencePolicy?.type === 'Local'
      ? '    prefer registry pullthrough when referencing this tag\n'
      : '',
    '\n',
    ...holds
      .filter(({ tag }) => tag === name || aliases.includes(tag))
      .map((hold) => `  ! ${hold.tag === name ? '' : `${hold.tag} `}${holdText(hold, now)}\n`),
    annotationBlock(spec?.annotations ?? {}),
    isImporting(spec, status) ? '  ~ importing latest image ...\n' : '',
    ...failed.map((condition) => failureLines(condition, now)),
    ...(status?.items ?? []).map((item, i) => itemLines(item, i === 0, now)),
  ].join('')
}

function sourceText(stream: StreamObject, spec: TagSpec | undefined): string {
  if (spec === undefined) return 'no spec tag'
  const { from } = spec
  if (!from) return 'tag without source image'
  const elsewhere = from.namespace && from.namespace !== stream.metadata.namespace
  const name = `${elsewhere ? `${from.namespace}/` : ''}${from.name ?? ''}`
  const scheduled = spec.importPolicy?.scheduled === true
  switch (from.kind) {
    case 'ImageStreamTag':
      return spec.reference
        ? `reference to ${name}`
        : scheduled
          ? `updates automatically from ${name}`
          : `tagged from ${name}`
    case 'DockerImage':
      if (spec.reference) return `reference to registry ${name}`
      return scheduled ? `updates automatically from registry ${name}` : `tagged from ${name}`
    case 'ImageStreamImage':
      return spec.reference ? `reference to image ${name}` : `tagged from ${name}`
    default:
      return spec.reference
        ? `reference to ${from.kind ?? ''} ${name}`
        : `updates from ${from.kind ?? ''} ${name}`
  }
}

function annotationBlock(annotations: Readonly<Record<string, string>>): string {
  const list = (text: string | undefined) =>
    text
      ? text
          .split(',')
          .map((word) => word.trim())
          .join(', ')
      : ''
  const tags = list(annotations.tags)
  const supports = list(annotations.supports)
  const lines = [
    annotations.description ? `  ${annotations.description}\n` : '',
    tags === '' ? '' : `  Tags: ${tags}\n`,
    supports === '' ? '' : `  Supports: ${supports}\n`,
    annotations.sampleRepo ? `  Example Repo: ${annotations.sampleRepo}\n` : '',
  ].join('')
  return lines === '' ? '' : `${lines}\n`
}

function isImporting(spec: TagSpec | undefined, status: TagStatus | undefined): boolean {
  if (!spec?.from || spec.reference || !spec.generation) return false
  const condition = (status?.conditions ?? []).find((c) => c.type === 'ImportSuccess')
  const observed = Math.max(status?.items?.[0]?.generation ?? 0, condition?.generation ?? 0)
  return spec.generation > observed
}

function failureLines(condition: TagCondition, now: Date): string {
  const age = longAge(ageOf(condition.lastTransitionTime, now))
  return `  ! error: Import failed (${condition.reason ?? ''}): ${condition.message ?? ''}\n      ${age} ago\n`
}

function itemLines(item: TagEvent, newest: boolean, now: Date): string {
  const pullSpec = item.dockerImageReference ?? ''
  const at = pullSpec.lastIndexOf('@')
  const digest = at === -1 ? '' : pullSpec.slice(at + 1)
  const image = item.image && item.image !== digest ? `\t${item.image}` : ''
  return `  ${newest ? '*' : ' '} ${pullSpec}\n      ${longAge(ageOf(item.created, now))} ago${image}\n`
}
