import { patchContentTypes, type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { readDryRun } from '../parse/dry-run.ts'
import { dryRunFlag, fileFlags, selectorFlag } from '../parse/selection-flags.ts'
import { ageOf, longAge } from '../print/age.ts'
import { objectName, printFlags } from '../print/printer.ts'
import { createResultPrinter } from '../print/result.ts'
import { typedAccept } from '../resources/image-api.ts'
import { builtin } from './create-one.ts'
import { type Revision, readRevisions, replicationControllers } from './rollout-read.ts'
import { selectRollouts } from './rollout-select.ts'

/** `rollout latest` and `cancel`, which only deployment configs have (cli.md §11.1, §11.5). */

export const deploymentConfigs = builtin('apps.openshift.io', 'v1', 'deploymentconfigs', 'DeploymentConfig')
const busy = new Set(['New', 'Pending', 'Running'])

interface Config extends KubeObject {
  spec?: { paused?: boolean }
  status?: { latestVersion?: number }
}

export const latestCommand: Command = {
  usage: 'DEPLOYMENTCONFIG',
  long: 'Start a rollout of a deployment config with the images that its triggers show now.',
  flags: [
    ...printFlags,
    dryRunFlag(),
    { name: 'again', kind: 'bool', help: 'Keep the images of the last rollout.' },
  ],
  run: runLatest,
}

export const cancelCommand: Command = {
  usage: '(TYPE NAME | TYPE/NAME) [flags]',
  long: 'Cancel the rollout of a deployment config that is under way.',
  flags: [...printFlags, ...fileFlags, selectorFlag],
  run: runCancel,
}

async function checkIdle(rest: Rest, namespace: string, config: Config): Promise<void> {
  const latest = config.status?.latestVersion ?? 0
  if (latest === 0) return
  try {
    const path = resourcePath(replicationControllers, namespace, `${config.metadata.name}-${latest}`)
    const controller = await rest.json<KubeObject>({ method: 'GET', path, accept: typedAccept })
    const phase = controller.metadata.annotations?.['openshift.io/deployment.phase'] ?? ''
    if (phase !== 'Complete' && phase !== 'Failed')
      throw new CliError(`#${latest} is already in progress (${phase}).`)
  } catch (error) {
    if (!isApiError(error) || error.code !== 404) throw error
  }
}

async function runLatest(context: CommandContext): Promise<void> {
  const { args, flags, io, session } = context
  const [text, ...more] = args
  if (text === undefined || more.length > 0)
    throw new CliError('one deployment config name is needed as argument.')
  const dryRun = readDryRun(flags, io)
  const slash = text.indexOf('/')
  if (slash !== -1 && (await session.resource(text.slice(0, slash))).plural !== 'deploymentconfigs') {
    throw new CliError(`${text} is not a deployment config`)
  }
  const name = text.slice(slash + 1)
  const namespace = await session.namespace()
  const rest = await session.rest()
  const path = resourcePath(deploymentConfigs, namespace, name)
  const config = await rest.json<Config>({ method: 'GET', path, accept: typedAccept })
  if (config.spec?.paused) throw new CliError('cannot deploy a paused deployment config')
  await checkIdle(rest, namespace, config)
  const printer = await createResultPrinter(context, { dryRun })
  const typed = { kind: 'DeploymentConfig', apiVersion: 'apps.openshift.io/v1', ...config }
  if (dryRun !== 'client') {
    const body = {
      kind: 'DeploymentRequest',
      apiVersion: 'apps.openshift.io/v1',
      name,
      latest: !flags.bool('again'),
      force: true,
    }
    try {
      await rest.request({ method: 'POST', path: `${path}/instantiate`, body, accept: typedAccept })
    } catch (error) {
      if (!isApiError(error) || (error.code !== 403 && error.code !== 404)) throw error
      const next = {
        ...config,
        status: { ...config.status, latestVersion: (config.status?.latestVersion ?? 0) + 1 },
      }
      await rest.request({ method: 'PUT', path, body: next, accept: typedAccept })
    }
  }
  printer.print(typed, 'rolled out')
}

const cancelled = 'openshift.io/deployment.cancelled'

async function cancelOne(rest: Rest, namespace: string, revision: Revision): Promise<string> {
  if (revision.object.metadata.annotations?.[cancelled] === 'true') return 'already cancelled'
  const annotations = {
    [cancelled]: 'true',
    'openshift.io/deployment.status-reason': 'cancelled by the user',
  }
  await rest.request({
    method: 'PATCH',
    path: resourcePath(replicationControllers, namespace, revision.name),
    body: { metadata: { annotations } },
    contentType: patchContentTypes.strategic,
    accept: typedAccept,
  })
  return 'cancelling'
}

async function runCancel(context: CommandContext): Promise<void> {
  const { io, session } = context
  const { objects } = await selectRollouts(context)
  const rest = await session.rest()
  for (const { object, namespace } of objects) {
    if (object.kind !== 'DeploymentConfig')
      throw new CliError(`expected deployment configuration, got ${object.kind}`)
    const revisions = await readRevisions(rest, object)
    const running = revisions.filter((revision) => busy.has(revision.phase))
    for (const revision of running)
      io.stdout.write(`${objectName(object)} ${await cancelOne(rest, namespace, revision)}\n`)
    const last = revisions.at(-1)
    if (running.length > 0 || last === undefined) continue
    const age = longAge(ageOf(last.object.metadata.creationTimestamp, io.now())).toLowerCase()
    io.stdout.write(
      `No rollout is in progress (latest rollout #${last.number} ${last.phase.toLowerCase()} ${age} ago)\n`,
    )
  }
}
