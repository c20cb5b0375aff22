import type { Command, CommandContext } from '../command.ts'
import { podTemplateLines } from '../describe/pod-template.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { objectName } from '../print/printer.ts'
import { describeLayout, formatTabs, rolloutLayout } from '../print/tab-writer.ts'
import { type Revision, readRevisions } from './rollout-read.ts'
import { notRolledOut, selectRollouts } from './rollout-select.ts'

/** cli.md §11.3. */
export const historyCommand: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Show the rollouts that a workload has had, or one of them.',
  flags: [...fileFlags, selectorFlag, { name: 'revision', kind: 'int', help: 'The rollout to show.' }],
  run: runHistory,
}

function historyTable(kind: string, revisions: readonly Revision[]): string {
  if (kind === 'DeploymentConfig') {
    const rows = revisions.map((r) => `${r.number}\t${r.phase}\t${r.reason || '<unknown>'}\n`)
    return formatTabs(`REVISION\tSTATUS\tCAUSE\n${rows.join('')}`, describeLayout)
  }
  const rows = revisions.map((r) => `${r.number}\t${r.cause || '<none>'}\n`)
  return formatTabs(`REVISION\tCHANGE-CAUSE\n${rows.join('')}`, rolloutLayout)
}

async function runHistory(context: CommandContext): Promise<void> {
  const { flags, io, session } = context
  const wanted = flags.int('revision')
  if (wanted < 0) throw new CliError(`revision must be a positive integer: ${wanted}`)
  const { objects } = await selectRollouts(context)
  const rest = await session.rest()
  for (const { object, resource } of objects) {
    const other = notRolledOut(resource.kind, resource.group)
    if (other !== undefined)
      throw new CliError(`no history viewer has been implemented for ${JSON.stringify(other)}`)
    const revisions = await readRevisions(rest, object)
    // The blank after the name is the real client's.
    const head = `${objectName(object)} `
    if (wanted === 0) {
      io.stdout.write(
        visible(
          revisions.length === 0
            ? `${head}\nNo rollout history found.\n`
            : `${head}\n${historyTable(object.kind ?? '', revisions)}\n`,
        ),
      )
      continue
    }
    if (revisions.length === 0) {
      io.stdout.write(visible(`${head}with revision #${wanted}\nNo rollout history found.\n`))
      continue
    }
    const found = revisions.find((revision) => revision.number === wanted)
    if (found === undefined) throw new CliError('unable to find the specified revision')
    io.stdout.write(visible(`${head}with revision #${wanted}\n${podTemplateLines(found.template)}\n`))
  }
}
