import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { allNamespacesFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { formatYaml } from '../print/format-yaml.ts'
import { createPrinter, type PrintedObject, printFlags } from '../print/printer.ts'
import { nothingGiven, selectArguments } from '../resources/arguments.ts'
import { listPages } from '../resources/list.ts'
import { readObject } from '../resources/probe.ts'
import { withType } from '../resources/select-objects.ts'
import { stripForExport } from './export-strip.ts'

/** cli.md §6: gone from current clients, kept under our own name since documentation still shows it. */
export const exportCommand: Command = {
  usage: 'TYPE/NAME ... [options]',
  long: 'Show objects as they may be created elsewhere: without what the server added.',
  flags: [
    ...printFlags,
    ...fileFlags,
    selectorFlag,
    allNamespacesFlag,
    { name: 'all', kind: 'bool', default: true, hidden: true, help: 'All objects of a type.' },
    { name: 'as-template', kind: 'string', help: 'Wrap everything in a template of this name.' },
    { name: 'exact', kind: 'bool', help: "Keep what is the cluster's own, such as namespaces." },
    { name: 'output-version', kind: 'string', hidden: true, help: 'No longer used.' },
    { name: 'raw', kind: 'bool', help: 'Change nothing.' },
  ],
  run: runExport,
}

async function readAll(context: CommandContext): Promise<KubeObject[]> {
  const { flags, args, session, program } = context
  if (flags.list('filename').length > 0) {
    const { readObjects } = await import('../resources/files.ts')
    return (await readObjects(context)).map(({ object }) => object)
  }
  if (args.length === 0) throw nothingGiven()
  const rest = await session.rest()
  const namespace = flags.bool('all-namespaces') ? '' : await session.namespace()
  const objects: KubeObject[] = []
  for (const { resource, name } of (await selectArguments(session, args, program)).wanted) {
    if (name !== undefined)
      objects.push(withType(await readObject<KubeObject>(rest, resource, namespace, name), resource))
    else {
      const request = { labelSelector: flags.string('selector'), limit: 500 }
      const pages = listPages<{ metadata?: ListMeta; items?: KubeObject[] }>(
        rest,
        resource,
        namespace,
        request,
      )
      for await (const page of pages)
        objects.push(...(page.items ?? []).map((item) => withType(item, resource)))
    }
  }
  return objects
}

async function runExport(context: CommandContext): Promise<void> {
  const { flags, io } = context
  const [exact, raw] = [flags.bool('exact'), flags.bool('raw')]
  if (exact && raw) throw new CliError('--exact and --raw may not both be specified')
  io.stderr.write('Command "export" is deprecated, use the oc get --export\n')
  const read = await readAll(context)
  const objects = raw ? read : read.flatMap((object) => stripForExport(object, exact) ?? [])
  if (objects.length === 0) throw new CliError('no resources found - nothing to export')
  const shown = wrap(objects, flags.string('as-template'))
  const printer = await createPrinter(flags, { cwd: io.cwd })
  io.stdout.write(printer === undefined ? formatYaml(shown) : printer.print(shown, true))
}

function wrap(objects: KubeObject[], template: string): PrintedObject {
  if (template !== '') {
    return {
      apiVersion: 'template.openshift.io/v1',
      kind: 'Template',
      metadata: { name: template },
      objects,
    } as PrintedObject
  }
  if (objects.length === 1) return objects[0] as PrintedObject
  return { apiVersion: 'v1', kind: 'List', metadata: {}, items: objects }
}
