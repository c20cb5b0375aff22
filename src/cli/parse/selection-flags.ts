import type { Flag } from './flags.ts'

/** Flags that several commands share. */

export const fileFlags: readonly Flag[] = [
  {
    name: 'filename',
    short: 'f',
    kind: 'list',
    help: 'Files, folders or URLs with the objects; - is standard input.',
  },
  { name: 'kustomize', short: 'k', kind: 'string', help: 'A folder with a kustomization.' },
  { name: 'recursive', short: 'R', kind: 'bool', help: 'Read the folders below those of -f too.' },
]

export const selectorFlag: Flag = {
  name: 'selector',
  short: 'l',
  kind: 'string',
  help: 'Label selector: =, ==, !=, in, notin; several are joined by commas.',
}

export const fieldSelectorFlag: Flag = {
  name: 'field-selector',
  kind: 'string',
  help: 'Field selector, such as metadata.name=x.',
}

export const allNamespacesFlag: Flag = {
  name: 'all-namespaces',
  short: 'A',
  kind: 'bool',
  help: 'Look in all namespaces rather than in one.',
}

export const chunkFlag: Flag = {
  name: 'chunk-size',
  kind: 'int',
  default: 500,
  help: 'Objects a request of long lists; 0 is all at once.',
}

export function dryRunFlag(): Flag {
  return {
    name: 'dry-run',
    kind: 'string',
    default: 'none',
    bare: 'unchanged',
    help: 'none, server (everything but storing) or client (show what would be sent).',
  }
}

export function fieldManagerFlag(name: string): Flag {
  return {
    name: 'field-manager',
    kind: 'string',
    default: name,
    help: 'Name of the owner of the fields that are set.',
  }
}

export const allFlag: Flag = {
  name: 'all',
  kind: 'bool',
  help: 'All objects of the named types in the namespace.',
}
