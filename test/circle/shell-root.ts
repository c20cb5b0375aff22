import { execFile } from 'node:child_process'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { gzipSync } from 'node:zlib'
import { ociConfig, ociManifest } from '../../src/oci/index.ts'
import { writeOciLayout } from '../clients/oci-layout.ts'
import { descriptorOf, digestOf, toBlob } from '../lab/random-image.ts'

const exec = promisify(execFile)

/** What an image needs for RUN: a shell and a few programs of this machine, with their libraries. */
const programs = ['/bin/sh', '/bin/cat', '/bin/ls', '/usr/bin/id', '/bin/sleep']

export async function makeShellRoot(dir: string): Promise<void> {
  await mkdir(join(dir, 'bin'), { recursive: true })
  for (const program of programs) {
    const { stdout } = await exec('ldd', [program])
    await exec('cp', ['-L', program, join(dir, 'bin')])
    for (const [, library = ''] of stdout.matchAll(/(\/\S+) \(/g)) {
      await mkdir(join(dir, dirname(library)), { recursive: true })
      await exec('cp', ['-L', library, join(dir, library)])
    }
  }
}

/** An OCI layout with one image of that root; `version` makes each another one. */
export async function writeShellImage(root: string, layout: string, version: string): Promise<void> {
  const tar = `${layout}.tar`
  await exec('tar', ['-C', root, '--sort=name', '--mtime=@0', '--owner=0', '--group=0', '-cf', tar, '.'])
  const plain = await readFile(tar)
  const layer = toBlob(gzipSync(plain), 'application/vnd.oci.image.layer.v1.tar+gzip')
  const architecture = process.arch === 'x64' ? 'amd64' : process.arch
  const config = toBlob(
    json({
      architecture,
      os: 'linux',
      config: { Labels: { version }, Env: [`BASE=${version}`, 'PATH=/bin'] },
      rootfs: { type: 'layers', diff_ids: [digestOf(plain)] },
    }),
    ociConfig,
  )
  const manifest = toBlob(
    json({
      schemaVersion: 2,
      mediaType: ociManifest,
      config: descriptorOf(config),
      layers: [descriptorOf(layer)],
    }),
    ociManifest,
  )
  await writeOciLayout(layout, { image: manifest }, [config, layer])
}

function json(document: object): Buffer {
  return Buffer.from(JSON.stringify(document))
}
