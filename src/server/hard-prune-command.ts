import { binarySize } from '../machinery/sizes.ts'
import { hardPrune } from '../registry/index.ts'
import { dataDirOf } from './config.ts'
import { type OfflineContext, offlineFlags } from './offline-context.ts'
import { openOffline } from './open-offline.ts'
import { StartError } from './start-error.ts'

const modes = ['check', 'delete'] as const

/** `weir hard-prune`: the `-prune` mode of OpenShift's registry (pruning.md §9), on a data directory. */
export const hardPruneCommand = {
  usage: '--prune=check|delete',
  long: `Check the storage of the registry against the API's objects, and delete from it what none of them needs.

The server must be stopped: nothing is spared for being young, in the trash or part of a push. While it runs, "adm gc" does better.`,
  examples: `  # What would go, and how much room it takes
  $0 hard-prune --prune=check

  # Delete it
  $0 hard-prune --prune=delete --data-dir /var/lib/weir`,
  flags: [
    ...offlineFlags,
    { kind: 'string', name: 'prune', help: 'check: say what would be deleted; delete: do it.' },
  ],
  async run({ io, flags }: OfflineContext): Promise<number> {
    const mode = modes.find((each) => each === flags.string('prune'))
    if (mode === undefined) {
      io.stderr.write('error: --prune must be check or delete\n')
      return 1
    }
    const totals = { blobs: 0, bytes: 0 }
    const isVerbose = flags.int('v') > 0 || flags.int('loglevel') > 0
    const log = (line: string): void => {
      if (isVerbose) io.stderr.write(`${line}\n`)
    }
    try {
      await using offline = await openOffline(dataDirOf(flags, io.env), () => new Date())
      await hardPrune(offline, { mode, log, signal: io.signal }, totals)
    } catch (error) {
      if (!(error instanceof StartError)) io.stdout.write(outcome(mode, totals))
      io.stderr.write(`error: ${(error as Error).message}\n`)
      return 1
    }
    io.stdout.write(outcome(mode, totals))
    if (mode === 'check') io.stdout.write('Use -prune=delete to actually delete the data\n')
    return 0
  },
} as const

function outcome(mode: (typeof modes)[number], { blobs, bytes }: { blobs: number; bytes: number }): string {
  const size = binarySize(bytes)
  return mode === 'check'
    ? `Would delete ${blobs} blobs\nWould free up ${size} of disk space\n`
    : `Deleted ${blobs} blobs\nFreed up ${size} of disk space\n`
}
