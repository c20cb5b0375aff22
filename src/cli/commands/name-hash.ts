import { createHash } from 'node:crypto'
import { sortKeys } from '../print/format-json.ts'

const friendly: Record<string, string> = { '0': 'g', '1': 'h', '3': 'k', a: 'm', e: 't' }

/** The name with ten characters of a hash of kind, name, type and content appended, as --append-hash does. */
export function hashedName(object: {
  kind: string
  metadata: { name: string }
  data?: unknown
  binaryData?: unknown
  type?: string
}): string {
  const { kind, metadata, data = '', binaryData, type } = object
  const content =
    kind === 'Secret'
      ? { kind, type: type ?? '', name: metadata.name, data }
      : { kind, name: metadata.name, data, ...(binaryData === undefined ? {} : { binaryData }) }
  const hex = createHash('sha256')
    .update(JSON.stringify(sortKeys(content)))
    .digest('hex')
  const short = Array.from(hex.slice(0, 10), (c) => friendly[c] ?? c).join('')
  return `${metadata.name}-${short}`
}
