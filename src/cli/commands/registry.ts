import type { Group } from '../command.ts'

/** cli.md §15. */
export const registryGroup: Group = {
  long: 'Find and log in to the integrated registry.',
  entries: [
    {
      name: 'info',
      short: "Show the registry's host",
      deprecated: 'and will be removed in the future version.',
      load: async () => (await import('./registry-info.ts')).registryInfoCommand,
    },
    {
      name: 'login',
      short: 'Log in to the registry',
      load: async () => (await import('./registry-login.ts')).registryLoginCommand,
    },
  ],
}
