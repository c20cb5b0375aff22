import type { StorageReport } from '../../api/weir/storage-report.ts'
import type { Command, CommandContext } from '../command.ts'
import { visible } from '../io.ts'
import { binarySize } from '../print/age.ts'
import { formatTabs, topLayout } from '../print/tab-writer.ts'

/** `adm top projects`, which OpenShift's client lacks. */
export const topProjectsCommand: Command = {
  usage: '',
  long: `Show how much room the images of each project take in the registry's storage.

STORAGE counts each blob of a project once. UNIQUE is what no other project has: deleting the project's images frees it. SHARED is what others have as well. What is only in other registries counts nothing.`,
  run: runTopProjects,
}

async function runTopProjects({ session, io }: CommandContext): Promise<void> {
  const rest = await session.rest()
  const { status } = await rest.json<StorageReport>({
    method: 'POST',
    path: '/apis/weir.dev/v1/storagereports',
    body: { apiVersion: 'weir.dev/v1', kind: 'StorageReport', metadata: {} },
  })
  const { projects = [], stored = 0, unlisted = 0, trash = 0 } = status ?? {}
  const rows = projects
    .toSorted((a, b) => b.bytes - a.bytes || (a.project < b.project ? -1 : 1))
    .map(({ project, bytes, shared, images, streams }) => [
      project,
      binarySize(bytes),
      binarySize(bytes - shared),
      binarySize(shared),
      String(images),
      String(streams),
    ])
  const lines = [['NAME', 'STORAGE', 'UNIQUE', 'SHARED', 'IMAGES', 'STREAMS'], ...rows]
  io.stdout.write(formatTabs(lines.map((cells) => `${visible(cells.join('\t'))}\t\n`).join(''), topLayout))
  io.stdout.write(
    `\nStored: ${binarySize(stored)}, of which no stream has ${binarySize(unlisted)}; in the trash: ${binarySize(trash)}\n`,
  )
}
