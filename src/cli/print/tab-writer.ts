/** The elastic tabs of Go's text/tabwriter (cli.md §0.5): cells end in a tab; what follows the last tab is no cell. */

export interface TabLayout {
  minWidth: number
  tabWidth: number
  padding: number
  pad: ' ' | '\t'
}

export const describeLayout: TabLayout = { minWidth: 0, tabWidth: 8, padding: 1, pad: '\t' }
export const tableLayout: TabLayout = { minWidth: 6, tabWidth: 4, padding: 3, pad: ' ' }
export const setLayout: TabLayout = { minWidth: 0, tabWidth: 2, padding: 2, pad: ' ' }
export const rolloutLayout: TabLayout = { minWidth: 0, tabWidth: 8, padding: 2, pad: ' ' }
export const topLayout: TabLayout = { minWidth: 0, tabWidth: 8, padding: 1, pad: ' ' }
export const imageInfoLayout: TabLayout = { minWidth: 0, tabWidth: 4, padding: 1, pad: ' ' }
export const listLayout: TabLayout = { minWidth: 0, tabWidth: 0, padding: 1, pad: ' ' }

/** Columns, as Go counts them: one for each code point. */
function columns(text: string): number {
  let count = 0
  for (const _ of text) count++
  return count
}

function padded(text: string, width: number, layout: TabLayout): string {
  const length = columns(text)
  if (layout.pad === ' ') return text + ' '.repeat(Math.max(0, width - length))
  const whole = Math.ceil(width / layout.tabWidth) * layout.tabWidth
  return text + '\t'.repeat(Math.ceil((whole - length) / layout.tabWidth))
}

/** Lays out text that ends in a newline. `remembered` holds, and receives, the widest width of each column so far. */
export function formatTabs(text: string, layout: TabLayout, remembered?: number[]): string {
  const ended = text.endsWith('\n')
  const lines = (ended ? text.slice(0, -1) : text).split('\n').map((line) => line.split('\t'))
  const out: string[] = []

  function write(from: number, to: number, widths: readonly number[]): void {
    for (let i = from; i < to; i++) {
      const cells = lines[i] as string[]
      out.push(
        cells
          .map((cell, j) =>
            j < cells.length - 1 && j < widths.length ? padded(cell, widths[j] as number, layout) : cell,
          )
          .join(''),
      )
    }
  }

  function widthOf(column: number, from: number, to: number): number {
    let width = layout.minWidth
    for (let i = from; i < to; i++)
      width = Math.max(width, columns(lines[i]?.[column] as string) + layout.padding)
    if (remembered !== undefined) {
      width = Math.max(width, remembered[column] ?? 0)
      remembered[column] = width
    }
    return width
  }

  function format(from: number, to: number, widths: readonly number[]): void {
    const column = widths.length
    const hasCell = (i: number) => column < (lines[i] as string[]).length - 1
    let start = from
    let at = from
    while (at < to) {
      if (!hasCell(at)) {
        at++
        continue
      }
      write(start, at, widths)
      start = at
      while (at < to && hasCell(at)) at++
      format(start, at, [...widths, widthOf(column, start, at)])
      start = at
    }
    write(start, to, widths)
  }

  format(0, lines.length, [])
  return out.join('\n') + (ended ? '\n' : '')
}
