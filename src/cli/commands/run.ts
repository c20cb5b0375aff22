import type { KubeObject } from '../../machinery/object.ts'
import { parseReference } from '../../oci/index.ts'
import type { Command, CommandContext } from '../command.ts'
import { CliError, UsageError } from '../errors.ts'
import { builtin, createGenerated, generatorFlags } from './create-one.ts'

const pods = builtin('', 'v1', 'pods', 'Pod')

/** cli.md §7.7, `run`. */
export const runCommand: Command = {
  usage:
    'NAME --image=image [--env="key=value"] [--port=port] [--dry-run=server|client] [-- COMMAND] [args...]',
  long: 'Create a pod with one container.',
  flags: [
    ...generatorFlags.map((flag) =>
      flag.name === 'field-manager' ? { ...flag, kind: 'string' as const, default: 'kubectl-run' } : flag,
    ),
    { name: 'command', kind: 'bool', help: 'Words after -- are the command rather than its arguments.' },
    { name: 'env', kind: 'array', help: 'Environment variables, as key=value.' },
    { name: 'image', kind: 'string', help: 'The image.' },
    { name: 'image-pull-policy', kind: 'string', help: 'When to pull: Always, IfNotPresent or Never.' },
    { name: 'labels', short: 'l', kind: 'string', help: 'Labels of the pod, as a comma list of key=value.' },
    { name: 'port', kind: 'string', help: 'The port that the container exposes.' },
    {
      name: 'restart',
      kind: 'string',
      default: 'Always',
      help: 'Restart policy: Always, OnFailure or Never.',
    },
  ],
  run: runPod,
}

function readPairs(texts: readonly string[], what: string): [string, string][] {
  return texts.map((text) => {
    const equals = text.indexOf('=')
    if (equals < 1) throw new CliError(`invalid ${what}: ${text}`)
    return [text.slice(0, equals), text.slice(equals + 1)]
  })
}

function checkImage(image: string): void {
  if (image === '') throw new CliError('--image is required')
  // A first part with capitals is a host.
  const lower = image.replace(/^[^/]*\//, (host) => host.toLowerCase())
  if (parseReference(lower) === undefined)
    throw new CliError(`Invalid image name ${JSON.stringify(image)}: invalid reference format`)
}

async function runPod(context: CommandContext): Promise<void> {
  const { flags, args } = context
  if (!flags.changed('image')) throw new CliError('required flag(s) "image" not set')
  const [name, ...words] = args
  if (name === undefined) throw new UsageError('NAME is required for run')
  const image = flags.string('image')
  checkImage(image)
  if (!['Always', 'OnFailure', 'Never'].includes(flags.string('restart')))
    throw new UsageError(`invalid restart policy: ${flags.string('restart')}`)
  const labelTexts = flags
    .string('labels')
    .split(',')
    .filter((text) => text !== '')
  const labels = labelTexts.length === 0 ? { run: name } : Object.fromEntries(readPairs(labelTexts, 'label'))
  const env = readPairs(flags.list('env'), 'env').map(([key, value]) => ({ name: key, value }))
  const port = Number(flags.string('port'))
  const pullPolicy = flags.string('image-pull-policy')
  const container = {
    name,
    image,
    ...(words.length === 0 ? {} : flags.bool('command') ? { command: words } : { args: words }),
    ...(flags.string('port') === '' ? {} : { ports: [{ containerPort: port }] }),
    ...(env.length === 0 ? {} : { env }),
    resources: {},
    ...(pullPolicy === '' ? {} : { imagePullPolicy: pullPolicy }),
  }
  const object = {
    kind: 'Pod',
    apiVersion: 'v1',
    metadata: { name, labels },
    spec: { containers: [container], restartPolicy: flags.string('restart'), dnsPolicy: 'ClusterFirst' },
    status: {},
  }
  await createGenerated(context, pods, object as KubeObject, { query: { fieldValidation: undefined } })
}
