import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { descriptorOf, type TestBlob } from '../lab/random-image.ts'

/** Writes an OCI image layout: the blobs, and an index.json that names some of them. */
export async function writeOciLayout(
  dir: string,
  named: Readonly<Record<string, TestBlob>>,
  blobs: readonly TestBlob[],
): Promise<void> {
  const folder = join(dir, 'blobs', 'sha256')
  await mkdir(folder, { recursive: true })
  for (const { digest, bytes } of [...Object.values(named), ...blobs]) {
    await writeFile(join(folder, digest.slice('sha256:'.length)), bytes)
  }
  const manifests = Object.entries(named).map(([name, blob]) => ({
    ...descriptorOf(blob),
    annotations: { 'org.opencontainers.image.ref.name': name },
  }))
  await writeFile(join(dir, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests }))
  await writeFile(join(dir, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}')
}

export function readLayoutBlob(dir: string, digest: string): Promise<Buffer> {
  return readFile(join(dir, 'blobs', 'sha256', digest.slice('sha256:'.length)))
}
