import { createHash } from 'node:crypto'
import type { Kind } from '../machinery/kind.ts'
import { compressFrom, gzipOnce } from './compress.ts'

/** A document that is made once, on first use, and then served as ready bytes. */
export interface Document {
  body: Buffer
  contentType: string
  /** Strong; of the bytes. Only large documents have one, which clients keep (cli.md §20.1). */
  etag?: string
  /** The body compressed, made on first use; undefined where it is too short to gain by it. */
  gzipped(): Buffer | undefined
}

export interface DocumentSource {
  /** undefined: no such document. `form` tells variants of one path apart. */
  find(path: string, form: string): Document | undefined
}

export interface MadeDocument {
  body: Buffer | object
  contentType: string
  /** Clients keep it and ask whether it has changed. */
  kept?: boolean
}

export type DocumentMaker = () => MadeDocument

/** Documents by path and form, each made when first asked for. */
export function createDocuments(makers: ReadonlyMap<string, DocumentMaker>): DocumentSource {
  const made = new Map<string, Document>()
  return {
    find(path, form) {
      const key = form === '' ? path : `${path} ${form}`
      const known = made.get(key)
      if (known !== undefined) return known
      const maker = makers.get(key)
      if (maker === undefined) return undefined
      const { body, contentType, kept = false } = maker()
      const bytes = Buffer.isBuffer(body) ? body : Buffer.from(JSON.stringify(body))
      const etag = `"${createHash('sha512').update(bytes).digest('hex').toUpperCase()}"`
      const document: Document = {
        body: bytes,
        contentType,
        ...(kept ? { etag } : {}),
        gzipped: zippedOnce(bytes),
      }
      made.set(key, document)
      return document
    },
  }
}

function zippedOnce(bytes: Buffer): () => Buffer | undefined {
  let zipped: Buffer | undefined
  return () => {
    if (zipped === undefined && bytes.length >= compressFrom) zipped = gzipOnce(bytes)
    return zipped
  }
}

export function groupVersionsOf(kinds: readonly Kind[]): { group: string; version: string }[] {
  const seen = new Map(kinds.map(({ group, version }) => [`${group}/${version}`, { group, version }]))
  return [...seen.values()]
}
