import { webcrypto } from 'node:crypto'
import 'reflect-metadata'
import {
  BasicConstraintsExtension,
  cryptoProvider,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509'

cryptoProvider.set(webcrypto as Crypto)

/** An authority of the tests' own. */
export interface TestAuthority {
  /** PEM. */
  cert: string
  /** A certificate of the subject, e.g. `CN=carol, O=crew`, good from an hour ago to an hour from now unless `ended`. */
  issue(
    subject: string,
    options?: { address?: string; ended?: boolean },
  ): Promise<{ cert: string; key: string }>
}

const hour = 3600_000
const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
const makeKeys = () => webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
const serialNumber = () => `01${Buffer.from(webcrypto.getRandomValues(new Uint8Array(8))).toString('hex')}`

export async function createTestAuthority(name: string): Promise<TestAuthority> {
  const now = Date.now()
  const keys = await makeKeys()
  const authority = await X509CertificateGenerator.createSelfSigned({
    serialNumber: serialNumber(),
    name: `CN=${name}`,
    notBefore: new Date(now - hour),
    notAfter: new Date(now + hour),
    signingAlgorithm: algorithm,
    keys,
    extensions: [new BasicConstraintsExtension(true, undefined, true)],
  })
  return {
    cert: authority.toString('pem'),
    async issue(subject, { address, ended = false } = {}) {
      const own = await makeKeys()
      const names = address === undefined ? [] : [{ type: 'ip' as const, value: address }]
      const cert = await X509CertificateGenerator.create({
        serialNumber: serialNumber(),
        subject,
        issuer: authority.subject,
        notBefore: new Date(now - hour),
        notAfter: new Date(ended ? now - hour / 2 : now + hour),
        signingAlgorithm: algorithm,
        publicKey: own.publicKey,
        signingKey: keys.privateKey,
        extensions: names.length === 0 ? [] : [new SubjectAlternativeNameExtension(names)],
      })
      const key = PemConverter.encode(
        await webcrypto.subtle.exportKey('pkcs8', own.privateKey),
        'PRIVATE KEY',
      )
      return { cert: cert.toString('pem'), key }
    },
  }
}
