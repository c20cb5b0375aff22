import type { Subject } from '../access/access.ts'
import type { TokenSource } from './authenticator.ts'
import { CsvError, parseCsv } from './csv.ts'
import { SecretMap } from './secret-digest.ts'

export class TokenFileError extends Error {
  override readonly name = 'TokenFileError'
}

function parseGroups(field: string | undefined): string[] {
  return (field ?? '')
    .split(',')
    .map((group) => group.trim())
    .filter((group) => group !== '')
}

/**
 * A static token file as kube-apiserver reads it: `token,user,uid[,"group1,group2"]`, a line each. Throws
 * TokenFileError that names file and line, and never a token.
 */
export function parseTokenFile(text: string, path: string): TokenSource {
  const subjects = new SecretMap<Subject>()
  const fail = (line: number, why: string): never => {
    throw new TokenFileError(`${path}:${line}: ${why}`)
  }
  const records = (() => {
    try {
      return parseCsv(text)
    } catch (error) {
      if (error instanceof CsvError) return fail(error.line, error.message)
      throw error
    }
  })()
  for (const { line, fields } of records) {
    const [token = '', name = '', uid = '', groups] = fields
    if (fields.length < 3) {
      fail(line, `must have at least 3 columns (token, user name, user uid), found ${fields.length}`)
    }
    if (token === '') fail(line, 'the token is empty')
    if (name === '') fail(line, 'the user name is empty')
    if (subjects.has(token)) fail(line, 'the token is already taken by a line before')
    subjects.set(token, { name, ...(uid === '' ? {} : { uid }), groups: parseGroups(groups) })
  }
  return { authenticateToken: async (token) => subjects.get(token) }
}
