import type { Readable } from 'node:stream'

/**
 * The lines of a body, without their ends, however the bytes are cut: the form of a watch. The last line counts
 * without a line end too. A caller that stops early closes the body.
 */
export async function* readLines(body: Readable): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  // Parts of a line that has not ended: joined once, so that a long line costs its length and not its square.
  let parts: string[] = []
  try {
    for await (const chunk of body) {
      const text = decoder.decode(chunk, { stream: true })
      let start = 0
      for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
        parts.push(text.slice(start, end))
        const line = parts.join('').trimEnd()
        parts = []
        start = end + 1
        if (line !== '') yield line
      }
      if (start < text.length) parts.push(text.slice(start))
    }
    const rest = (parts.join('') + decoder.decode()).trim()
    if (rest !== '') yield rest
  } finally {
    body.destroy()
  }
}
