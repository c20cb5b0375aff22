import type { Group } from '../command.ts'

/** cli.md §16. */
export const imageGroup: Group = {
  long: 'Work with images in registries; no API server is needed.',
  entries: [
    {
      name: 'append',
      short: 'Add layers to an image and push it',
      load: async () => (await import('./image-append.ts')).imageAppendCommand,
    },
    {
      name: 'extract',
      short: 'Copy files out of an image',
      load: async () => (await import('./image-extract.ts')).imageExtractCommand,
    },
    {
      name: 'info',
      short: 'Show what an image is',
      load: async () => (await import('./image-info.ts')).imageInfoCommand,
    },
    {
      name: 'mirror',
      short: 'Copy images between registries',
      load: async () => (await import('./image-mirror.ts')).imageMirrorCommand,
    },
  ],
}
