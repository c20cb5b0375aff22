import { type Rest, resourcePath } from '../../client/index.ts'
import { isApiError } from '../../machinery/errors.ts'
import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { createPrinter, printFlags } from '../print/printer.ts'
import { typedAccept } from '../resources/image-api.ts'
import { withType } from '../resources/select-objects.ts'
import { deploymentConfigs } from './rollout-config.ts'
import { readRevisions, replicationControllers } from './rollout-read.ts'

/** cli.md §11.6. */
export const rollbackCommand: Command = {
  usage: '(DEPLOYMENTCONFIG | REPLICATIONCONTROLLER) [flags]',
  long: `Go back to an earlier rollout of a deployment config.

Without --to-version it is the newest complete one before the current. Image triggers of the result are switched off, so that the old images stay.`,
  examples: `# To the last rollout that worked
$0 rollback dc/frontend

# To rollout 3, only showing the result
$0 rollback frontend --to-version=3 --dry-run -o yaml`,
  flags: [
    ...printFlags,
    { name: 'change-scaling-settings', kind: 'bool', help: "Take the old rollout's replicas and selector." },
    { name: 'change-strategy', kind: 'bool', help: "Take the old rollout's strategy." },
    { name: 'change-triggers', kind: 'bool', help: "Take the old rollout's triggers." },
    { name: 'dry-run', short: 'd', kind: 'bool', help: 'Show what it would become; change nothing.' },
    { name: 'to-version', kind: 'int', help: 'The rollout to go back to.' },
  ],
  run: runRollback,
}

interface ImageTrigger {
  type?: string
  imageChangeParams?: { automatic?: boolean; from?: { name?: string } } | null
}

interface Config extends KubeObject {
  spec?: { paused?: boolean; triggers?: ImageTrigger[] | null }
  status?: { latestVersion?: number }
}

const configName = 'openshift.io/deployment-config.name'
const configVersion = 'openshift.io/deployment-config.latest-version'

async function find(rest: Rest, path: string): Promise<KubeObject | undefined> {
  try {
    return await rest.json<KubeObject>({ method: 'GET', path, accept: typedAccept })
  } catch (error) {
    if (isApiError(error) && error.code === 404) return undefined
    throw error
  }
}

interface Named {
  config: string
  /** The rollout that was named. */
  controller?: KubeObject
}

/** A bare name is looked for among the controllers first. */
async function findNamed(context: CommandContext, text: string): Promise<Named> {
  const { session } = context
  const [rest, namespace] = [await session.rest(), await session.namespace()]
  const slash = text.indexOf('/')
  const name = text.slice(slash + 1)
  const plural = slash === -1 ? undefined : (await session.resource(text.slice(0, slash))).plural
  const invalid = () => new CliError(`${name} is not a valid deployment or deployment config`)
  if (plural !== undefined && plural !== 'deploymentconfigs' && plural !== 'replicationcontrollers')
    throw invalid()
  if (plural !== 'deploymentconfigs') {
    const controller = await find(rest, resourcePath(replicationControllers, namespace, name))
    const config = controller?.metadata.annotations?.[configName]
    if (controller !== undefined && config !== undefined) return { config, controller }
    if (plural !== undefined) throw invalid()
  }
  if ((await find(rest, resourcePath(deploymentConfigs, namespace, name))) === undefined) throw invalid()
  return { config: name }
}

/** Name of the controller to go back to. */
async function chooseTarget(rest: Rest, config: Config, version: number): Promise<string> {
  const revisions = await readRevisions(rest, withType(config, deploymentConfigs))
  const current = config.status?.latestVersion ?? 0
  const found =
    version > 0
      ? revisions.find(({ number }) => number === version)
      : revisions.findLast(({ number, phase }) => number < current && phase === 'Complete')
  if (found === undefined) throw new CliError("couldn't find deployment for rollback")
  return found.name
}

async function runRollback(context: CommandContext): Promise<void> {
  const { args, flags, io, session } = context
  const [text = '', ...more] = args
  if (text === '' || more.length > 0) throw new CliError('a deployment or deployment config name is required')
  const version = flags.int('to-version')
  if (version < 0) throw new CliError('the to version must be >= 0')
  const printer = await createPrinter(flags, { cwd: io.cwd, typed: true })
  const named = await findNamed(context, text)
  const rest = await session.rest()
  const path = resourcePath(deploymentConfigs, await session.namespace(), named.config)
  const config = await rest.json<Config>({ method: 'GET', path, accept: typedAccept })
  if (config.spec?.paused) throw new CliError('cannot rollback a paused deployment config')
  const target = named.controller?.metadata.name ?? (await chooseTarget(rest, config, version))
  const next = withType(await askForRollback(context, rest, path, named, target), deploymentConfigs) as Config
  if (flags.bool('dry-run')) {
    io.stdout.write(printer?.print(next, true) ?? successLine(named.config, config, `${target} (dry run)`))
    return
  }
  const written = await rest.json<Config>({ method: 'PUT', path, body: next, accept: typedAccept })
  const result = withType(written, deploymentConfigs) as Config
  io.stdout.write(
    printer?.print(result, true) ?? successLine(named.config, result, target) + triggerNote(result),
  )
}

/** The config as it becomes; nothing is written by asking. */
function askForRollback(
  { flags }: CommandContext,
  rest: Rest,
  path: string,
  { config: name, controller }: Named,
  target: string,
): Promise<KubeObject> {
  const version = Number(controller?.metadata.annotations?.[configVersion] ?? flags.int('to-version'))
  const body = {
    kind: 'DeploymentConfigRollback',
    apiVersion: 'apps.openshift.io/v1',
    name,
    spec: {
      from: { name: target },
      revision: version,
      includeTriggers: flags.bool('change-triggers'),
      includeTemplate: true,
      includeReplicationMeta: flags.bool('change-scaling-settings'),
      includeStrategy: flags.bool('change-strategy'),
    },
  }
  return rest.json<KubeObject>({ method: 'POST', path: `${path}/rollback`, body, accept: typedAccept })
}

function successLine(name: string, { status }: Config, to: string): string {
  return `deploymentconfig.apps.openshift.io/${name} deployment #${status?.latestVersion ?? 0} rolled back to ${to}\n`
}

/** The image triggers that no longer act, and how to have them back. */
function triggerNote({ metadata, spec }: Config): string {
  const off = (spec?.triggers ?? []).flatMap(({ type, imageChangeParams: params }) =>
    type === 'ImageChange' && params && params.automatic !== true ? [params.from?.name ?? ''] : [],
  )
  return off
    .map(
      (name) =>
        `Warning: the following images triggers were disabled: ${name}\n  You can re-enable them with: oc set triggers dc/${metadata.name} --auto\n`,
    )
    .join('')
}
