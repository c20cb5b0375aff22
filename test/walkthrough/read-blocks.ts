/** A piece of a page that a reader would paste into a shell. */
export interface Block {
  /** The last heading before it. */
  heading: string
  /** Counted from 1. */
  line: number
  text: string
}

/** The blocks fenced as `sh`, in order. */
export function readBlocks(markdown: string): Block[] {
  const blocks: Block[] = []
  let heading = ''
  let open: { line: number; lines: string[] } | undefined
  for (const [i, line] of markdown.split('\n').entries()) {
    if (open !== undefined && line === '```') {
      blocks.push({ heading, line: open.line, text: open.lines.join('\n') })
      open = undefined
    } else if (open !== undefined) open.lines.push(line)
    else if (line === '```sh') open = { line: i + 2, lines: [] }
    else if (/^#+ /.test(line)) heading = line.replace(/^#+ /, '')
  }
  if (open !== undefined) throw new Error(`the block at line ${open.line} has no end`)
  return blocks
}
