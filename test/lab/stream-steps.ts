import { type ImageStreamTag, imageStreams, imageStreamTags, type TagEvent } from '../../src/api/index.ts'
import type { Lab } from './open-lab.ts'

/** What many stories do to a stream of project demo, or ask of it. */

export interface From {
  kind: 'ImageStreamTag' | 'ImageStreamImage' | 'DockerImage'
  name: string
  namespace?: string
}

/** What `weir tag` sends. */
export function tagObject(name: string, from: From, fields: object = {}): ImageStreamTag {
  return { metadata: { name }, tag: { from, ...fields } } as unknown as ImageStreamTag
}

export async function tag(lab: Lab, name: string, from: From, as = 'alice'): Promise<ImageStreamTag> {
  return lab.as(as).update(imageStreamTags, 'demo', tagObject(name, from))
}

/** Newest first; [] where the tag has none. */
export async function eventsOf(lab: Lab, stream: string, name: string): Promise<TagEvent[]> {
  const { status } = await lab.client.get(imageStreams, 'demo', stream)
  return status.tags?.find((entry) => entry.tag === name)?.items ?? []
}

export async function digestsOf(lab: Lab, stream: string, name: string): Promise<string[]> {
  return (await eventsOf(lab, stream, name)).map(({ image }) => image)
}
