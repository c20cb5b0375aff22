/** Chunks from here on are passed on as they are; smaller ones are gathered. */
const passedOnFrom = 32 << 10
const blockBytes = 64 << 10

/** What arrived of a body and is not yet on its way to the disk. */
export interface ChunkBatch {
  readonly size: number
  add(chunk: Uint8Array): void
  /** Everything, each part the whole of its buffer; then it is empty. */
  take(): Uint8Array<ArrayBuffer>[]
}

/** `ownsChunks`: nobody else reads the chunks, so those that are all of their memory need not be copied. */
export function createChunkBatch(ownsChunks: boolean): ChunkBatch {
  let parts: Uint8Array<ArrayBuffer>[] = []
  let size = 0
  /** The last part, while it has room. */
  let block: { bytes: Uint8Array<ArrayBuffer>; used: number } | undefined

  function gather(chunk: Uint8Array): void {
    if (block === undefined || block.bytes.length - block.used < chunk.length) {
      endBlock()
      block = { bytes: Buffer.allocUnsafeSlow(Math.max(blockBytes, chunk.length)), used: 0 }
    }
    block.bytes.set(chunk, block.used)
    block.used += chunk.length
  }

  function endBlock(): void {
    if (block !== undefined) parts.push(block.bytes.subarray(0, block.used))
    block = undefined
  }

  return {
    get size() {
      return size
    },
    add(chunk) {
      size += chunk.length
      const { buffer } = chunk
      const isWhole = buffer instanceof ArrayBuffer && buffer.byteLength === chunk.length
      if (ownsChunks && isWhole && chunk.length >= passedOnFrom) {
        endBlock()
        parts.push(chunk as Uint8Array<ArrayBuffer>)
      } else if (chunk.length > 0) {
        gather(chunk)
        // Left to the garbage collector, memory outside of the heap costs a full collection every now and then.
        if (ownsChunks && isWhole) buffer.transfer(0)
      }
    },
    take() {
      endBlock()
      const taken = parts
      parts = []
      size = 0
      return taken
    },
  }
}
