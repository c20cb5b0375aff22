import type { PruneCounts, PruneEvent, PruneStep } from '../../client/prune/index.ts'
import { describeReason, type ItemDecision } from '../../image/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError, messageOf } from '../errors.ts'

/** What pruning prints (pruning.md §7). */

function stepLine(step: PruneStep): string {
  switch (step.kind) {
    case 'layer-link':
      return `Deleting layer link ${step.digest} in repository ${step.repository}`
    case 'items':
      return `Deleting ${step.count} items from image stream ${step.repository}`
    case 'manifest-link':
      return `Deleting manifest link ${step.digest} in repository ${step.repository}`
    case 'blob':
      return `Deleting blob ${step.digest}`
    case 'image':
      return `Deleting image ${step.image}`
  }
}

/** P-52, P-53: at once, and at the end. */
function failureLines(step: PruneStep): { now: string; later: string; about: string } {
  switch (step.kind) {
    case 'layer-link':
      return {
        now: `error deleting repository ${step.repository} layer link ${step.digest} from the registry`,
        later: `imagestream ${step.repository}: failed to delete layer link ${step.digest}`,
        about: step.repository,
      }
    case 'items':
      return {
        now: `error updating image stream ${step.repository} to remove image references`,
        later: `imagestream ${step.repository}`,
        about: step.repository,
      }
    case 'manifest-link':
      return {
        now: `error deleting manifest link ${step.digest} from repository ${step.repository}`,
        later: `imagestream ${step.repository}: failed to delete manifest link ${step.digest}`,
        about: step.repository,
      }
    case 'blob':
      return {
        now: `error deleting blob ${step.digest} from the registry`,
        later: `image ${step.image}: failed to delete ${step.digest === step.image ? 'manifest blob' : 'blob'} ${step.digest}`,
        about: step.image,
      }
    case 'image':
      return {
        now: `error deleting image ${step.image} from server`,
        later: `image ${step.image}: failed to delete image ${step.image}`,
        about: step.image,
      }
  }
}

/** P-51. */
export function summaryOf(counts: PruneCounts): string {
  const parts = [
    [counts.images, 'image object(s)', 'deleted'],
    [counts.items, 'image stream tag item(s)', 'deleted'],
    [counts.streams, 'image stream(s)', 'updated'],
    [counts.layerLinks, 'layer link(s)', 'deleted'],
    [counts.manifestLinks, 'manifest link(s)', 'deleted'],
    [counts.blobs, 'blob(s)', 'deleted'],
  ] as const
  const told = parts.filter(([count]) => count > 0).map(([count, what, verb]) => `${verb} ${count} ${what}`)
  return told.length === 0 ? 'deleted 0 objects' : told.join(', ')
}

/** As klog begins its lines. */
function logPrefix(level: string, now: Date): string {
  const two = (n: number) => String(n).padStart(2, '0')
  const time = `${two(now.getHours())}:${two(now.getMinutes())}:${two(now.getSeconds())}.${String(now.getMilliseconds()).padStart(3, '0')}000`
  return `${level}${two(now.getMonth() + 1)}${two(now.getDate())} ${time} ${String(process.pid).padStart(7)} prune.ts:1]`
}

/** P-55, P-56. */
function decisionLines(
  repository: string,
  decisions: readonly ItemDecision[],
  verbose: boolean,
): [string, string][] {
  const lines: [string, string][] = []
  const isMissing = ({ verdict }: ItemDecision) => verdict.kind === 'remove' && verdict.isMissing
  for (const { tag, image } of decisions.filter(isMissing)) {
    lines.push(['W', `imagestream ${repository}: tag ${tag}: image ${image} not found`])
  }
  for (const decision of decisions) {
    const about = `imagestream ${repository}: tag ${decision.tag}: revision ${decision.revision}:`
    if (isMissing(decision)) lines.push(['I', `${about} image ${decision.image} not found, deleting...`])
    else if (verbose && decision.verdict.kind === 'keep') {
      lines.push(['I', `${about} keeping image ${decision.image}: ${describeReason(decision.verdict.why)}`])
    }
  }
  return lines
}

export interface Telling {
  /** Steps are printed together with those of the same turn of the event loop: a write for each costs as much as the step. */
  tell(event: PruneEvent): void
  /** Prints what is still to be printed. */
  flush(): void
  /** What failed, by stream and image, each in the order in which it happened. */
  failures(): CliError[]
}

/** A dry run tells without end in one turn. */
const linesAtOnce = 256

export function createTelling({ io, flags }: CommandContext): Telling {
  const verbose = Math.max(flags.int('v'), flags.int('loglevel')) >= 4
  const failed = new Map<string, CliError[]>()
  let lines: string[] = []
  const flush = () => {
    const text = lines.join('')
    lines = []
    if (text !== '') io.stdout.write(text)
  }
  const print = (line: string) => {
    if (lines.length === 0) setImmediate(flush)
    lines.push(`${line}\n`)
    if (lines.length === linesAtOnce) flush()
  }
  return {
    flush,
    tell(event) {
      if (event.kind === 'step') print(stepLine(event.step))
      else if (event.kind === 'decided') {
        for (const [level, text] of decisionLines(event.repository, event.decisions, verbose))
          io.stderr.write(`${logPrefix(level, io.now())} ${text}\n`)
      } else {
        const { now, later, about } = failureLines(event.step)
        const why = messageOf(event.error)
        io.stderr.write(`${now}: ${why}\n`)
        failed.set(about, [...(failed.get(about) ?? []), new CliError(`${later}: ${why}`)])
      }
    },
    failures: () => [...failed.values()].flat(),
  }
}
