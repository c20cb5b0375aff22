import { type ApiResource, type Query, resourcePath } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { UsageError } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import type { Flag } from '../parse/flags.ts'
import { dryRunFlag, fieldManagerFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { withLastApplied } from '../resources/last-applied.ts'
import { saveConfigFlag, validateFlag } from './create.ts'

/** What the generators of `create TYPE NAME` share. */

export const generatorFlags: readonly Flag[] = [
  ...printFlags,
  dryRunFlag(),
  fieldManagerFlag('kubectl-create'),
  saveConfigFlag,
  validateFlag,
]

/** OpenShift's own generators have no field manager and validate nothing. */
export const bareGeneratorFlags = generatorFlags.filter(
  ({ name }) => name !== 'field-manager' && name !== 'validate',
)

export function builtin(
  group: string,
  version: string,
  plural: string,
  kind: string,
  namespaced = true,
): ApiResource {
  return {
    group,
    version,
    plural,
    singular: kind.toLowerCase(),
    shortNames: [],
    kind,
    namespaced,
    verbs: [],
    categories: [],
  }
}

/** The one name of `create TYPE NAME`. */
export function oneName(args: readonly string[]): string {
  if (args.length !== 1) throw new UsageError(`exactly one NAME is required, got ${args.length}`)
  return args[0] as string
}

export interface CreateOptions {
  /** OpenShift's own generators send no query, and print the answer in its own order. */
  bare?: boolean
  query?: Query
  accept?: string
  /** How an error of the server is told; default: as it is. */
  explain?(error: unknown): unknown
}

/** Sends, or with a client dry run only shows, one object. */
export async function createGenerated(
  context: CommandContext,
  resource: ApiResource,
  object: KubeObject,
  options: CreateOptions = {},
): Promise<void> {
  const { flags, session, io } = context
  const dryRun = readDryRun(flags, io)
  const printer = await createResultPrinter(context, { dryRun, typed: true })
  const body = flags.bool('save-config') ? withLastApplied(object) : object
  if (dryRun === 'client') {
    const { namespace, namespaceGiven } = (await session.findTarget()) ?? {
      namespace: '',
      namespaceGiven: false,
    }
    const shown =
      resource.namespaced && namespaceGiven ? { ...body, metadata: { ...body.metadata, namespace } } : body
    return printer.print(shown, 'created')
  }
  const query: Query = {
    dryRun: dryRun === 'server' ? 'All' : undefined,
    ...(options.bare === true
      ? {}
      : { fieldManager: flags.string('field-manager'), fieldValidation: 'Ignore' }),
    ...options.query,
  }
  const rest = await session.rest()
  const path = resourcePath(resource, await session.namespace())
  try {
    const accept = options.accept ?? 'application/json, */*'
    printer.print(
      named(await rest.json<KubeObject>({ method: 'POST', path, query, body, accept }), object),
      'created',
    )
  } catch (error) {
    throw options.explain?.(error) ?? error
  }
}

/** An answer may leave out what it is. */
function named(answer: KubeObject, sent: KubeObject): KubeObject {
  return { kind: sent.kind ?? '', apiVersion: sent.apiVersion ?? '', ...answer }
}
