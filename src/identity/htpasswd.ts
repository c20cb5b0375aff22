import { createHmac, randomBytes } from 'node:crypto'
import { compare, hash } from 'bcryptjs'
import { LRUCache } from 'lru-cache'

export class HtpasswdError extends Error {
  override readonly name = 'HtpasswdError'
}

/** Checks a name and a password; true when they fit. */
export type CheckPassword = (userName: string, password: string) => Promise<boolean>

const bcryptHash = /^\$2[aby]\$\d\d\$[./A-Za-z0-9]{53}$/

/** bcrypt reads no further than this many bytes: what comes after would not count. */
const bcryptLimit = 72

/**
 * Lines `name:hash` as `htpasswd -B` writes them; `#` begins a comment. Only bcrypt is taken: the other forms can
 * be guessed at speed. Throws HtpasswdError that names file and line, and never a hash.
 */
export function parseHtpasswd(text: string, path: string): Map<string, string> {
  const hashes = new Map<string, string>()
  for (const [index, raw] of text.split(/\r?\n/).entries()) {
    const line = raw.trim()
    if (line === '' || line.startsWith('#')) continue
    const fail = (why: string): never => {
      throw new HtpasswdError(`${path}:${index + 1}: ${why}`)
    }
    const colon = line.indexOf(':')
    if (colon <= 0) fail('must be <name>:<hash>')
    const name = line.slice(0, colon)
    const hashed = line.slice(colon + 1)
    if (!bcryptHash.test(hashed)) fail(`the password of ${name} is not hashed with bcrypt (htpasswd -B)`)
    hashes.set(name, hashed)
  }
  return hashes
}

/** Milliseconds, and how many, for which a password that was right need not be hashed again. */
const remembered = { ttl: 300_000, max: 1000 }

/**
 * `hashes` is asked each time, so that a file may be read anew. An unknown name costs as much time as a known one,
 * for the answer must not tell which names exist: it is measured against the hash of another, always the same one, since
 * hashes differ in cost. A right password is remembered, by a keyed hash, as long as its
 * entry in the file stays: a client may send it with every request.
 */
export function createPasswordCheck(hashes: () => ReadonlyMap<string, string>): CheckPassword {
  let decoy: Promise<string> | undefined
  const key = randomBytes(32)
  const right = new LRUCache<string, true>(remembered)
  const decoyFor = async (userName: string): Promise<string> => {
    const others = [...hashes().values()]
    const chosen = createHmac('sha256', key).update(userName).digest().readUInt32BE() % (others.length || 1)
    const other = others[chosen]
    if (other !== undefined) return other
    decoy ??= hash('no password', 10)
    return decoy
  }
  return async (userName, password) => {
    const hashed = hashes().get(userName)
    const mark = createHmac('sha256', key)
      .update(JSON.stringify([hashed, password]))
      .digest('base64')
    if (hashed !== undefined && right.has(mark)) return true
    const isEqual = await compare(password, hashed ?? (await decoyFor(userName)))
    const isRight = hashed !== undefined && isEqual && Buffer.byteLength(password) <= bcryptLimit
    if (isRight) right.set(mark, true)
    return isRight
  }
}
