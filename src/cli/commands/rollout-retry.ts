import { patchContentTypes, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject, ListMeta } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, throwCollected } from '../errors.ts'
import { fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { typedAccept } from '../resources/image-api.ts'
import { builtin } from './create-one.ts'
import { type Revision, readRevisions, replicationControllers } from './rollout-read.ts'
import { selectRollouts } from './rollout-select.ts'

/** cli.md §11.5. */
export const retryCommand: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Try the last rollout of a deployment config again, if it failed.',
  flags: [...printFlags, ...fileFlags, selectorFlag],
  run: runRetry,
}

const pods = builtin('', 'v1', 'pods', 'Pod')
const phaseKey = 'openshift.io/deployment.phase'
const running = new Set(['New', 'Pending', 'Running'])

async function runRetry(context: CommandContext): Promise<void> {
  const { session } = context
  const { objects } = await selectRollouts(context)
  const printer = await createResultPrinter(context)
  const rest = await session.rest()
  const errors: unknown[] = []
  for (const { object, namespace } of objects) {
    try {
      const last = await readLast(rest, object)
      await removeDeployers(rest, namespace, last.name)
      await resetPhase(rest, namespace, last.name)
      printer.print(object, `retried rollout #${last.number}`)
    } catch (error) {
      errors.push(error)
    }
  }
  throwCollected(errors)
}

/** The last rollout, which has failed; CliError when there is none or it hasn't. */
async function readLast(rest: Rest, object: KubeObject): Promise<Revision> {
  if (object.kind !== 'DeploymentConfig')
    throw new CliError(`expected deployment configuration, got ${object.kind}`)
  const { name } = object.metadata
  const { spec, status } = object as { spec?: { paused?: boolean }; status?: { latestVersion?: number } }
  if (spec?.paused) throw new CliError(`unable to retry paused deployment config ${JSON.stringify(name)}`)
  const latest = status?.latestVersion ?? 0
  if (latest === 0) throw new CliError(`no rollouts found for ${JSON.stringify(name)}`)
  const revision = (await readRevisions(rest, object)).find(({ number }) => number === latest)
  if (revision === undefined)
    throw new CliError(
      `unable to find the latest rollout (#${latest}).\nYou can start a new rollout with 'oc rollout latest dc/${name}'.`,
    )
  if (revision.phase === 'Failed') return revision
  const hint = running.has(revision.phase)
    ? `Optionally, you can cancel this deployment with 'oc rollout cancel dc/${name}'.`
    : `You can start a new deployment with 'oc rollout latest dc/${name}'.`
  throw new CliError(
    `rollout #${latest} is ${revision.phase.toLowerCase()}; only failed deployments can be retried.\n${hint}`,
  )
}

async function removeDeployers(rest: Rest, namespace: string, rollout: string): Promise<void> {
  const answer = await rest.json<{ metadata?: ListMeta; items?: KubeObject[] | null }>({
    method: 'GET',
    path: resourcePath(pods, namespace),
    query: { labelSelector: `openshift.io/deployer-pod-for.name=${rollout}` },
    accept: typedAccept,
  })
  for (const { metadata } of answer.items ?? []) {
    try {
      await rest.request({ method: 'DELETE', path: resourcePath(pods, namespace, metadata.name ?? '') })
    } catch (error) {
      if (!isApiError(error) || error.code !== 404) throw error
    }
  }
}

async function resetPhase(rest: Rest, namespace: string, rollout: string): Promise<void> {
  const annotations = {
    [phaseKey]: 'New',
    'openshift.io/deployment.cancelled': null,
    'openshift.io/deployment.status-reason': null,
  }
  await rest.request({
    method: 'PATCH',
    path: resourcePath(replicationControllers, namespace, rollout),
    body: { metadata: { annotations } },
    contentType: patchContentTypes.strategic,
    accept: typedAccept,
  })
}
