/**
 * `node scripts/write-command-docs.ts`: writes docs/commands, a page a command, from the definitions of the commands.
 * A test fails while the pages are not those that this would write.
 */
import { mkdir, readdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Command, type Entry, type Group, isGroup } from '../src/cli/command.ts'
import { rootEntries } from '../src/cli/commands.ts'
import { globalFlags } from '../src/cli/global-flags.ts'
import { shownDefault } from '../src/cli/help.ts'
import type { Flag } from '../src/cli/parse/flags.ts'
import { serverCommands } from '../src/server-commands.ts'

const program = 'weir'
export const commandDocsFolder = new URL('../docs/commands/', import.meta.url).pathname

interface Page {
  file: string
  path: string
  short: string
  text: string
}

/** Names and texts of all pages, the index among them. */
export async function commandDocs(): Promise<Map<string, string>> {
  const pages = await pagesOf([...serverCommands, ...rootEntries(program)], [program])
  return new Map([
    ['README.md', indexPage(pages)],
    ...pages.map(({ file, text }): [string, string] => [file, text]),
  ])
}

async function pagesOf(entries: readonly Entry[], path: readonly string[]): Promise<Page[]> {
  const pages: Page[] = []
  // What only scripts call (`__complete`) is nobody's command.
  const called = entries.filter(({ name }) => !name.startsWith('__'))
  for (const entry of called.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const own = [...path, entry.name]
    const loaded = await entry.load()
    const text = isGroup(loaded) ? groupPage(own, entry, loaded) : commandPage(own, entry, loaded)
    pages.push({ file: fileOf(own), path: own.join(' '), short: entry.short, text })
    if (isGroup(loaded)) pages.push(...(await pagesOf(loaded.entries, own)))
  }
  return pages
}

function fileOf(path: readonly string[]): string {
  return `${path.slice(1).join('-')}.md`
}

const generated = '<!-- Written by scripts/write-command-docs.ts from the definition of the command. -->'

function headOf(path: readonly string[], { short, aliases = [], deprecated, hidden }: Entry): string[] {
  return [
    `# ${path.join(' ')}`,
    generated,
    `${short}.`,
    ...(aliases.length === 0 ? [] : [`Also called ${aliases.map((alias) => `\`${alias}\``).join(', ')}.`]),
    ...(deprecated === undefined ? [] : [`Deprecated: ${deprecated}`]),
    ...(hidden === true && deprecated === undefined
      ? ['Older clients have this command; `oc` no longer does.']
      : []),
  ]
}

function fenced(text: string, language = ''): string {
  return `\`\`\`${language}\n${text}\n\`\`\``
}

function commandPage(path: readonly string[], entry: Entry, command: Command): string {
  const usage = [path.join(' '), command.usage, '[flags]'].filter((part) => part !== '').join(' ')
  return page([
    ...headOf(path, entry),
    fenced(usage.replace('[flags] [flags]', '[flags]')),
    escaped(command.long),
    ...(command.examples === undefined
      ? []
      : ['## Examples', fenced(dedented(command.examples).replaceAll('$0', program), 'sh')]),
    ...flagSection('## Options', command.flags ?? []),
    'The [options of every command](README.md#options-of-every-command) work too.',
  ])
}

function groupPage(path: readonly string[], entry: Entry, group: Group): string {
  const rows = group.entries.map(
    ({ name, short }) =>
      `| [\`${[...path, name].join(' ')}\`](${fileOf([...path, name])}) | ${cell(short)} |`,
  )
  return page([
    ...headOf(path, entry),
    ...(group.long === '' ? [] : [escaped(group.long)]),
    ['| command | |', '|---|---|', ...rows].join('\n'),
    ...(group.fallback === undefined ? [] : ['## On its own', escaped(group.fallback.long)]),
    ...flagSection('## Options', group.fallback?.flags ?? []),
  ])
}

function flagSection(title: string, flags: readonly Flag[]): string[] {
  const shown = flags.filter(({ hidden, deprecated }) => hidden !== true && deprecated === undefined)
  if (shown.length === 0) return []
  const rows = shown
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
    .map((flag) => {
      const short = flag.short === undefined ? '' : `\`-${flag.short}\`, `
      return `| ${short}\`--${flag.name}\` | ${codeCell(shownDefault(flag))} | ${cell(flag.help)} |`
    })
  return [title, ['| option | default | meaning |', '|---|---|---|', ...rows].join('\n')]
}

const dedented = (text: string) => (/^(?! {2}|$)/m.test(text) ? text : text.replace(/^ {2}/gm, ''))
/** Angle brackets would be taken for HTML. */
const escaped = (text: string) => text.replaceAll('<', '&lt;')
const cell = (text: string) => escaped(text).replaceAll('|', '\\|').replaceAll('\n', ' ')
const codeCell = (text: string) => `\`${text.replaceAll('|', '\\|')}\``
const page = (sections: readonly string[]) => `${sections.join('\n\n')}\n`

function indexPage(pages: readonly Page[]): string {
  const rows = pages.map(({ file, path, short }) => `| [\`${path}\`](${file}) | ${cell(short)} |`)
  return page([
    '# Commands',
    generated,
    "All commands of `weir`. Called under the name `oc`, through a link or a wrapper, it does what OpenShift's client does; the server, `explain-image` and commands that only older clients have are left out then.",
    ['| command | |', '|---|---|', ...rows].join('\n'),
    ...flagSection('## Options of every command', globalFlags),
  ])
}

async function writeDocs(): Promise<void> {
  const docs = await commandDocs()
  await mkdir(commandDocsFolder, { recursive: true })
  for (const file of await readdir(commandDocsFolder)) {
    if (!docs.has(file)) await rm(join(commandDocsFolder, file))
  }
  for (const [file, text] of docs) await writeFile(join(commandDocsFolder, file), text)
}

if (import.meta.main) await writeDocs()
