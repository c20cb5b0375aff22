import type { Command, CommandContext } from '../command.ts'
import { throwCollected } from '../errors.ts'
import { visible } from '../io.ts'
import { fileFlags } from '../parse/selection-flags.ts'
import { type SelectedObject, selectObjects } from '../resources/select-objects.ts'
import { explainObject } from './explain-object.ts'

/** `explain-image`, which OpenShift's client lacks: why an object uses the image that it does, and what would change that. */
export const explainImageCommand: Command = {
  usage: '(TYPE NAME | TYPE/NAME ...) [flags]',
  long: `Say why a workload, a build config or an image stream tag has the image that it has.

For each container: the trigger or the lookup that put the image in, since when it has been the image of that tag, what is paused, unresolved or forbidden, and what happens next. For a tag: where its image comes from, whether the last import worked, and when it is looked at again.`,
  examples: `# Why does the deployment run this digest?
$0 explain-image deploy/web

# What will happen to this tag?
$0 explain-image istag/app:v1

# Every tag of a stream
$0 explain-image is/app`,
  flags: fileFlags,
  run: async (context) => {
    const { objects } = await selectObjects(context, { args: context.args, has: {} })
    const errors: unknown[] = []
    for (const [i, selected] of objects.entries()) {
      try {
        await print(context, selected, i === 0)
      } catch (error) {
        errors.push(error)
      }
    }
    throwCollected(errors)
  },
}

async function print(context: CommandContext, selected: SelectedObject, first: boolean): Promise<void> {
  const text = await explainObject(context, selected)
  context.io.stdout.write(`${first ? '' : '\n'}${visible(text)}`)
}
