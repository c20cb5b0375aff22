import { webcrypto, X509Certificate } from 'node:crypto'
import { isIP } from 'node:net'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { readIfPresent, writeWhole } from './files.ts'

/** Our own CA and the serving certificate that it signs (design.md §1). */
export interface Pki {
  /** PEM. */
  caCert: string
  cert: string
  key: string
}

const day = 24 * 60 * 60 * 1000
const caLife = 3650 * day
const certLife = 825 * day
const renewBefore = 30 * day
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

/**
 * Reads `pki/` under the data directory, making what is missing; the serving certificate is made anew when it nears its
 * end or does not name every host.
 */
export async function openPki(dataDir: string, hosts: readonly string[], now: Date): Promise<Pki> {
  const path = (name: string) => join(dataDir, 'pki', name)
  let caCert = await readIfPresent(path('ca.crt'))
  let caKey = await readIfPresent(path('ca.key'))
  if (caCert === undefined || caKey === undefined) {
    const made = await createCa(now)
    caCert = made.cert
    caKey = made.key
    await writeWhole(path('ca.key'), caKey, 0o600)
    await writeWhole(path('ca.crt'), caCert, 0o644)
  }
  const names = [...new Set(['localhost', hostname(), '127.0.0.1', '::1', ...hosts])].filter(
    (name) => name !== '',
  )
  const cert = await readIfPresent(path('server.crt'))
  const key = await readIfPresent(path('server.key'))
  if (cert !== undefined && key !== undefined && isGood(cert, caCert, names, now))
    return { caCert, cert, key }
  const made = await createServingCert({ cert: caCert, key: caKey }, names, now)
  await writeWhole(path('server.key'), made.key, 0o600)
  await writeWhole(path('server.crt'), made.cert, 0o644)
  return { caCert, ...made }
}

function isGood(cert: string, caCert: string, names: readonly string[], now: Date): boolean {
  const parsed = new X509Certificate(cert)
  return (
    parsed.verify(new X509Certificate(caCert).publicKey) &&
    new Date(parsed.validTo).getTime() - now.getTime() > renewBefore &&
    names.every((name) => (isIP(name) ? parsed.checkIP(name) : parsed.checkHost(name)) !== undefined)
  )
}

// Loaded only when a certificate has to be made: most starts need none.
async function x509() {
  await import('reflect-metadata')
  const library = await import('@peculiar/x509')
  library.cryptoProvider.set(webcrypto as Crypto)
  return library
}

function serialNumber(): string {
  const bytes = webcrypto.getRandomValues(new Uint8Array(16))
  bytes[0] = (bytes[0] as number) & 0x7f
  return Buffer.from(bytes).toString('hex')
}

async function pemOfKey(key: CryptoKey): Promise<string> {
  const { PemConverter } = await x509()
  return `${PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', key), 'PRIVATE KEY')}\n`
}

async function createCa(now: Date): Promise<{ cert: string; key: string }> {
  const {
    X509CertificateGenerator,
    BasicConstraintsExtension,
    KeyUsagesExtension,
    KeyUsageFlags,
    SubjectKeyIdentifierExtension,
  } = await x509()
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=weir-ca@${Math.floor(now.getTime() / 1000)}`,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + caLife),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new BasicConstraintsExtension(true, undefined, true),
      new KeyUsagesExtension(
        KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature | KeyUsageFlags.cRLSign,
        true,
      ),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: await pemOfKey(keys.privateKey) }
}

async function createServingCert(
  ca: { cert: string; key: string },
  names: readonly string[],
  now: Date,
): Promise<{ cert: string; key: string }> {
  const lib = await x509()
  const issuer = new lib.X509Certificate(ca.cert)
  const signingKey = await webcrypto.subtle.importKey(
    'pkcs8',
    lib.PemConverter.decodeFirst(ca.key),
    algorithm,
    false,
    ['sign'],
  )
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const cert = await lib.X509CertificateGenerator.create({
    serialNumber: serialNumber(),
    subject: 'CN=weir',
    issuer: issuer.subject,
    notBefore: new Date(now.getTime() - day),
    notAfter: new Date(now.getTime() + certLife),
    signingAlgorithm: algorithm,
    publicKey: keys.publicKey,
    signingKey,
    extensions: [
      new lib.BasicConstraintsExtension(false, undefined, true),
      new lib.KeyUsagesExtension(lib.KeyUsageFlags.digitalSignature, true),
      new lib.ExtendedKeyUsageExtension([lib.ExtendedKeyUsage.serverAuth]),
      new lib.SubjectAlternativeNameExtension(
        names.map((name) => ({ type: isIP(name) ? ('ip' as const) : ('dns' as const), value: name })),
      ),
      await lib.AuthorityKeyIdentifierExtension.create(issuer),
    ],
  })
  return { cert: `${cert.toString('pem')}\n`, key: await pemOfKey(keys.privateKey) }
}
