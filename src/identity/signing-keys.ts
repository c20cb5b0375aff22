import {
  createHash,
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
} from 'node:crypto'
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { exportJWK, type JWK } from 'jose'

/** The keys that service account tokens are signed and verified with, in the data directory. */
export interface SigningKeys {
  readonly current: SigningKey
  /** By `kid`: the current one, and older ones whose tokens still count. */
  readonly verifying: ReadonlyMap<string, { alg: TokenAlgorithm; publicKey: KeyObject }>
  /** `/openid/v1/jwks`. */
  readonly jwks: { keys: JWK[] }
}

export type TokenAlgorithm = 'ES256' | 'RS256'

export interface SigningKey {
  kid: string
  alg: TokenAlgorithm
  privateKey: KeyObject
}

function algorithmOf(key: KeyObject): TokenAlgorithm {
  if (key.asymmetricKeyType === 'rsa') return 'RS256'
  if (key.asymmetricKeyType === 'ec' && key.asymmetricKeyDetails?.namedCurve === 'prime256v1') return 'ES256'
  throw new Error('a signing key must be RSA or EC P-256')
}

/** As in Kubernetes: SHA-256 of the public key's DER, so that a key has one id wherever it is read. */
function keyId(publicKey: KeyObject): string {
  const der = publicKey.export({ type: 'spki', format: 'der' })
  return createHash('sha256').update(der).digest('base64url')
}

/** The first PEM signs; all verify. Throws when one is no RSA or P-256 private key. */
export async function createSigningKeys(pems: readonly string[]): Promise<SigningKeys> {
  const keys = pems.map((pem): SigningKey & { publicKey: KeyObject } => {
    const privateKey = createPrivateKey(pem)
    const publicKey = createPublicKey(privateKey)
    return { kid: keyId(publicKey), alg: algorithmOf(privateKey), privateKey, publicKey }
  })
  const [current] = keys
  if (current === undefined) throw new Error('there is no signing key')
  return {
    current,
    verifying: new Map(keys.map((key) => [key.kid, key])),
    jwks: {
      keys: await Promise.all(
        keys.map(async ({ kid, alg, publicKey }) => ({
          use: 'sig',
          kid,
          alg,
          ...(await exportJWK(publicKey)),
        })),
      ),
    },
  }
}

export function generateSigningKey(): string {
  const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
  return privateKey.export({ type: 'pkcs8', format: 'pem' }) as string
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

/** Whole or not at all, readable by its owner only. */
async function writeSecretFile(folder: string, path: string, text: string): Promise<void> {
  await mkdir(folder, { recursive: true, mode: 0o700 })
  const temporary = `${path}.tmp`
  await rm(temporary, { force: true })
  const file = await open(temporary, 'wx', 0o600)
  try {
    await file.writeFile(text)
    await file.sync()
  } finally {
    await file.close()
  }
  await rename(temporary, path)
}

/**
 * Reads `service-account.key`, made on the first start, and `service-account.old.key`, where an earlier key may be
 * left while its tokens run out.
 */
export async function openSigningKeys(folder: string): Promise<SigningKeys> {
  const path = join(folder, 'service-account.key')
  let current = await readIfThere(path)
  if (current === undefined) {
    current = generateSigningKey()
    await writeSecretFile(folder, path, current)
  }
  const old = await readIfThere(join(folder, 'service-account.old.key'))
  return createSigningKeys(old === undefined ? [current] : [current, old])
}
