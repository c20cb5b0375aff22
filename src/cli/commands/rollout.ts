import type { Group } from '../command.ts'

/** cli.md §11. */
export const rolloutGroup: Group = {
  long: 'See, start, stop and take back rollouts.',
  entries: [
    {
      name: 'cancel',
      short: 'Cancel the rollout of a deployment config',
      load: async () => (await import('./rollout-config.ts')).cancelCommand,
    },
    {
      name: 'history',
      short: 'Show earlier rollouts',
      load: async () => (await import('./rollout-history.ts')).historyCommand,
    },
    {
      name: 'latest',
      short: 'Start a rollout of a deployment config',
      load: async () => (await import('./rollout-config.ts')).latestCommand,
    },
    {
      name: 'pause',
      short: 'Stop reacting to changes',
      load: async () => (await import('./rollout-patch.ts')).pauseCommand,
    },
    {
      name: 'restart',
      short: 'Start all pods anew',
      load: async () => (await import('./rollout-patch.ts')).restartCommand,
    },
    {
      name: 'resume',
      short: 'React to changes again',
      load: async () => (await import('./rollout-patch.ts')).resumeCommand,
    },
    {
      name: 'retry',
      short: 'Try a failed rollout of a deployment config again',
      load: async () => (await import('./rollout-retry.ts')).retryCommand,
    },
    {
      name: 'status',
      short: 'Wait for a rollout',
      load: async () => (await import('./rollout-status.ts')).statusCommand,
    },
    {
      name: 'undo',
      short: 'Go back to an earlier rollout',
      load: async () => (await import('./rollout-undo.ts')).undoCommand,
    },
  ],
}
