import { writevSync } from 'node:fs'
import type { FileHandle } from 'node:fs/promises'

/** Writes the parts one after the other from `position` on, however much the system takes at a time. */
export async function writeParts(
  file: FileHandle,
  parts: readonly Uint8Array[],
  position: number,
): Promise<void> {
  let at = position
  let rest = parts
  while (rest.length > 0) {
    const { bytesWritten } = await file.writev(rest, at)
    at += bytesWritten
    rest = remaining(rest, bytesWritten)
  }
}

/** As above, for threads that may wait. */
export function writePartsSync(fd: number, parts: readonly Uint8Array[], position: number): void {
  let at = position
  let rest = parts
  while (rest.length > 0) {
    const bytesWritten = writevSync(fd, rest, at)
    at += bytesWritten
    rest = remaining(rest, bytesWritten)
  }
}

/** What is left of the parts after so many bytes. */
function remaining(parts: readonly Uint8Array[], written: number): readonly Uint8Array[] {
  let skip = written
  const first = parts.findIndex((part) => {
    if (skip < part.length) return true
    skip -= part.length
    return false
  })
  if (first === -1) return []
  return [(parts[first] as Uint8Array).subarray(skip), ...parts.slice(first + 1)]
}
