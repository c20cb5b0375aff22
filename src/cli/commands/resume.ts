import { resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { holdResource, requireTagArgument } from '../resources/history-api.ts'

/** `resume`, the end of what `rollback-tag` began. */
export const resumeCommand: Command = {
  usage: 'STREAM:TAG',
  long: `Let a tag that was rolled back follow its source again.

A tag that tracks another comes to that tag's image at once, a scheduled one with an import right away; any other with its next import.`,
  examples: `# The source is good after all
$0 resume app:v1`,
  run: runResume,
}

async function runResume({ args, io, session, path }: CommandContext): Promise<void> {
  const name = requireTagArgument(args, path)
  const namespace = await session.namespace()
  const rest = await session.rest()
  try {
    await rest.request({ method: 'DELETE', path: resourcePath(holdResource, namespace, name) })
  } catch (error) {
    if (!isApiError(error) || error.code !== 404) throw error
    throw new CliError(`${name} is not held back: there is nothing to resume`)
  }
  io.stdout.write(visible(`${name} follows its source again\n`))
}
