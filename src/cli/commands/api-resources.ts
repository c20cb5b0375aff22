import type { ApiResource } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { formatTabs, tableLayout } from '../print/tab-writer.ts'

/** cli.md §0.10: what the server serves, read afresh. */
export const apiResourcesCommand: Command = {
  usage: '',
  long: 'Show the types that the server serves.',
  flags: [
    { name: 'api-group', kind: 'string', help: 'Only the types of this group.' },
    { name: 'cached', kind: 'bool', help: 'Use what was kept of the last answer.' },
    { name: 'categories', kind: 'list', help: 'Only the types of these categories.' },
    {
      name: 'namespaced',
      kind: 'bool',
      default: true,
      help: 'Only types with, or with false those without, a namespace.',
    },
    { name: 'no-headers', kind: 'bool', help: 'Leave out the header.' },
    { name: 'output', short: 'o', kind: 'string', help: 'wide or name.' },
    { name: 'sort-by', kind: 'string', help: 'name or kind.' },
    { name: 'verbs', kind: 'list', help: 'Only the types that know all of these verbs.' },
  ],
  run: runApiResources,
}

export const apiVersionsCommand: Command = {
  usage: '',
  long: 'Show the group versions that the server serves.',
  run: async ({ session, io, args }) => {
    if (args.length > 0) throw new UsageError(`unexpected arguments: [${args.join(' ')}]`)
    const { groups } = await session.discovery.refresh()
    const versions = groups.flatMap(({ name, versions }) =>
      versions.map((version) => (name === '' ? version : `${name}/${version}`)),
    )
    io.stdout.write(
      versions
        .sort()
        .map((version) => `${version}\n`)
        .join(''),
    )
  },
}

function qualified({ group, plural }: ApiResource): string {
  return group === '' ? plural : `${plural}.${group}`
}

function select(resources: readonly ApiResource[], { flags }: CommandContext): ApiResource[] {
  const group = flags.string('api-group')
  const shown = resources.filter((resource) => {
    if (flags.changed('api-group') && resource.group !== group) return false
    if (flags.changed('namespaced') && resource.namespaced !== flags.bool('namespaced')) return false
    if (!flags.list('verbs').every((verb) => resource.verbs.includes(verb))) return false
    return flags.list('categories').every((category) => resource.categories.includes(category))
  })
  // Of several versions of a type only the first, preferred one is shown.
  const first = new Map<string, ApiResource>()
  for (const resource of shown) if (!first.has(qualified(resource))) first.set(qualified(resource), resource)
  return [...first.values()]
}

function sortResources(resources: ApiResource[], by: string): ApiResource[] {
  const key = (r: ApiResource) =>
    by === 'name' ? r.plural : by === 'kind' ? r.kind : `${r.group}\0${r.plural}`
  return resources.sort((a, b) => (key(a) < key(b) ? -1 : 1))
}

function rowOf(resource: ApiResource, wide: boolean): string {
  const { group, version, plural, shortNames, namespaced, kind, verbs, categories } = resource
  const cells = [
    plural,
    shortNames.join(','),
    group === '' ? version : `${group}/${version}`,
    String(namespaced),
    kind,
  ]
  if (wide) cells.push([...verbs].sort().join(','), categories.join(','))
  return `${cells.join('\t')}\n`
}

async function runApiResources(context: CommandContext): Promise<void> {
  const { flags, session, io, args } = context
  if (args.length > 0) throw new UsageError(`unexpected arguments: [${args.join(' ')}]`)
  const output = flags.string('output')
  if (!['', 'wide', 'name'].includes(output)) throw new CliError(`--output ${output} is not available`)
  const by = flags.string('sort-by')
  if (!['', 'name', 'kind'].includes(by)) throw new CliError('--sort-by accepts only name or kind')
  const discovered = await (flags.bool('cached') ? session.discovery.get() : session.discovery.refresh())
  const resources = sortResources(select(discovered.resources, context), by)
  if (output === 'name') {
    io.stdout.write(resources.map((resource) => `${qualified(resource)}\n`).join(''))
    return
  }
  const wide = output === 'wide'
  const header = `NAME\tSHORTNAMES\tAPIVERSION\tNAMESPACED\tKIND${wide ? '\tVERBS\tCATEGORIES' : ''}\n`
  const rows = resources.map((resource) => rowOf(resource, wide)).join('')
  io.stdout.write(formatTabs(flags.bool('no-headers') ? rows : header + rows, tableLayout))
}
