import { randomInt } from 'node:crypto'
import { mkdir, open, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { CheckPassword } from './htpasswd.ts'
import { isSameSecret } from './secret-digest.ts'

/** Letters and digits that nobody mistakes for each other. */
const alphabet = 'abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789'

/** Four groups of five, some 115 bits: `xxxxx-xxxxx-xxxxx-xxxxx`. */
export function generatePassword(): string {
  const five = () => Array.from({ length: 5 }, () => alphabet[randomInt(alphabet.length)]).join('')
  return Array.from({ length: 4 }, five).join('-')
}

/**
 * The password of the user `admin`, made on the first start and kept in `admin-password` in the folder, readable by
 * its owner only. Whoever changes the file changes the password at the next start.
 */
export async function openAdminPassword(folder: string): Promise<string> {
  const path = join(folder, 'admin-password')
  await mkdir(folder, { recursive: true, mode: 0o700 })
  try {
    const file = await open(path, 'wx', 0o600)
    try {
      const password = generatePassword()
      await file.writeFile(`${password}\n`)
      await file.sync()
      return password
    } finally {
      await file.close()
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
  const password = (await readFile(path, 'utf8')).trim()
  if (password === '') throw new Error(`${path} is empty: delete it, and the next start makes a new password`)
  return password
}

/** One user, one password. */
export function createSinglePasswordCheck(userName: string, password: string): CheckPassword {
  return async (name, given) => {
    const isSame = isSameSecret(given, password)
    return isSame && name === userName
  }
}
