import { createInterface } from 'node:readline'
import type { Io } from './io.ts'

/** One line of standard input, '' at its end. */
export async function readLine(io: Io): Promise<string> {
  const lines = createInterface({ input: io.stdin, terminal: false })
  try {
    for await (const line of lines) return line
    return ''
  } finally {
    lines.close()
  }
}

/** As {@link readLine}; on a terminal the line is not shown. */
export async function readSecret(io: Io): Promise<string> {
  const input = io.stdin as typeof io.stdin & { setRawMode?(mode: boolean): void }
  if (input.isTTY !== true || input.setRawMode === undefined) return readLine(io)
  input.setRawMode(true)
  try {
    return await readRaw(io)
  } finally {
    input.setRawMode(false)
    io.stdout.write('\n')
  }
}

async function readRaw(io: Io): Promise<string> {
  let typed = ''
  for await (const chunk of io.stdin.iterator({ destroyOnReturn: false })) {
    for (const c of String(chunk)) {
      if (c === '\r' || c === '\n') return typed
      if (c === '\u0003' || c === '\u0004') return ''
      typed = c === '\u007f' || c === '\b' ? typed.slice(0, -1) : typed + c
    }
  }
  return typed
}
