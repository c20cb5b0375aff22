import type { Descriptor, ImageReference } from '../../oci/index.ts'
import { binarySize } from '../print/age.ts'
import { formatTabs, listLayout } from '../print/tab-writer.ts'
import type { FetchedManifest } from '../registry/registry-client.ts'
import type { Repository } from '../registry/repository.ts'

/** What `image mirror` is going to do, as it tells it on stderr (cli.md §16.2). */

export interface MirrorPlan {
  from: Repository
  to: Repository
  destination: ImageReference
  /** '' pushes by digest only. */
  tag: string
  /** Images first, a list that holds them last. */
  manifests: FetchedManifest[]
}

function blobsOf(manifests: readonly FetchedManifest[]): Descriptor[] {
  const all = manifests.flatMap(({ manifest }) =>
    manifest.kind === 'image' ? [...manifest.layers, manifest.config] : [],
  )
  return [...new Map(all.map((blob) => [blob.digest, blob])).values()]
}

/** Of plans that write to one repository. */
function repositoryLines(plans: readonly MirrorPlan[]): string {
  const blobs = plans.flatMap(({ from, manifests }) =>
    blobsOf(manifests).map(
      (blob) => `      ${from.host}/${from.repository} ${blob.digest} ${binarySize(blob.size)}\n`,
    ),
  )
  const named = plans.flatMap(({ tag, manifests }) =>
    manifests.map(({ digest }, i) => {
      const last = i === manifests.length - 1
      return `      ${digest}${last && tag !== '' ? ` -> ${tag}` : ''}\n`
    }),
  )
  const repository = plans[0]?.to.repository ?? ''
  return `  ${repository}\n    blobs:\n${[...new Set(blobs)].join('')}    manifests:\n${named.join('')}`
}

const byRepository = (plans: readonly MirrorPlan[]) => [
  ...Map.groupBy(plans, ({ to }) => `${to.host}/${to.repository}`).values(),
]

function registryLines(host: string, plans: readonly MirrorPlan[]): string {
  const all = plans.flatMap((plan) => blobsOf(plan.manifests))
  const unique = new Map(all.map((blob) => [blob.digest, blob.size]))
  const size = [...unique.values()].reduce((sum, bytes) => sum + bytes, 0)
  const total = all.reduce((sum, blob) => sum + blob.size, 0)
  const ratio = total === 0 ? 1 : size / total
  const shared = all.length - unique.size
  return `${host}/\n${byRepository(plans).map(repositoryLines).join('')}  stats: shared=${shared} unique=${unique.size - shared} size=${binarySize(size)} ratio=${ratio.toFixed(2)}\n`
}

export function formatPlan(plans: readonly MirrorPlan[]): string {
  const hosts = Map.groupBy(plans, (plan) => plan.to.host)
  const phase = byRepository(plans).map((own) => {
    const manifests = own.flatMap((plan) => plan.manifests)
    const { host, repository } = (own[0] as MirrorPlan).to
    return `  ${host}\t${repository}\tblobs=${blobsOf(manifests).length}\tmounts=0\tmanifests=${manifests.length}\tshared=0\n`
  })
  const trees = [...hosts].map(([host, own]) => registryLines(host, own)).join('')
  return `${trees}\nphase 0:\n${formatTabs(phase.join(''), listLayout)}\n`
}
