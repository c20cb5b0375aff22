/**
 * Gives the memory of bytes back at once. Buffers lie outside of JavaScript's heap, and large ones wait long for the garbage
 * collector, who sees little of them. Only for bytes that have their whole buffer for themselves, and that nobody looks at again.
 */
export function giveBack({ buffer }: Uint8Array): void {
  if (buffer instanceof ArrayBuffer) buffer.transfer(0)
}
