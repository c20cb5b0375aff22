import type { Group } from '../command.ts'

/** cli.md §8–§10. */
export const setGroup: Group = {
  long: 'Change how workloads use images.',
  entries: [
    {
      name: 'image',
      short: 'Change the image of containers',
      load: async () => (await import('./set-image.ts')).setImageCommand,
    },
    {
      name: 'image-lookup',
      short: 'Let names of image stream tags be used as images',
      load: async () => (await import('./set-image-lookup.ts')).setImageLookupCommand,
    },
    {
      name: 'triggers',
      short: 'Let workloads follow image stream tags',
      load: async () => (await import('./set-triggers.ts')).setTriggersCommand,
    },
  ],
}
