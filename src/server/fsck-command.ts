import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { allKinds } from '../api/index.ts'
import { listFileResidue } from '../blobs/index.ts'
import { checkStorage, type Finding, makeStoredImage } from '../registry/index.ts'
import { createResources } from '../resources/resources.ts'
import { dataDirOf } from './config.ts'
import { type OfflineContext, offlineFlags } from './offline-context.ts'
import { type Offline, openOffline } from './open-offline.ts'

/** As those of fsck(8). */
const exitCodes = { clean: 0, repaired: 1, left: 4, failed: 8 } as const

/** `weir fsck`: the whole store against the whole blob store. */
export const fsckCommand = {
  usage: '[flags]',
  long: `Check everything that is recorded against everything that is stored, and list the differences, a line each.

Images whose blobs are missing, tags that name no Image, records of what is not stored or of projects that do not exist, blobs of the wrong size (with --deep: of wrong bytes), blobs that nothing needs, what a crash left. Nothing is changed without --repair. The server must be stopped.

Exit codes: 0 no differences, 1 all repaired, 4 some are left, 8 the check could not be made.`,
  examples: `  # Look
  $0 fsck --data-dir /var/lib/weir

  # Read every blob too, and repair what can be repaired
  $0 fsck --deep --repair`,
  flags: [
    ...offlineFlags,
    { kind: 'bool', name: 'deep', help: 'Read every blob and compare its digest.' },
    { kind: 'bool', name: 'repair', help: 'Repair what can be repaired.' },
    {
      kind: 'string',
      name: 'registry-address',
      help: 'How the registry is called in references of Images that are made anew (default 127.0.0.1:5000).',
    },
  ],
  async run(context: OfflineContext): Promise<number> {
    try {
      return await check(context)
    } catch (error) {
      context.io.stderr.write(`error: ${(error as Error).message}\n`)
      return exitCodes.failed
    }
  },
} as const

async function check({ io, flags }: OfflineContext): Promise<number> {
  const clock = (): Date => new Date()
  const dataDir = dataDirOf(flags, io.env)
  await using offline = await openOffline(dataDir, clock)
  const isRepairing = flags.bool('repair')
  let repaired = 0
  let left = 0
  for await (const finding of findings(offline, dataDir, flags, io.signal)) {
    const note = isRepairing ? await repair(finding) : { isDone: false, text: '' }
    io.stdout.write(`${finding.kind}: ${finding.text}${note.text}\n`)
    if (note.isDone) repaired++
    else left++
  }
  io.stdout.write(summary(repaired, left, isRepairing))
  if (left > 0) return exitCodes.left
  return repaired > 0 ? exitCodes.repaired : exitCodes.clean
}

async function* findings(
  offline: Offline,
  dataDir: string,
  flags: OfflineContext['flags'],
  signal: AbortSignal,
): AsyncGenerator<Finding> {
  const { store, blobs } = offline
  const dir = join(dataDir, 'blobs')
  for (const name of await listFileResidue(dir)) {
    const repairAll = async (): Promise<void> => void (await blobs.sweep())
    yield { kind: 'leftover', text: `${join(dir, name)} was left by a crash`, repair: repairAll }
  }
  const resources = createResources({
    kinds: allKinds,
    store,
    clock: () => new Date(),
    randomUuid: randomUUID,
    random: Math.random,
  })
  const serverAddress = flags.string('registry-address') || '127.0.0.1:5000'
  const makeImage = makeStoredImage({ ...offline, client: resources.system, serverAddress })
  yield* checkStorage({ ...offline, makeImage }, { isDeep: flags.bool('deep'), signal })
}

async function repair(finding: Finding): Promise<{ isDone: boolean; text: string }> {
  if (finding.repair === undefined) return { isDone: false, text: ' (cannot be repaired)' }
  try {
    await finding.repair()
    return { isDone: true, text: ' (repaired)' }
  } catch (error) {
    return { isDone: false, text: ` (not repaired: ${(error as Error).message})` }
  }
}

function summary(repaired: number, left: number, isRepairing: boolean): string {
  const found = repaired + left
  if (found === 0) return 'No differences\n'
  const differences = `${found} difference${found === 1 ? '' : 's'}`
  if (isRepairing) return `${differences}, ${repaired} repaired, ${left} left\n`
  return `${differences}; --repair repairs what can be repaired\n`
}
