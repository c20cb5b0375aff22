import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import {
  groupSubject,
  listBindings,
  type RbacSubject,
  type RoleBinding,
  sameSubject,
  userSubject,
} from '../resources/role-bindings.ts'
import { writeRemaining } from './policy-remove.ts'

/** `remove-user` and `remove-group`: out of every binding of the project (cli.md §13). */

function command(group: boolean): Command {
  const what = group ? 'group' : 'user'
  return {
    usage: `${what.toUpperCase()} [${what.toUpperCase()} ...]`,
    long: `Take all roles of the project from ${what}s.`,
    flags: [...printFlags, dryRunFlag()],
    run: (context) => removeSubjects(context, group),
  }
}

export const removeUserCommand = command(false)
export const removeGroupCommand = command(true)

const words: Readonly<Record<string, string>> = {
  User: 'users',
  Group: 'groups',
  ServiceAccount: 'serviceaccounts',
}

function shownName(subject: RbacSubject, namespace: string): string {
  return subject.kind === 'ServiceAccount'
    ? `${subject.namespace || namespace}/${subject.name}`
    : subject.name
}

async function removeSubjects(context: CommandContext, group: boolean): Promise<void> {
  const { args, flags, session, io } = context
  if (args.length === 0)
    throw new CliError(
      `you must specify at least one argument: <${group ? 'group' : 'user'}> [${group ? 'group' : 'user'}]...`,
    )
  const dryRun = readDryRun(flags, io)
  const namespace = await session.namespace()
  const rest = await session.rest()
  const targets = args.map(group ? groupSubject : userSubject)
  const suffix = dryRun === 'client' ? ' (dry client run)' : dryRun === 'server' ? ' (dry server run)' : ''
  const found = new Set<string>()
  const bindings = (await listBindings(rest, false, namespace)).toSorted((a, b) =>
    (a.metadata.name ?? '') > (b.metadata.name ?? '') ? -1 : 1,
  )
  for (const binding of bindings) {
    const isTarget = (one: RbacSubject) => targets.some((target) => sameSubject(target, one, namespace))
    const removed = (binding.subjects ?? []).filter(isTarget)
    if (removed.length === 0) continue
    const next: RoleBinding = {
      ...binding,
      subjects: (binding.subjects ?? []).filter((one) => !isTarget(one)),
    }
    if (dryRun !== 'client') {
      await writeRemaining(
        context,
        rest,
        { cluster: false, namespace, query: { dryRun: dryRun === 'server' ? 'All' : undefined } },
        next,
      )
    }
    const role =
      binding.roleRef.kind === 'Role' ? `${namespace}/${binding.roleRef.name}` : binding.roleRef.name
    for (const [kind, word] of Object.entries(words)) {
      const names = removed.filter((one) => one.kind === kind).map((one) => shownName(one, namespace))
      if (names.length > 0)
        io.stdout.write(
          `Removing ${role} from ${word} [${names.join(' ')}] in project ${namespace}${suffix}.\n`,
        )
    }
    for (const one of removed) if (one.kind !== 'ServiceAccount') found.add(one.name)
  }
  const unbound = args.filter((name) => !found.has(name)).sort()
  if (unbound.length > 0) {
    io.stdout.write(
      `${group ? 'Groups' : 'Users'} [${unbound.join(' ')}] were not bound to roles in project ${namespace}${suffix}.\n`,
    )
  }
}
