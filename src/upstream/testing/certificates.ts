import { execFile } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** A CA of the test's own and a certificate for 127.0.0.1 by it. */

const run = promisify(execFile)

export interface TestCertificates extends AsyncDisposable {
  /** PEM of the CA, and the file that it is in. */
  ca: string
  caFile: string
  /** Files. */
  certificate: string
  key: string
}

export async function makeCertificates(): Promise<TestCertificates> {
  const folder = await mkdtemp(join(tmpdir(), 'weir-tls-'))
  const path = (name: string) => join(folder, name)
  const authority = ['-keyout', path('ca.key'), '-out', path('ca.crt'), '-subj', '/CN=test CA']
  await run('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '2', ...authority])
  const request = ['-keyout', path('key.pem'), '-out', path('csr.pem'), '-subj', '/CN=test']
  await run('openssl', ['req', '-newkey', 'rsa:2048', '-nodes', ...request])
  await writeFile(path('ext'), 'subjectAltName=IP:127.0.0.1\n')
  const signing = [
    '-CA',
    path('ca.crt'),
    '-CAkey',
    path('ca.key'),
    '-CAcreateserial',
    '-extfile',
    path('ext'),
  ]
  await run('openssl', [
    'x509',
    '-req',
    '-in',
    path('csr.pem'),
    '-out',
    path('cert.pem'),
    '-days',
    '2',
    ...signing,
  ])
  return {
    ca: await readFile(path('ca.crt'), 'utf8'),
    caFile: path('ca.crt'),
    certificate: path('cert.pem'),
    key: path('key.pem'),
    [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }),
  }
}
