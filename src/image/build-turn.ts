import type { Build } from '../api/index.ts'

/** When a Build may run, by the run policy of its BuildConfig, and which Builds are kept once they are over. */

export const buildConfigLabel = 'openshift.io/build-config.name'
const policyLabel = 'openshift.io/build.start-policy'
const numberAnnotation = 'openshift.io/build.number'

export function isBuildOver({ status }: Build): boolean {
  return ['Complete', 'Failed', 'Error', 'Cancelled'].includes(status.phase)
}

const isActive = ({ status }: Build) => status.phase === 'Pending' || status.phase === 'Running'
const isNew = ({ status }: Build) => status.phase === 'New' && status.cancelled !== true

export function buildNumber({ metadata }: Build): number {
  return Number(metadata.annotations?.[numberAnnotation] ?? 0)
}

/** Name of the BuildConfig; undefined for a Build that was made by hand. */
export function configOfBuild({ metadata }: Build): string | undefined {
  return metadata.labels?.[buildConfigLabel] ?? metadata.annotations?.[buildConfigLabel]
}

/** Whether it gives way to newer builds, and others to it. */
export function isLatestOnly({ metadata }: Build): boolean {
  return metadata.labels?.[policyLabel] === 'SerialLatestOnly'
}

export type BuildTurn = { kind: 'go' } | { kind: 'wait'; for: string } | { kind: 'superseded'; by: string }

/** `siblings` are the other Builds of the same BuildConfig. */
export function planBuildTurn(build: Build, siblings: readonly Build[]): BuildTurn {
  const policy = build.metadata.labels?.[policyLabel] ?? 'Serial'
  const number = buildNumber(build)
  const wait = (other: Build | undefined): BuildTurn =>
    other === undefined ? { kind: 'go' } : { kind: 'wait', for: other.metadata.name ?? '' }
  switch (policy) {
    case 'Parallel':
      return wait(
        siblings.find((other) => isActive(other) && other.metadata.labels?.[policyLabel] !== 'Parallel'),
      )
    case 'SerialLatestOnly': {
      const newer = siblings.find((other) => isNew(other) && buildNumber(other) > number)
      if (newer !== undefined) return { kind: 'superseded', by: newer.metadata.name ?? '' }
      return wait(siblings.find(isActive))
    }
    default:
      return wait(siblings.find((other) => isActive(other) || (isNew(other) && buildNumber(other) < number)))
  }
}

/** Builds that are over and beyond what is to be kept of their kind, oldest first; an absent limit keeps all. */
export function expiredBuilds(
  all: readonly Build[],
  limits: { successful?: number | undefined; failed?: number | undefined },
): Build[] {
  const over = all.filter(isBuildOver)
  const beyond = (builds: readonly Build[], limit: number | undefined) =>
    limit === undefined
      ? []
      : builds
          .toSorted((a, b) => buildNumber(a) - buildNumber(b))
          .slice(0, Math.max(builds.length - limit, 0))
  return [
    ...beyond(
      over.filter(({ status }) => status.phase === 'Complete'),
      limits.successful,
    ),
    ...beyond(
      over.filter(({ status }) => status.phase !== 'Complete'),
      limits.failed,
    ),
  ]
}
