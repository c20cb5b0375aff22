import {
  type Build,
  configMaps,
  type EnvVar,
  imageStreamImages,
  imageStreams,
  inputReference,
  type ObjectReference,
  serviceAccounts,
} from '../api/index.ts'
import type { BuildJob, Files, ImageInput, Variable } from '../builder/index.ts'
import type { Client } from '../client/client.ts'
import {
  decorateStream,
  type PhaseChange,
  type RegistryHosts,
  resolveTrigger,
  tagSource,
} from '../image/index.ts'
import { isApiError } from '../machinery/errors.ts'
import { accountAuth, type BuildSecrets, createBuildSecrets, filesOf } from './build-credentials.ts'

export interface PrepareDeps {
  client: Client
  hosts: RegistryHosts
}

export type PreparedBuild =
  | { kind: 'ready'; job: BuildJob; outputReference?: string }
  /** Something is not there yet: look again. */
  | { kind: 'wait'; change: PhaseChange }
  | { kind: 'failed'; change: PhaseChange }

/** What stops a preparation, thrown on the way and answered by {@link prepareBuild}. */
class NotPrepared extends Error {
  override readonly name = 'NotPrepared'
  readonly answer: Exclude<PreparedBuild, { kind: 'ready' }>
  constructor(answer: Exclude<PreparedBuild, { kind: 'ready' }>) {
    super(answer.change.message)
    this.answer = answer
  }
}

const wait = (reason: string, message: string) =>
  new NotPrepared({ kind: 'wait', change: { phase: 'New', reason, message } })
const fail = (reason: string, message: string) =>
  new NotPrepared({ kind: 'failed', change: { phase: 'Error', reason, message } })

/** Reads everything that the build needs: what its references resolve to, its credentials, variables and files. */
export async function prepareBuild(build: Build, deps: PrepareDeps): Promise<PreparedBuild> {
  try {
    return await prepare(build, deps)
  } catch (error) {
    if (error instanceof NotPrepared) return error.answer
    throw error
  }
}

async function prepare(build: Build, deps: PrepareDeps): Promise<PreparedBuild> {
  const { client, hosts } = deps
  const { spec, metadata } = build
  const namespace = metadata.namespace ?? ''
  const strategy = spec.strategy.dockerStrategy
  if (strategy === undefined) throw fail('CannotCreateBuildPodSpec', 'Only Docker builds run here.')
  const found = createBuildSecrets(client, namespace)
  const accountName = spec.serviceAccount || 'builder'
  const account = await client.get(serviceAccounts, namespace, accountName).catch(absent)
  if (account === undefined) {
    throw wait('CannotCreateBuildPod', `There is no service account "${accountName}".`)
  }
  const base = inputReference(spec.strategy)
  const baseImage = base === undefined ? undefined : await resolveImage(base, namespace, deps)
  const output = outputReference(build, hosts)
  const pushSecret = await explicitSecret(
    spec.output.pushSecret?.name,
    found,
    'MissingPushSecret',
    'Missing push secret.',
  )
  const pushAuth = await accountAuth(account, pushSecret, found)
  if (output?.startsWith(`${hosts.internalRegistry}/`) && pushAuth[hosts.internalRegistry] === undefined) {
    throw wait(
      'MissingPushSecret',
      `Service account "${accountName}" has no credentials for the registry yet.`,
    )
  }
  const images: ImageInput[] = []
  const imageAuth: Record<string, { auth: string }>[] = []
  for (const image of spec.source.images ?? []) {
    const resolved = await resolveImage(image.from, namespace, deps)
    images.push({ image: resolved, names: image.as ?? [], paths: image.paths ?? [] })
    if (image.pullSecret?.name)
      imageAuth.push(
        await accountAuth({ metadata: {} } as never, await found.find(image.pullSecret.name), found),
      )
  }
  const pullSecret = await explicitSecret(
    strategy.pullSecret?.name,
    found,
    'MissingPullSecret',
    'Missing pull secret.',
  )
  const pullAuth = Object.assign({}, ...imageAuth, await accountAuth(account, pullSecret, found))
  const env = await resolveVariables(strategy.env ?? [], namespace, found, client)
  const buildArgs = await resolveVariables(strategy.buildArgs ?? [], namespace, found, client)
  const sourceSecret = await explicitSecret(
    spec.source.sourceSecret?.name,
    found,
    'FetchSourceFailed',
    'Missing source secret.',
  )
  const inputs = await readInputs(build, found, client)
  const job: BuildJob = {
    build,
    ...(baseImage === undefined ? {} : { base: baseImage }),
    ...(output === undefined ? {} : { output }),
    pullAuth,
    pushAuth,
    env,
    buildArgs,
    ...(sourceSecret === undefined ? {} : { sourceSecret: filesOf(sourceSecret) }),
    inputs,
    images,
    secrets: found.seen(),
  }
  return { kind: 'ready', job, ...(output === undefined ? {} : { outputReference: output }) }
}

