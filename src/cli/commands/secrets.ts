import type { Group } from '../command.ts'

/** cli.md §12; what older clients had is there under our own name only. */
export function secretsGroup(program: string): Group {
  return {
    long: 'Give secrets to service accounts.',
    entries: [
      {
        name: 'link',
        aliases: ['add'],
        short: 'Give secrets to a service account',
        load: async () => (await import('./secrets-link.ts')).linkCommand,
      },
      {
        name: 'unlink',
        short: 'Take secrets from a service account',
        load: async () => (await import('./secrets-link.ts')).unlinkCommand,
      },
      ...(program === 'oc'
        ? []
        : [
            {
              name: 'new',
              short: 'Create a secret from files',
              hidden: true,
              load: async () => (await import('./secrets-new.ts')).newSecretCommand,
            },
            {
              name: 'new-dockercfg',
              short: 'Create a secret for a registry',
              hidden: true,
              load: async () => (await import('./secrets-new.ts')).newDockercfgCommand,
            },
          ]),
    ],
  }
}
