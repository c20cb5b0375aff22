import type { Command, Entry, Group } from './command.ts'
import type { Flag } from './parse/flags.ts'

/** `--help` in the layout of cli.md §0.10; the words are our own. */

export function shownDefault(flag: Flag): string {
  if (flag.shownDefault !== undefined) return flag.shownDefault
  switch (flag.kind) {
    case 'bool':
      return String(flag.default ?? false)
    case 'int':
      return String(flag.default ?? 0)
    case 'duration':
      return flag.default ?? '0s'
    case 'list':
    case 'array':
      return '[]'
    default:
      return `'${flag.default ?? ''}'`
  }
}

export function optionLines(flags: readonly Flag[]): string {
  const shown = flags.filter((flag) => flag.hidden !== true && flag.deprecated === undefined)
  const sorted = shown.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return sorted
    .map((flag) => {
      const short = flag.short === undefined ? '' : `-${flag.short}, `
      return `    ${short}--${flag.name}=${shownDefault(flag)}:\n\t${flag.help}\n`
    })
    .join('\n')
}

function paragraphs(text: string): string {
  const [first = '', ...rest] = text.split('\n\n')
  return [first, ...rest.map((paragraph) => paragraph.replace(/^/gm, ' '))].join('\n\n')
}

function exampleLines(text: string, program: string): string {
  return text.replaceAll('$0', program).replace(/^/gm, '  ')
}

/** `aliases` include the command's own name. */
export function commandHelp(
  path: string,
  command: Command,
  program: string,
  aliases: readonly string[] = [],
): string {
  const flags = command.flags ?? []
  const sections = [paragraphs(command.long)]
  if (aliases.length > 1) sections.push(`Aliases:\n${aliases.join(', ')}`)
  if (command.examples !== undefined) sections.push(`Examples:\n${exampleLines(command.examples, program)}`)
  const options = optionLines(flags)
  if (options !== '') sections.push(`Options:\n${options.trimEnd()}`)
  const usage = command.usage === '' ? '' : ` ${command.usage}`
  sections.push(`Usage:\n  ${path}${usage} [flags]${options === '' ? '' : ' [options]'}`)
  sections.push(
    `Use "${program} options" for a list of global command-line options (applies to all commands).`,
  )
  return `${sections.join('\n\n')}\n`
}

function commandLines(entries: readonly Entry[]): string {
  const shown = entries.filter((entry) => entry.hidden !== true && entry.deprecated === undefined)
  const width = Math.max(...shown.map((entry) => entry.name.length))
  return shown.map((entry) => `  ${entry.name.padEnd(width)}   ${entry.short}`).join('\n')
}

/** What the program is, for its own help. */
function introduction(path: string, group: Group, program: string): string {
  if (group.long !== '' || path !== program) return paragraphs(group.long)
  return `${program} works with image streams, and with what follows them, on a Weir or OpenShift server.`
}

export function groupHelp(path: string, group: Group, program: string): string {
  const sections = [
    introduction(path, group, program),
    `Available Commands:\n${commandLines(group.entries)}`,
    `Usage:\n  ${path} [flags] [options]`,
    `Use "${path} <command> --help" for more information about a given command.`,
  ]
  return `${sections.filter((section) => section !== '').join('\n\n')}\n`
}
