import { type ApiResource, resourcePath } from '../../client/index.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { BareError, CliError, ManyErrors } from '../errors.ts'
import { nothingGiven, type Selection, selectArguments } from './arguments.ts'
import { mapObject } from './file-targets.ts'
import { readObjects } from './files.ts'
import { listPages } from './list.ts'
import { readObject } from './probe.ts'

/** The objects that a command works on, read from the server (or, with `local`, from files alone). */

export interface SelectedObject {
  resource: ApiResource
  /** '' for cluster-scoped ones. */
  namespace: string
  object: KubeObject
}

export interface SelectOptions {
  args: readonly string[]
  /** How the reads ask; default `application/json`. */
  accept?: string
  /** Objects a request of lists; 0: all at once. */
  limit?: number
  /** Lists of a type need --all or -l. */
  allNeeded?: boolean
  /** The command has --all, -l, --field-selector, --all-namespaces, --local. */
  has: {
    all?: boolean
    selector?: boolean
    fieldSelector?: boolean
    allNamespaces?: boolean
    local?: boolean
  }
  /** What is said when nothing is named; default: how to name something. */
  nothing?(): Error
  /** Read by name through this part of the object. */
  subresource?: string
}

export interface SelectedObjects {
  objects: SelectedObject[]
  /** Exactly one object was named. */
  single: boolean
}

function toSelected(resource: ApiResource, namespace: string, object: KubeObject): SelectedObject {
  return { resource, namespace: resource.namespaced ? (object.metadata.namespace ?? namespace) : '', object }
}

async function fromFiles(context: CommandContext, options: SelectOptions): Promise<SelectedObjects> {
  const { session, program, flags } = context
  const sourced = await readObjects(context)
  const local = options.has.local === true && flags.bool('local')
  const objects: SelectedObject[] = []
  for (const one of sourced) {
    if (local) {
      const { localResource } = await import('./local-resource.ts')
      objects.push({
        resource: localResource(one.object),
        namespace: one.object.metadata.namespace ?? '',
        object: one.object,
      })
      continue
    }
    const { resource, namespace, object } = await mapObject(session, one, program)
    const rest = await session.rest()
    const read = await readObject<KubeObject>(
      rest,
      resource,
      namespace,
      object.metadata.name ?? '',
      acceptOf(options),
    )
    objects.push({ resource, namespace, object: withType(read, resource) })
  }
  return { objects, single: objects.length === 1 }
}

function acceptOf({ accept }: SelectOptions): { accept?: string } {
  return accept === undefined ? {} : { accept }
}

/** Items of lists don't carry their type. */
export function withType(object: KubeObject, resource: ApiResource): KubeObject {
  const apiVersion = resource.group === '' ? resource.version : `${resource.group}/${resource.version}`
  return { apiVersion, kind: resource.kind, ...object }
}

function selectorOf(
  { flags }: CommandContext,
  { has }: SelectOptions,
  which: 'selector' | 'fieldSelector',
): string {
  if (has[which] !== true) return ''
  return flags.string(which === 'selector' ? 'selector' : 'field-selector')
}

function checkSelection(context: CommandContext, options: SelectOptions, selection: Selection): void {
  const { flags } = context
  const listing = selection.wanted.some(({ name }) => name === undefined)
  const all = options.has.all === true && flags.bool('all')
  const selected = (['selector', 'fieldSelector'] as const).some(
    (one) => selectorOf(context, options, one) !== '',
  )
  if (!listing && selected) throw new CliError('name cannot be provided when a selector is specified')
  if (listing && options.allNeeded !== false && !all && !selected) {
    throw new CliError('resource(s) were provided, but no name was specified')
  }
}

function filesNeeded(): BareError {
  return new BareError(`error: you must specify resources by --filename when --local is set.
Example resource specifications include:
   '-f rsrc.yaml'
   '--filename=rsrc.json'`)
}

/** Rejects when anything can't be read; of several failures all are told. */
export async function selectObjects(
  context: CommandContext,
  options: SelectOptions,
): Promise<SelectedObjects> {
  const { flags, session, program } = context
  if (flags.list('filename').length > 0 || flags.string('kustomize') !== '')
    return fromFiles(context, options)
  if (options.has.local === true && flags.bool('local')) throw filesNeeded()
  if (options.args.length === 0) throw (options.nothing ?? nothingGiven)()
  const selection = await selectArguments(session, options.args, program)
  checkSelection(context, options, selection)
  const everywhere = options.has.allNamespaces === true && flags.bool('all-namespaces')
  const namespace = everywhere ? '' : await session.namespace()
  const rest = await session.rest()
  const objects: SelectedObject[] = []
  const errors: unknown[] = []
  for (const { resource, name } of selection.wanted) {
    try {
      if (name === undefined) {
        const labelSelector = selectorOf(context, options, 'selector')
        const fieldSelector = selectorOf(context, options, 'fieldSelector')
        const request = { labelSelector, fieldSelector, limit: options.limit ?? 500, ...acceptOf(options) }
        for await (const page of listPages<{ metadata?: ListMeta; items?: KubeObject[] }>(
          rest,
          resource,
          namespace,
          request,
        )) {
          objects.push(
            ...(page.items ?? []).map((item) => toSelected(resource, namespace, withType(item, resource))),
          )
        }
      } else {
        const { subresource = '' } = options
        const asked = { subresource, ...acceptOf(options) }
        const read = await readObject<KubeObject>(rest, resource, namespace, name, asked)
        objects.push(toSelected(resource, namespace, withType(read, resource)))
      }
    } catch (error) {
      errors.push(error)
    }
  }
  if (errors.length === 1) throw errors[0]
  if (errors.length > 1) throw new ManyErrors(errors)
  return { objects, single: selection.single }
}

/** Path of a selected object. */
export function pathOfSelected({ resource, namespace, object }: SelectedObject): string {
  return resourcePath(resource, namespace, object.metadata.name ?? '')
}
