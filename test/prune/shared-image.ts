import { ociConfig, ociManifest } from '../../src/oci/index.ts'
import { descriptorOf, noise, type TestBlob, type TestImage, toBlob } from '../lab/random-image.ts'

const layerType = 'application/vnd.oci.image.layer.v1.tar+gzip'

const json = (document: object) => Buffer.from(JSON.stringify(document))

/** A layer that is the same for the same seed, in whatever image. */
export const layerOf = (seed: string, size = 400): TestBlob => toBlob(noise(`layer ${seed}`, size), layerType)

/** An image of these layers, whose config is its own. */
export function imageOf(
  seed: string,
  layerSeeds: readonly string[],
  { layerSize = 400, subject }: { layerSize?: number; subject?: TestBlob } = {},
): TestImage {
  const layers = layerSeeds.map((name) => layerOf(name, layerSize))
  const config = toBlob(
    json({
      architecture: 'amd64',
      os: 'linux',
      created: '2025-01-01T00:00:00Z',
      config: { Labels: { seed } },
      rootfs: { type: 'layers', diff_ids: layers.map(({ digest }) => digest) },
    }),
    ociConfig,
  )
  const manifest = {
    schemaVersion: 2,
    mediaType: ociManifest,
    config: descriptorOf(config),
    layers: layers.map(descriptorOf),
    ...(subject === undefined ? {} : { subject: descriptorOf(subject) }),
  }
  return { ...toBlob(json(manifest), ociManifest), config, layers }
}
