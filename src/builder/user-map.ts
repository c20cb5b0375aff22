import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile, writeFile } from 'node:fs/promises'

/** Whom the users inside of a build are outside: nobody that this machine knows, so nothing here is theirs. */
export type UserMap =
  /** The server is root: it hands out a range that no user has. */
  | { kind: 'root'; first: number; count: number }
  /** The server is a user: root inside is that user, the others come from /etc/subuid. */
  | { kind: 'user'; uid: number; gid: number; users: Range; groups: Range }
  | { kind: 'none'; why: string }

interface Range {
  first: number
  count: number
}

/** Beyond what useradd hands out to users and systemd to containers. */
const unusedRange = { first: 0x70000000, count: 65536 }

/** `name` is of the user that the server runs as. */
export async function findUserMap(uid: number, gid: number, name: string): Promise<UserMap> {
  if (uid === 0) return { kind: 'root', ...unusedRange }
  const users = parseRanges(await readText('/etc/subuid'), name, uid)
  const groups = parseRanges(await readText('/etc/subgid'), name, uid)
  if (users !== undefined && groups !== undefined) return { kind: 'user', uid, gid, users, groups }
  return { kind: 'none', why: `user ${name || uid} has no range in /etc/subuid and /etc/subgid` }
}

/** The first range of the user in a file of lines `name-or-id:first:count`. */
export function parseRanges(text: string, name: string, id: number): Range | undefined {
  for (const line of text.split('\n')) {
    const [owner, first, count] = line.trim().split(':')
    if (((owner === name && name !== '') || owner === String(id)) && Number(count) > 0) {
      return { first: Number(first), count: Number(count) }
    }
  }
  return undefined
}

/** Gives the user namespace of the process its users; rejects where the machine does not allow it. */
export async function writeUserMap(pid: number, map: UserMap): Promise<void> {
  switch (map.kind) {
    case 'root': {
      const line = `0 ${map.first} ${map.count}\n`
      await writeFile(`/proc/${pid}/uid_map`, line)
      await writeFile(`/proc/${pid}/gid_map`, line)
      return
    }
    case 'user':
      await runMapper('newuidmap', pid, map.uid, map.users)
      return runMapper('newgidmap', pid, map.gid, map.groups)
    case 'none':
      throw new Error(map.why)
  }
}

async function runMapper(program: string, pid: number, own: number, { first, count }: Range): Promise<void> {
  const numbers = [pid, 0, own, 1, 1, first, count].map(String)
  const child = spawn(program, numbers, { stdio: ['ignore', 'ignore', 'pipe'] })
  let problem = ''
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    problem += text.slice(0, 1000)
  })
  const [code] = (await once(child, 'close')) as [number | null]
  if (code !== 0) throw new Error(`${program}: ${problem.trim() || `exit ${code}`}`)
}

async function readText(path: string): Promise<string> {
  return readFile(path, 'utf8').catch(() => '')
}
