import assert from 'node:assert/strict'
import { randomBytes, webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import type { IncomingMessage } from 'node:http'
import { createServer, get } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { it } from 'node:test'
import { setTimeout as sleep } from 'node:timers/promises'
import 'reflect-metadata'
import { cryptoProvider, PemConverter, X509CertificateGenerator } from '@peculiar/x509'
import { digestOf } from './blob-contract.ts'
import { openFileBlobs } from './file-blobs.ts'

async function selfSigned(): Promise<{ key: string; cert: string }> {
  cryptoProvider.set(webcrypto as never)
  const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }
  const keys = await webcrypto.subtle.generateKey(algorithm, true, ['sign', 'verify'])
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: 'CN=localhost',
    keys: keys as never,
    signingAlgorithm: algorithm,
    notBefore: new Date(Date.now() - 3_600_000),
    notAfter: new Date(Date.now() + 3_600_000),
  })
  const key = await webcrypto.subtle.exportKey('pkcs8', keys.privateKey)
  return { key: PemConverter.encode(key, 'PRIVATE KEY'), cert: certificate.toString('pem') }
}

it('sendTo() uses its buffers again only when TLS is done with them, however slowly the client reads', async () => {
  const dir = await mkdtemp(join(tmpdir(), 'weir-blobs-'))
  await using blobs = await openFileBlobs({ dir })
  const bytes = randomBytes(6_000_000)
  const digest = digestOf(bytes)
  await blobs.put(digest, bytes)
  const server = createServer(await selfSigned(), async (_request, response) => {
    response.writeHead(200, { 'Content-Length': String(bytes.length) })
    await (await blobs.open(digest))?.sendTo(response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  const pull = async (pause: number): Promise<string> => {
    const request = get({ host: '127.0.0.1', port, rejectUnauthorized: false, agent: false })
    const [response] = (await once(request, 'response')) as [IncomingMessage]
    const chunks: Uint8Array[] = []
    for await (const chunk of response) {
      chunks.push(chunk as Uint8Array)
      if (pause > 0 && chunks.length % 16 === 0) await sleep(pause)
    }
    return digestOf(Buffer.concat(chunks))
  }
  try {
    const pulled = await Promise.all([0, 1, 2, 0, 1, 2].map(pull))
    for (const got of pulled) assert.equal(got, digest)
  } finally {
    server.closeAllConnections()
    server.close()
    await rm(dir, { recursive: true })
  }
})
