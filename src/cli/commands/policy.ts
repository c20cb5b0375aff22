import type { Group } from '../command.ts'
import { roleCommands } from './policy-roles.ts'

/** cli.md §13. */

const whoCan = {
  name: 'who-can',
  short: 'Show who may do something',
  load: async () => (await import('./policy-who-can.ts')).whoCanCommand,
}

const removeUser = {
  name: 'remove-user',
  short: 'Take all roles of the project from users',
  load: async () => (await import('./policy-remove-subject.ts')).removeUserCommand,
}

const removeGroup = {
  name: 'remove-group',
  short: 'Take all roles of the project from groups',
  load: async () => (await import('./policy-remove-subject.ts')).removeGroupCommand,
}

export const policyGroup: Group = {
  long: 'Change who may do what in a project.',
  entries: [...roleCommands(false), removeUser, removeGroup, whoCan],
}

export const admPolicyGroup: Group = {
  long: 'Change who may do what, in a project or everywhere.',
  entries: [...roleCommands(false), ...roleCommands(true), removeUser, removeGroup, whoCan],
}
