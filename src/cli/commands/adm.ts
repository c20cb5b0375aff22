import type { Entry, Group } from '../command.ts'

/** Commands for administrators. */

/** What OpenShift's client lacks. */
const topProjects: Entry = {
  name: 'projects',
  aliases: ['project'],
  short: 'Projects',
  load: async () => (await import('./top-projects.ts')).topProjectsCommand,
}

const gc: Entry = {
  name: 'gc',
  short: 'Collect blobs that nothing refers to',
  load: async () => (await import('./adm-gc.ts')).gcCommand,
}

const topGroup = (program: string): Group => ({
  long: 'Show what takes the most room.',
  entries: [
    { name: 'images', short: 'Images', load: async () => (await import('./top-images.ts')).topImagesCommand },
    {
      name: 'imagestreams',
      aliases: ['is'],
      short: 'Image streams',
      load: async () => (await import('./top-streams.ts')).topStreamsCommand,
    },
    ...(program === 'oc' ? [] : [topProjects]),
  ],
})

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

export const admGroup = (program: string): Group => ({
  long: 'Commands for administrators.',
  entries: [
    {
      name: 'policy',
      short: 'Change who may do what',
      load: async () => (await import('./policy.ts')).admPolicyGroup,
    },
    { name: 'prune', short: 'Remove what is no longer used', load: () => Promise.resolve(pruneGroup) },
    { name: 'top', short: 'Show what takes the most room', load: () => Promise.resolve(topGroup(program)) },
    ...(program === 'oc' ? [] : [gc]),
  ],
})