async function explicitSecret(
  name: string | undefined,
  found: BuildSecrets,
  reason: string,
  message: string,
) {
  if (!name) return undefined
  const secret = await found.find(name)
  if (secret === undefined) throw wait(reason, message)
  return secret
}

/** Where the result goes: the registry's name of a tag, or the image as it is written. */
export function outputReference({ spec, metadata }: Build, hosts: RegistryHosts): string | undefined {
  const to = spec.output?.to
  if (!to?.name) return undefined
  if (to.kind === 'DockerImage') return to.name
  const [stream = '', tag = 'latest'] = to.name.split(':')
  return `${hosts.internalRegistry}/${to.namespace || metadata.namespace}/${stream}:${tag}`
}

/** The reference that a client pulls. Waits for a tag that has no image yet. */
async function resolveImage(
  from: ObjectReference,
  own: string,
  { client, hosts }: PrepareDeps,
): Promise<string> {
  const namespace = from.namespace || own
  const name = from.name ?? ''
  const unresolved = () =>
    wait('InvalidImageReference', `Referenced image ${namespace}/${name} could not be resolved.`)
  if (from.kind === 'DockerImage') return name
  if (from.kind === 'ImageStreamImage') {
    const found = await client.get(imageStreamImages, namespace, name).catch(absent)
    if (found?.image.dockerImageReference === undefined) throw unresolved()
    return found.image.dockerImageReference
  }
  const source = tagSource(from, own)
  if (source === undefined) throw unresolved()
  const stream = await client.get(imageStreams, source.namespace, source.stream).catch(absent)
  const resolution = resolveTrigger(stream && decorateStream(stream, hosts), source.tag)
  if (resolution.kind !== 'image') throw unresolved()
  return resolution.image
}

async function resolveVariables(
  variables: readonly EnvVar[],
  namespace: string,
  found: BuildSecrets,
  client: Client,
): Promise<Variable[]> {
  const resolved: Variable[] = []
  for (const { name, value = '', valueFrom } of variables) {
    if (valueFrom === undefined) {
      resolved.push({ name, value })
      continue
    }
    const { secretKeyRef, configMapKeyRef } = valueFrom
    const reference = secretKeyRef ?? configMapKeyRef
    const text =
      secretKeyRef !== undefined
        ? await secretText(secretKeyRef, found)
        : configMapKeyRef !== undefined
          ? (await client.get(configMaps, namespace, configMapKeyRef.name ?? '').catch(absent))?.data?.[
              configMapKeyRef.key
            ]
          : undefined
    if (text !== undefined) resolved.push({ name, value: text, isSecret: secretKeyRef !== undefined })
    else if (reference?.optional !== true) {
      throw fail(
        'UnresolvableEnvironmentVariable',
        `Unable to resolve build environment variable reference ${name}.`,
      )
    }
  }
  return resolved
}

async function secretText({ name = '', key }: { name?: string; key: string }, found: BuildSecrets) {
  const encoded = (await found.find(name))?.data?.[key]
  return encoded === undefined ? undefined : Buffer.from(encoded, 'base64').toString('utf8')
}

/** Folders of the context from Secrets and ConfigMaps. */
async function readInputs({ spec, metadata }: Build, found: BuildSecrets, client: Client) {
  const inputs: { folder: string; files: Files }[] = []
  for (const { secret, destinationDir = '' } of spec.source.secrets ?? []) {
    const read = await explicitSecret(
      secret.name,
      found,
      'FetchSourceFailed',
      `There is no secret "${secret.name}".`,
    )
    if (read !== undefined) inputs.push({ folder: destinationDir, files: filesOf(read) })
  }
  for (const { configMap, destinationDir = '' } of spec.source.configMaps ?? []) {
    const read = await client.get(configMaps, metadata.namespace ?? '', configMap.name ?? '').catch(absent)
    if (read === undefined) throw wait('FetchSourceFailed', `There is no config map "${configMap.name}".`)
    const texts = Object.entries(read.data ?? {}).map(([name, text]) => [name, Buffer.from(text)] as const)
    const binary = Object.entries(read.binaryData ?? {}).map(
      ([name, text]) => [name, Buffer.from(text, 'base64')] as const,
    )
    inputs.push({ folder: destinationDir, files: new Map([...texts, ...binary]) })
  }
  return inputs
}

function absent(error: unknown): undefined {
  if (!isApiError(error, 'NotFound')) throw error
}
