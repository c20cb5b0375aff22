import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { PatchType } from '../../client/client.ts'
import { patchContentTypes, type Query, resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, fileProblem, messageOf, throwCollected } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag, fieldManagerFlag, fileFlags } from '../parse/selection-flags.ts'
import { parseYaml } from '../parse/yaml.ts'
import { sortKeys } from '../print/format-json.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { selectObjects } from '../resources/select-objects.ts'

/** cli.md §7.6. */
export const patchCommand: Command = {
  usage: '(-f FILENAME | TYPE NAME) [-p PATCH|--patch-file FILE]',
  long: 'Change fields of an object by a patch, in JSON or YAML.',
  examples: `# Let names of the stream's tags be used as images
$0 patch is ruby -p '{"spec":{"lookupPolicy":{"local":true}}}'`,
  flags: [
    ...printFlags,
    ...fileFlags,
    dryRunFlag(),
    fieldManagerFlag('kubectl-patch'),
    { name: 'local', kind: 'bool', help: 'Change what a file holds, without a server.' },
    { name: 'patch', short: 'p', kind: 'string', help: 'The patch.' },
    { name: 'patch-file', kind: 'string', help: 'A file with the patch.' },
    { name: 'subresource', kind: 'string', help: 'Patch a subresource, such as status.' },
    {
      name: 'type',
      kind: 'string',
      default: 'strategic',
      help: 'Kind of the patch: json, merge or strategic.',
    },
  ],
  run: runPatch,
}

/** Text that begins as JSON goes to the server as it is; what begins otherwise is YAML. */
async function readPatch({ flags, io }: CommandContext): Promise<unknown> {
  let text = flags.string('patch')
  if (text === '' && flags.string('patch-file') === '')
    throw new CliError('must specify --patch or --patch-file containing the contents of the patch')
  if (text !== '' && flags.string('patch-file') !== '')
    throw new CliError('cannot specify --patch and --patch-file together')
  if (flags.string('patch-file') !== '') {
    text = await readFile(resolve(io.cwd, flags.string('patch-file')), 'utf8').catch((error: unknown) => {
      throw new CliError(`unable to read patch file: ${fileProblem(error, flags.string('patch-file'))}`)
    })
  }
  if (text.trimStart().startsWith('{')) return text
  try {
    return await parseYaml(text)
  } catch (error) {
    throw new CliError(`unable to parse ${JSON.stringify(text)}: ${messageOf(error)}`)
  }
}

async function runPatch(context: CommandContext): Promise<void> {
  const { flags, io, session, args } = context
  const type = flags.string('type').toLowerCase()
  if (!['json', 'merge', 'strategic'].includes(type)) {
    throw new CliError(
      `--type must be one of [json merge strategic], not ${JSON.stringify(flags.string('type'))}`,
    )
  }
  const body = await readPatch(context)
  const dryRun = readDryRun(flags, io)
  const local = flags.bool('local')
  const subresource = flags.string('subresource')
  const { objects } = await selectObjects(context, { args, subresource, has: { local: true } })
  // Dry or not, the line is the same.
  const printer = await createResultPrinter(context)
  const errors: unknown[] = []
  for (const { resource, namespace, object } of objects) {
    try {
      if (local || dryRun === 'client') {
        const { applyLocally } = await import('../resources/apply-locally.ts')
        const patched = applyLocally(object, type as PatchType, await parsed(body))
        printer.print(patched, isSame(object, patched) ? 'patched (no change)' : 'patched')
        continue
      }
      const rest = await session.rest()
      const query: Query = {
        dryRun: dryRun === 'server' ? 'All' : undefined,
        fieldManager: flags.string('field-manager'),
      }
      const patched = await rest.json<KubeObject>({
        method: 'PATCH',
        path: resourcePath(resource, namespace, object.metadata.name, subresource),
        query,
        body,
        contentType: patchContentTypes[type as PatchType],
      })
      printer.print(patched, isSame(object, patched) ? 'patched (no change)' : 'patched')
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

async function parsed(body: unknown): Promise<unknown> {
  if (typeof body !== 'string') return body
  return parseYaml(body).catch((error: unknown) => {
    throw new CliError(messageOf(error))
  })
}

function isSame(a: KubeObject, b: KubeObject): boolean {
  return JSON.stringify(sortKeys(a)) === JSON.stringify(sortKeys(b))
}
