import { type BuildConfig, type BuildRequest, buildConfigs } from '../api/index.ts'
import { allSources, buildTriggers, planBuildTriggers, triggerFailed } from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { findResolutions, type ResolutionDeps } from '../resources/admission/index.ts'
import type { Complaint } from './trigger-events.ts'
import { askAgain, type TriggerHandler } from './trigger-handler.ts'

/** Image change triggers of BuildConfigs: one request for a build, whatever fired (triggers.md §6.2). */
export function createBuildConfigHandler(deps: ResolutionDeps): TriggerHandler {
  return {
    kind: buildConfigs,
    followings: (object) => allSources(buildConfigs, object).map((source) => ({ source })),
    hasTriggers: (object) => buildTriggers(object as BuildConfig).some(({ isPaused }) => !isPaused),
    mark: (object) => JSON.stringify([object.metadata.uid, buildTriggers(object as BuildConfig)]),
    async handle(object) {
      const config = object as BuildConfig
      const reports = planBuildTriggers(config, await findResolutions(buildConfigs, config, deps))
      const fired = reports.flatMap(({ from, state }) =>
        state.kind === 'fires' ? [{ from, image: state.image }] : [],
      )
      const complaints: Complaint[] = reports.flatMap(({ source, state }) =>
        state.kind === 'waiting' || state.kind === 'forbidden'
          ? [{ reason: triggerFailed, message: `${source}: ${state.why}` }]
          : [],
      )
      const [first] = fired
      if (first !== undefined) {
        const problem = await instantiate(config, first, fired, deps)
        if (problem !== undefined) complaints.push({ ...buildFailed, message: problem })
      }
      const isRefused = reports.some(({ state }) => state.kind === 'forbidden')
      return { complaints, ...(isRefused ? { again: askAgain } : {}) }
    },
  }
}

const buildFailed = { reason: 'BuildConfigTriggerFailed', component: 'buildconfig-controller' }

interface Fired {
  from: NonNullable<BuildRequest['from']>
  image: string
}

/** What keeps the build from being made for good; other failures reject, and are tried again. */
async function instantiate(
  config: BuildConfig,
  first: Fired,
  fired: readonly Fired[],
  { client }: ResolutionDeps,
): Promise<string | undefined> {
  const { name = '', namespace = '' } = config.metadata
  const request: BuildRequest = {
    kind: 'BuildRequest',
    apiVersion: 'build.openshift.io/v1',
    metadata: { name, namespace },
    triggeredByImage: { kind: 'DockerImage', name: first.image },
    from: first.from,
    triggeredBy: fired.map(({ from, image }) => ({
      message: 'Image change',
      imageChangeBuild: { imageID: image, fromRef: from },
    })),
  }
  try {
    await client.create(buildConfigs, namespace, request as never, { subresource: 'instantiate', name })
  } catch (error) {
    // Somebody else was faster: the image is built.
    if (isApiError(error) && /has already instantiated a build/.test(error.message)) return undefined
    if (!isApiError(error, 'BadRequest') && !isApiError(error, 'Invalid')) throw error
    return `error triggering Build for BuildConfig ${namespace}/${name}: ${error.message}`
  }
}
