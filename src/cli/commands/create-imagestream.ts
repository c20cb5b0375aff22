import type { KubeObject } from '../../machinery/object.ts'
import type { Command } from '../command.ts'
import { imageApiVersion, imageStreams } from '../resources/image-api.ts'
import { bareGeneratorFlags, createGenerated, oneName } from './create-one.ts'

/** cli.md §7.2. */
export const createImageStreamCommand: Command = {
  usage: 'NAME',
  long: 'Create an image stream without tags. A push to it, or tags that are added later, fill it.',
  examples: `# A stream whose tags pods may name directly
$0 create imagestream mysql --lookup-local`,
  flags: [
    ...bareGeneratorFlags,
    {
      name: 'lookup-local',
      kind: 'bool',
      help: "Names of the stream's tags may be used as images in its namespace.",
    },
  ],
  run: async (context) => {
    const object = {
      kind: 'ImageStream',
      apiVersion: imageApiVersion,
      metadata: { name: oneName(context.args) },
      spec: { lookupPolicy: { local: context.flags.bool('lookup-local') } },
      status: { dockerImageRepository: '' },
    }
    await createGenerated(context, imageStreams, object as KubeObject, { bare: true })
  },
}
