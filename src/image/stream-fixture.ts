import {
  canonicalImageStream,
  type ImageStream,
  type NamedTagEventList,
  type TagEvent,
  type TagReference,
} from '../api/image/index.ts'
import type { StreamEnv } from './env.ts'
import {
  applyStreamWrite,
  noFacts,
  planStreamWrite,
  type StreamWriteFacts,
  type WriteFlavour,
} from './stream-write.ts'
import { unrestricted } from './whitelist.ts'

/** Short ways to write streams down, for tests. */

export const now = new Date('2024-05-06T12:00:00Z')
export const nowText = '2024-05-06T12:00:00Z'

export const env: StreamEnv = {
  now,
  internalRegistry: 'reg:5000',
  externalRegistries: [],
  whitelist: unrestricted,
  defaultImportMode: 'Legacy',
}

export function digest(letter: string): string {
  return `sha256:${letter.repeat(64)}`
}

export function event(letter: string, generation = 1, created = '2024-01-01T00:00:00Z'): TagEvent {
  return {
    created,
    dockerImageReference: `quay.io/o/app@${digest(letter)}`,
    image: digest(letter),
    generation,
  }
}

export function history(tag: string, ...items: TagEvent[]): NamedTagEventList {
  return { tag, items: items.length === 0 ? null : items }
}

export function fromTag(name: string, from: string, more: Partial<TagReference> = {}): TagReference {
  return specTagOf(name, { kind: 'ImageStreamTag', name: from }, more)
}

export function fromImage(name: string, from: string, more: Partial<TagReference> = {}): TagReference {
  return specTagOf(name, { kind: 'ImageStreamImage', name: from }, more)
}

export function fromDocker(name: string, from: string, more: Partial<TagReference> = {}): TagReference {
  return specTagOf(name, { kind: 'DockerImage', name: from }, more)
}

function specTagOf(name: string, from: object, more: Partial<TagReference>): TagReference {
  return {
    name,
    annotations: null,
    from,
    generation: null,
    importPolicy: { importMode: 'Legacy' },
    referencePolicy: { type: 'Source' },
    ...more,
  }
}

export interface StreamParts {
  name?: string
  generation?: number
  annotations?: Record<string, string>
  labels?: Record<string, string>
  tags?: TagReference[]
  histories?: NamedTagEventList[]
  repository?: string
}

/** A stored stream of namespace `p`; the integrated registry is `reg:5000`. */
export function stream(parts: StreamParts = {}): ImageStream {
  const { name = 'ruby', generation = 1, annotations, labels, tags = [], histories = [], repository } = parts
  return canonicalImageStream({
    kind: 'ImageStream',
    apiVersion: 'image.openshift.io/v1',
    metadata: {
      name,
      namespace: 'p',
      uid: 'u1',
      resourceVersion: '7',
      generation,
      creationTimestamp: '2023-12-31T00:00:00Z',
      ...(annotations === undefined ? {} : { annotations }),
      ...(labels === undefined ? {} : { labels }),
    },
    spec: {
      lookupPolicy: { local: false },
      ...(repository === undefined ? {} : { dockerImageRepository: repository }),
      tags,
    },
    status: { dockerImageRepository: `reg:5000/p/${name}`, tags: histories },
  })
}

/** Both halves of a write, with nothing more to find out than `facts`. */
export function write(
  next: ImageStream,
  old: ImageStream | undefined,
  flavour: WriteFlavour = 'internal',
  facts: Partial<StreamWriteFacts> = {},
  environment: StreamEnv = env,
): ImageStream {
  const plan = planStreamWrite(next, old, flavour, environment)
  return applyStreamWrite(plan, { ...noFacts, ...facts }, environment)
}

/** `tag: letter@generation, …`, newest first: what the histories of a stream come down to. */
export function summary(of: ImageStream): Record<string, string> {
  const entries = (of.status.tags ?? []).map(({ tag, items }) => {
    const texts = (items ?? []).map(({ image, generation }) => `${image.slice(7, 8) || '-'}@${generation}`)
    return [tag, texts.join(' ')] as const
  })
  return Object.fromEntries(entries)
}

/** `tag: generation` of the spec. */
export function generationsOf(of: ImageStream): Record<string, number | null> {
  return Object.fromEntries((of.spec.tags ?? []).map(({ name, generation }) => [name, generation]))
}
