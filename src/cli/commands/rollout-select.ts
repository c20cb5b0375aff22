import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { type SelectedObjects, selectObjects } from '../resources/select-objects.ts'

/** The workloads that a `rollout` command names. */
export function selectRollouts(context: CommandContext): Promise<SelectedObjects> {
  return selectObjects(context, {
    args: context.args,
    has: { selector: true },
    nothing: () => new CliError('required resource not specified'),
  })
}

const workloads = new Set(['Deployment', 'DaemonSet', 'StatefulSet', 'DeploymentConfig'])

/** `name.group` of a kind that can't do what is asked, undefined for workloads. */
export function notRolledOut(kind: string, group: string): string | undefined {
  return workloads.has(kind) ? undefined : `${kind}${group === '' ? '' : `.${group}`}`
}
