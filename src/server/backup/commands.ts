import { resolve } from 'node:path'
import { BlobStorageError } from '../../blobs/index.ts'
import { StoreOpenError } from '../../store/index.ts'
import { loadConfig } from '../config.ts'
import { StartError } from '../start-error.ts'
import { weirVersion } from '../version.ts'
import { listSnapshots } from './layout.ts'
import { restoreBackup } from './restore-backup.ts'
import { writeBackup } from './write-backup.ts'

/** What the commands are given of the command line; the same shape as the other commands' (cli/command.ts). */
interface Context {
  args: string[]
  io: {
    env: Readonly<Record<string, string | undefined>>
    cwd: string
    now(): Date
    stdout: { write(text: string): void }
    stderr: { write(text: string): void }
  }
  flags: {
    string(name: string): string
    bool(name: string): boolean
    int(name: string): number
    changed(name: string): boolean
  }
}

const dataDirFlags = [
  { kind: 'string', name: 'data-dir', help: 'The data directory, as of `weir start`.' },
  { kind: 'string', name: 'config', help: 'Configuration in YAML, as of `weir start`: its dataDir counts.' },
] as const

/** `weir backup DIR`. */
export const backupCommand = {
  usage: 'DIR',
  long: `Write a snapshot of this machine's data directory into a folder, whether or not the server runs.

Blobs that the folder has from an earlier snapshot are not copied again. A snapshot holds everything that the server knows: secrets, tokens and, unless --without-keys is given, its keys and the administrator's password. Keep it as you keep those.`,
  examples: `  # Every night, a week back
  $0 backup /mnt/backup/weir --keep 7`,
  flags: [
    ...dataDirFlags,
    {
      kind: 'bool',
      name: 'without-keys',
      help: 'Leave out keys and password: tokens and the CA are then void.',
    },
    { kind: 'int', name: 'keep', help: 'How many of the newest snapshots stay (default all).' },
  ],
  run: (context: Context) => guarded(context, backup),
} as const

/** `weir restore DIR`. */
export const restoreCommand = {
  usage: 'DIR',
  long: `Make a data directory of a snapshot that \`weir backup\` wrote, checking every blob against its digest.

Clients find a state newer than any that they have seen: their watches end with 410 and begin anew.`,
  examples: `  # What there is
  $0 restore /mnt/backup/weir --list

  # The newest snapshot, into a directory that is empty or not there yet
  $0 restore /mnt/backup/weir --data-dir /var/lib/weir`,
  flags: [
    ...dataDirFlags,
    { kind: 'string', name: 'snapshot', help: 'Name of the snapshot (default the newest).' },
    { kind: 'bool', name: 'list', help: 'Show the snapshots and do nothing.' },
    { kind: 'bool', name: 'force', help: 'Replace what is in the data directory.' },
  ],
  run: (context: Context) => guarded(context, restore),
} as const

async function guarded(
  context: Context,
  run: (context: Context, dir: string) => Promise<void>,
): Promise<number> {
  try {
    const [dir, ...rest] = context.args
    if (dir === undefined || rest.length > 0) throw new StartError('give one folder, that of the backup')
    await run(context, resolve(context.io.cwd, dir))
    return 0
  } catch (error) {
    const isKnown =
      error instanceof StartError || error instanceof StoreOpenError || error instanceof BlobStorageError
    if (!isKnown && (error as NodeJS.ErrnoException).syscall === undefined) throw error
    const { message, cause } = error as Error
    const why = error instanceof BlobStorageError && cause instanceof Error ? `: ${cause.message}` : ''
    context.io.stderr.write(`error: ${message}${why}\n`)
    return 1
  }
}

async function dataDirOf({ flags, io }: Context): Promise<string> {
  const given = (name: string) => (flags.changed(name) ? flags.string(name) : undefined)
  const asked = { dataDir: given('data-dir'), config: given('config') }
  const known = Object.fromEntries(Object.entries(asked).filter(([, value]) => value !== undefined))
  return (await loadConfig(known, io.env)).dataDir
}

async function backup(context: Context, dir: string): Promise<void> {
  const { flags, io } = context
  if (flags.changed('keep') && flags.int('keep') < 1) throw new StartError('--keep must be 1 or more')
  const result = await writeBackup({
    dataDir: await dataDirOf(context),
    dir,
    keys: !flags.bool('without-keys'),
    ...(flags.changed('keep') ? { keep: flags.int('keep') } : {}),
    now: io.now(),
    weir: weirVersion(),
  })
  const { snapshot, copied, copiedBytes, missing, damaged, forgotten } = result
  io.stdout.write(
    [
      `Snapshot  ${snapshot.name}, revision ${snapshot.revision}${snapshot.keys ? '' : ', without keys'}`,
      `Blobs     ${copied} copied (${sizeText(copiedBytes)}), ${snapshot.blobs} in all (${sizeText(snapshot.bytes)})`,
      ...(forgotten.length === 0 ? [] : [`Forgotten ${forgotten.join(', ')}`]),
      '',
    ].join('\n'),
  )
  const warn = (blobs: readonly string[], what: string) => {
    if (blobs.length === 0) return
    const more = blobs.length > 5 ? `, and ${blobs.length - 5} more` : ''
    io.stderr.write(`warning: ${what}: ${blobs.slice(0, 5).join(', ')}${more}\n`)
  }
  warn(missing, 'blobs that the data directory should have are not there')
  warn(damaged, 'blobs of the data directory are not what their digest says, and were left out')
}

async function restore(context: Context, dir: string): Promise<void> {
  const { flags, io } = context
  if (flags.bool('list')) {
    for (const { name, revision, blobs, bytes, keys } of await listSnapshots(dir))
      io.stdout.write(
        `${name}  revision ${revision}, ${blobs} blobs (${sizeText(bytes)})${keys ? '' : ', without keys'}\n`,
      )
    return
  }
  const dataDir = await dataDirOf(context)
  const { snapshot, copied, copiedBytes } = await restoreBackup({
    dir,
    dataDir,
    ...(flags.changed('snapshot') ? { snapshot: flags.string('snapshot') } : {}),
    force: flags.bool('force'),
    now: io.now(),
  })
  io.stdout.write(
    [
      `Restored  ${snapshot.name} into ${dataDir}`,
      `Blobs     ${copied} copied (${sizeText(copiedBytes)}), ${snapshot.blobs} in all`,
      `Next      weir start --data-dir ${dataDir}`,
      '',
    ].join('\n'),
  )
}

function sizeText(bytes: number): string {
  const units = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
  const power = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log2(Math.max(1, bytes)) / 10)))
  return `${Number((bytes / 1024 ** power).toPrecision(4))}${units[power]}`
}
