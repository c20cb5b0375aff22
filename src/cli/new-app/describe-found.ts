import { ageOf, longAge } from '../print/age.ts'
import type { ImageObject } from '../resources/image-types.ts'
import { exposedPorts, inputTag, type Part } from './generate.ts'
import { isBuilder, type Match, wordsOf } from './match.ts'

/** What is said about an image that was found (cli.md §18.2). */

function shortId(image: ImageObject): string {
  const { Id } = (image.dockerImageMetadata ?? {}) as { Id?: string }
  return (Id || image.metadata?.name || '').replace(/^sha256:/, '').slice(0, 7)
}

function headline(match: Match, term: string, now: Date): string {
  const { image } = match
  const created = image?.dockerImageMetadata?.Created
  const age = created ? ` (${longAge(ageOf(created, now)).toLowerCase()} old)` : ''
  const asked = JSON.stringify(term)
  if (match.kind === 'container') {
    const first = match.reference.split('/')[0] as string
    const isElsewhere = match.reference.includes('/') && /[.:]|^localhost$/.test(first)
    const registry = isElsewhere && first !== 'docker.io' ? JSON.stringify(first) : 'Docker Hub'
    return `--> Found container image ${shortId(match.image)}${age} from ${registry} for ${asked}`
  }
  const stream = JSON.stringify(`${match.namespace}/${match.stream}`)
  return image === undefined
    ? `--> Found tag :${match.tag} in image stream ${stream} for ${asked}`
    : `--> Found image ${shortId(image)}${age} in image stream ${stream} under tag ${JSON.stringify(match.tag)} for ${asked}`
}

function presentation(match: Match): string[] {
  const labels = match.image?.dockerImageMetadata?.Config?.Labels ?? {}
  const own = match.kind === 'stream' ? match.annotations : {}
  const title = own['openshift.io/display-name'] ?? labels['io.k8s.display-name']
  const text = own.description ?? labels['io.k8s.description']
  const tags = wordsOf(own.tags ?? labels['io.openshift.tags']).filter((word) => word !== '')
  return [
    ...(title ? [`    ${title} `, `    ${'-'.repeat(title.length)} `] : []),
    ...(text ? [`    ${text}`, ''] : []),
    ...(tags.length > 0 ? [`    Tags: ${tags.join(', ')}`, ''] : []),
  ]
}

function consequences(part: Part): string[] {
  const { match, source, name } = part
  const tracked =
    match.kind === 'container'
      ? [
          `    * An image stream tag will be created as ${JSON.stringify(inputTag(part).name)} that will track this image`,
        ]
      : []
  if (source === undefined) return tracked
  const how = isBuilder(match) ? 'source' : 'Docker'
  const from = source.uri === '' ? 'binary input' : `source code from ${source.uri}`
  return [
    ...tracked,
    `    * A ${how} build using ${from} will be created`,
    `      * The resulting image will be pushed to image stream tag ${JSON.stringify(`${name}:latest`)}`,
    ...(source.uri === ''
      ? [`      * A binary build was created, use 'oc start-build --from-dir' to trigger a new build`]
      : []),
  ]
}

/** Ends with an empty line. */
export function describeFound(part: Part, term: string, now: Date): string {
  const lines = [headline(part.match, term, now), '', ...presentation(part.match)]
  const bullets = consequences(part)
  return `${[...lines, ...(bullets.length > 0 ? [...bullets, ''] : [])].join('\n')}\n`
}

/** Services that lead to the parts, by name. */
export function hasService(group: readonly Part[]): boolean {
  return group.some((part) => exposedPorts(part).length > 0)
}
