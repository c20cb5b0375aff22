import { visible } from '../io.ts'
import { ageOf, decimalSize, longAge } from '../print/age.ts'
import { describeLayout, formatTabs } from '../print/tab-writer.ts'
import type { ContainerConfig, ImageObject, ImageSignature } from '../resources/image-types.ts'
import { ago, annotationLines, labelLine, listLines, mapLines } from './lines.ts'

/** An image (cli.md §5.2); `imageName` is what it is reached by, '' for an image by itself. */
export function describeImage(image: ImageObject, imageName: string, now: Date): string {
  const { metadata } = image
  const isEmpty = (map: object | null | undefined) => Object.keys(map ?? {}).length === 0
  const text = [
    imageName === '' ? '' : labelLine('Image Name', imageName),
    labelLine('Docker Image', image.dockerImageReference),
    labelLine('Name', metadata.name),
    metadata.creationTimestamp ? labelLine('Created', ago(metadata.creationTimestamp, now)) : '',
    isEmpty(metadata.labels) ? '' : mapLines('Labels', metadata.labels),
    isEmpty(metadata.annotations) ? '' : annotationLines(metadata.annotations),
    sizeLines(image),
    ...(image.signatures ?? []).map(signatureLines),
    contentLines(image, now),
  ].join('')
  return formatTabs(visible(text), describeLayout)
}

function sizeLines(image: ImageObject): string {
  const size = decimalSize(image.dockerImageMetadata?.Size ?? 0)
  const layers = image.dockerImageLayers ?? []
  if (layers.length === 0) return labelLine('Layer Size', size)
  const rows = layers.map((layer) => `${decimalSize(layer.size)}\t${layer.name}`)
  return labelLine('Image Size', `${size} in ${layers.length} layers`) + listLines('Layers', rows)
}

function signatureLines(signature: ImageSignature): string {
  const verified = (signature.conditions ?? []).filter((c) => c.type === 'Trusted' || c.type === 'ForImage')
  const trusted = verified.some((c) => c.status === 'True')
  const lines = [
    'Image Signatures:\t ',
    `\tName:\t${signature.metadata?.name ?? ''}`,
    `\tType:\t${signature.type ?? ''}`,
    `\tStatus:\t${trusted ? 'Verified' : 'Unverified'}`,
  ]
  if (trusted) {
    lines.push(`\tIssued By:\t${signature.issuedBy?.commonName ?? ''}`)
    for (const c of verified) {
      lines.push(`\t:\tSignature is ${c.type} (${c.message ?? ''} on ${c.lastProbeTime ?? ''})`)
    }
  }
  return lines.map((line) => `${line}\n`).join('')
}

function contentLines(image: ImageObject, now: Date): string {
  const metadata = image.dockerImageMetadata ?? {}
  const config = metadata.Config ?? {}
  const manifests = image.dockerImageManifests ?? []
  return [
    labelLine('Image Created', `${longAge(ageOf(metadata.Created, now))} ago`),
    labelLine('Author', metadata.Author),
    labelLine('Arch', metadata.Architecture),
    listLines(
      'Manifests',
      manifests.map((m) => `${m.os ?? ''}/${m.architecture ?? ''}\t${m.digest}`),
    ),
    configLines(config),
  ].join('')
}

function configLines(config: ContainerConfig): string {
  const entrypoint = config.Entrypoint ?? []
  const command = config.Cmd ?? []
  return [
    entrypoint.length === 0 ? '' : labelLine('Entrypoint', entrypoint.join(' ')),
    command.length === 0 ? '' : labelLine('Command', command.join(' ')),
    entrypoint.length === 0 && command.length === 0 ? labelLine('Command', '') : '',
    labelLine('Working Dir', config.WorkingDir),
    labelLine('User', config.User),
    labelLine(
      'Exposes Ports',
      Object.keys(config.ExposedPorts ?? {})
        .sort()
        .join(', '),
    ),
    mapLines('Docker Labels', config.Labels),
    listLines('Environment', config.Env ?? []),
    listLines('Volumes', Object.keys(config.Volumes ?? {}).sort()),
  ].join('')
}
