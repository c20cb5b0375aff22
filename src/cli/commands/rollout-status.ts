import { resourcePath, watchEvents } from '../../client/index.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import type { SelectedObject } from '../resources/select-objects.ts'
import { rolloutStatus } from './rollout-progress.ts'
import { notRolledOut, selectRollouts } from './rollout-select.ts'

/** cli.md §11.2. */
export const statusCommand: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Show how a rollout goes, until it is over.',
  flags: [
    ...fileFlags,
    selectorFlag,
    { name: 'revision', kind: 'int', help: 'The rollout that is meant.' },
    { name: 'timeout', kind: 'duration', help: 'How long to wait; 0 is until it is over.' },
    { name: 'watch', short: 'w', kind: 'bool', default: true, help: 'Wait until it is over.' },
  ],
  run: async (context) => {
    const { objects } = await selectRollouts(context)
    for (const selected of objects) {
      const other = notRolledOut(selected.resource.kind, selected.resource.group)
      if (other !== undefined) throw new CliError(`no status viewer has been implemented for ${other}`)
      await follow(context, selected)
    }
  },
}

async function follow(context: CommandContext, selected: SelectedObject): Promise<void> {
  const { flags, io, session } = context
  const show = (object: KubeObject): boolean => {
    const { text, done } = rolloutStatus({ ...object, kind: selected.resource.kind }, flags.int('revision'))
    if (text !== '') io.stdout.write(`${visible(text)}\n`)
    return done
  }
  if (show(selected.object) || !flags.bool('watch')) return
  const rest = await session.rest()
  const { name, resourceVersion } = selected.object.metadata
  const timeout = flags.duration('timeout')
  const signal = timeout > 0 ? AbortSignal.any([io.signal, AbortSignal.timeout(timeout)]) : io.signal
  const query = { fieldSelector: `metadata.name=${name}`, resourceVersion }
  for await (const event of watchEvents(rest, resourcePath(selected.resource, selected.namespace), query, {
    signal,
  })) {
    if (event.type === 'DELETED') throw new CliError('object has been deleted')
    if (event.type === 'ERROR') throw new CliError(event.object.message ?? 'the watch failed')
    if (event.type !== 'BOOKMARK' && show(event.object)) return
  }
  throw new CliError('timed out waiting for the condition')
}
