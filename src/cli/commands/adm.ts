import type { Group } from '../command.ts'

/** Commands for administrators. */

const topGroup: Group = {
  long: 'Show what takes the most room.',
  entries: [
    { name: 'images', short: 'Images', load: async () => (await import('./top-images.ts')).topImagesCommand },
    {
      name: 'imagestreams',
      aliases: ['is'],
      short: 'Image streams',
      load: async () => (await import('./top-streams.ts')).topStreamsCommand,
    },
  ],
}

const pruneGroup: Group = {
  long: 'Remove what is no longer used.',
  entries: [
    {
      name: 'images',
      short: 'Images',
      load: async () => (await import('./prune-images.ts')).pruneImagesCommand,
    },
  ],
}

export const admGroup: Group = {
  long: 'Commands for administrators.',
  entries: [
    {
      name: 'policy',
      short: 'Change who may do what',
      load: async () => (await import('./policy.ts')).admPolicyGroup,
    },
    { name: 'prune', short: 'Remove what is no longer used', load: () => Promise.resolve(pruneGroup) },
    { name: 'top', short: 'Show what takes the most room', load: () => Promise.resolve(topGroup) },
  ],
}
