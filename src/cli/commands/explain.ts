import type { ApiResource, Rest } from '../../client/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { BareError, CliError, NoResourceTypeError } from '../errors.ts'
import { visible } from '../io.ts'
import { explainSchema, NoFieldError, type OpenApiSchema, typeLines } from './explain-schema.ts'

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
  const resource = await session.resource(type).catch((error: unknown) => {
    throw error instanceof NoResourceTypeError ? new BareError(error.message) : error
  })
  const wanted = flags.string('api-version')
  const slash = wanted.indexOf('/')
  const group = wanted === '' ? resource.group : wanted.slice(0, Math.max(slash, 0))
  const version = wanted === '' ? resource.version : wanted.slice(slash + 1)
  const served = await session.discovery.find((discovered) =>
    discovered.resources.find(
      (one) => one.group === group && one.version === version && one.plural === resource.plural,
    ),
  )
  if (served === undefined)
    throw new CliError(
      `couldn't find resource for ${JSON.stringify(`${wanted}, Resource=${resource.plural}`)}`,
    )
  const schemas = await readSchemas(await session.rest(), { group, version })
  const gvk = { group, version, kind: resource.kind }
  try {
    io.stdout.write(visible(explainSchema(schemas, gvk, fields, flags.bool('recursive'))))
  } catch (error) {
    if (error instanceof NoFieldError) io.stdout.write(visible(typeLines(gvk)))
    throw error
  }
}
