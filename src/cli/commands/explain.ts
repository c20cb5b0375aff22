import type { ApiResource, Rest } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { explainSchema, type OpenApiSchema } from './explain-schema.ts'

/** cli.md §0.10, `explain`. */
export const explainCommand: Command = {
  usage: 'TYPE[.FIELD...] [--recursive=false] [--api-version=api-version-group]',
  long: 'Describe a type and its fields, as the server documents them.',
  examples: `# The type
$0 explain imagestreams

# One of its fields
$0 explain imagestreams.spec.tags`,
  flags: [
    { name: 'api-version', kind: 'string', help: 'Another version of the group, as group/version.' },
    { name: 'output', kind: 'string', default: 'plaintext', help: 'plaintext.' },
    { name: 'recursive', kind: 'bool', help: 'Show the names of all fields below.' },
  ],
  run: runExplain,
}

interface Index {
  paths?: Record<string, { serverRelativeURL?: string }>
}

interface Document {
  components?: { schemas?: Record<string, OpenApiSchema> }
}

async function readSchemas(
  rest: Rest,
  { group, version }: Pick<ApiResource, 'group' | 'version'>,
): Promise<Record<string, OpenApiSchema>> {
  const index = await rest.json<Index>({
    method: 'GET',
    path: '/openapi/v3',
    query: { timeout: '32s' },
    accept: 'application/json, */*',
  })
  const key = group === '' ? `api/${version}` : `apis/${group}/${version}`
  const url = index.paths?.[key]?.serverRelativeURL
  if (url === undefined) throw new CliError(`couldn't find resource for "${group}/${version}"`)
  const [path = '', query = ''] = url.split('?')
  const parameters = Object.fromEntries(new URLSearchParams(query))
  const document = await rest.json<Document>({
    method: 'GET',
    path,
    query: { ...parameters, timeout: '32s' },
  })
  return document.components?.schemas ?? {}
}

async function runExplain(context: CommandContext): Promise<void> {
  const { args, flags, session, io, program } = context
  const [subject, ...more] = args
  if (subject === undefined) {
    throw new CliError(
      `You must specify the type of resource to explain. Use "${program} api-resources" for a complete list of supported resources.`,
    )
  }
  if (more.length > 0) throw new CliError('We accept only this format: explain RESOURCE')
  if (flags.string('output') !== 'plaintext')
    throw new CliError(`unrecognized format: ${flags.string('output')}`)
  const [type = '', ...fields] = subject.split('.')
  const resource = await session.resource(type)
  const wanted = flags.string('api-version')
  const slash = wanted.indexOf('/')
  const group = wanted === '' ? resource.group : wanted.slice(0, Math.max(slash, 0))
  const version = wanted === '' ? resource.version : wanted.slice(slash + 1)
  const schemas = await readSchemas(await session.rest(), { group, version })
  const text = explainSchema(
    schemas,
    { group, version, kind: resource.kind },
    fields,
    flags.bool('recursive'),
  )
  io.stdout.write(visible(text))
}
