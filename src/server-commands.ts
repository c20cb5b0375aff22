import type { Entry } from './cli/index.ts'

/** Commands of the program that work on this machine's server and its data, not through the API. */
export const serverCommands: readonly Entry[] = [
  {
    name: 'start',
    short: 'Run the server on this machine',
    load: async () => (await import('./server/start-command.ts')).startCommand,
  },
  {
    name: 'backup',
    short: 'Copy the data directory, while the server runs or not',
    load: async () => (await import('./server/backup/commands.ts')).backupCommand,
  },
  {
    name: 'restore',
    short: 'Make a data directory of a backup',
    load: async () => (await import('./server/backup/commands.ts')).restoreCommand,
  },
  {
    name: 'fsck',
    short: 'Check a data directory whose server is stopped',
    load: async () => (await import('./server/fsck-command.ts')).fsckCommand,
  },
  {
    name: 'hard-prune',
    short: 'Delete from a stopped registry what no object of the API needs',
    load: async () => (await import('./server/hard-prune-command.ts')).hardPruneCommand,
  },
]
