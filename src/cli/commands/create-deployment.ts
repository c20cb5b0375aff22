import type { KubeObject } from '../../machinery/object.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { builtin, createGenerated, generatorFlags, oneName } from './create-one.ts'
import { explainFor } from './create-secret.ts'

const deployments = builtin('apps', 'v1', 'deployments', 'Deployment')

/** The last part of an image's path, without tag and digest, as a container's name. */
export function containerName(image: string): string {
  const last = image.slice(image.lastIndexOf('/') + 1)
  return (
    (last.split('@')[0] as string)
      .split(':')[0]
      ?.replace(/[^a-z0-9-]/gi, '-')
      .toLowerCase() ?? ''
  )
}

export const createDeploymentCommand: Command = {
  usage: 'NAME --image=image -- [COMMAND] [args...]',
  long: 'Create a deployment of one or more images.',
  examples: `# A deployment that follows an image stream tag from then on
$0 create deployment web --image=web:latest
$0 set triggers deploy/web --from-image=web:latest -c web`,
  flags: [
    ...generatorFlags,
    { name: 'image', kind: 'list', help: 'The images; each gets a container.' },
    { name: 'port', kind: 'int', default: -1, help: 'A port that the containers expose.' },
    { name: 'replicas', short: 'r', kind: 'int', default: 1, help: 'How many pods.' },
  ],
  run: runCreateDeployment,
}

async function runCreateDeployment(context: CommandContext): Promise<void> {
  const { flags, args } = context
  const [name, ...command] = args
  const images = flags.list('image')
  if (images.length === 0) throw new CliError('required flag(s) "image" not set')
  if (images.length > 1 && command.length > 0)
    throw new CliError('cannot specify multiple --image options and command')
  const labels = { app: oneName(name === undefined ? [] : [name]) }
  const ports = flags.int('port') > 0 ? { ports: [{ containerPort: flags.int('port') }] } : {}
  const object = {
    kind: 'Deployment',
    apiVersion: 'apps/v1',
    metadata: { name: labels.app, labels },
    spec: {
      replicas: flags.int('replicas'),
      selector: { matchLabels: labels },
      template: {
        metadata: { labels },
        spec: {
          containers: images.map((image) => ({
            name: containerName(image),
            image,
            ...(command.length === 0 ? {} : { command }),
            ...ports,
            resources: {},
          })),
        },
      },
      strategy: {},
    },
    status: {},
  }
  await createGenerated(context, deployments, object as KubeObject, { explain: explainFor('deployment') })
}
