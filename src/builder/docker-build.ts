import { type Running, runStep } from './build-steps.ts'
import type { BuildOutcome, ImageInput, Stage, StageName, Variable } from './builder.ts'
import { neededImages, replaceLastFrom, withVariables } from './dockerfile.ts'
import { BuildFailure } from './failure.ts'
import { dockerfilePath, fetchInputs, placeInputs } from './fetch-inputs.ts'
import { type GitCommit, isInnerPath } from './git-source.ts'
import { parseImageHost } from './image-host.ts'

/** Most bytes of a Dockerfile. */
const dockerfileLimit = 1024 * 1024
const result = 'localhost/weir-build:result'

/** A docker strategy build from its source to the push, stage by stage. Never rejects for what the build does. */
export async function runDockerBuild(running: Running, now: () => Date): Promise<BuildOutcome> {
  const stages: Stage[] = []
  let commit: GitCommit | undefined
  const soFar = () => ({ stages, ...(commit === undefined ? {} : { commit }) })
  const stage = async <T>(name: StageName, work: () => Promise<T>): Promise<T> => {
    const start = now()
    try {
      return await work()
    } finally {
      const startTime = start.toISOString().replace(/\.\d+/, '')
      stages.push({ name, startTime, durationMilliseconds: now().getTime() - start.getTime() })
    }
  }
  try {
    commit = await stage('FetchInputs', async () => {
      await placeInputs(running)
      return fetchInputs(running)
    })
    const dockerfile = await readDockerfile(running)
    await stage('PullImages', () => pullImages(running, dockerfile))
    await stage('Build', () => buildImage(running, dockerfile, commit))
    if (hasHook(running)) await stage('PostCommit', () => runHook(running))
    if (running.job.output === undefined) return { kind: 'complete', ...soFar() }
    const output = running.job.output
    const digest = await stage('PushImage', () => pushImage(running, output))
    return { kind: 'complete', digest, ...soFar() }
  } catch (error) {
    running.signal.throwIfAborted()
    if (!(error instanceof BuildFailure)) throw error
    running.log.write(`error: ${error.detail ?? error.message}\n`)
    return { kind: 'failed', reason: error.reason, message: error.message, ...soFar() }
  }
}

async function readDockerfile(running: Running): Promise<string> {
  const { job } = running
  const context = job.build.spec.source.contextDir ?? ''
  const path = `/work/source/${context}/${dockerfilePath(running)}`
  const { code, stdout } = await runStep(running, 'exec cat -- "$1"', [path], { capture: dockerfileLimit })
  if (code !== 0) throw new BuildFailure('ManageDockerfileFailed', `there is no ${dockerfilePath(running)}`)
  if (job.base === undefined) return stdout
  const replaced = replaceLastFrom(stdout, job.base)
  if (replaced === undefined) throw new BuildFailure('ManageDockerfileFailed', 'the Dockerfile has no FROM')
  running.log.write(`Replaced Dockerfile FROM image ${job.base}\n`)
  return replaced
}

async function pullImages(running: Running, dockerfile: string): Promise<void> {
  const { job, log } = running
  const args = new Map(job.buildArgs.map(({ name, value }) => [name, value]))
  const aliases = new Set(job.images.flatMap(({ names }) => names))
  const bases = neededImages(dockerfile, args).filter((image) => !aliases.has(image))
  for (const image of bases) await pull(running, image, 'PullBuilderImageFailed')
  for (const input of job.images) {
    await pull(running, input.image, 'FetchImageContentFailed')
    if (input.paths.length > 0) log.write(`Copying files of ${input.image} ...\n`)
    for (const path of input.paths) await copyOut(running, input, path)
  }
}

const pullScript =
  'exec buildah pull --signature-policy /run/policy.json --authfile /run/auth.json --quiet -- "$1"'

async function pull(
  running: Running,
  image: string,
  reason: 'PullBuilderImageFailed' | 'FetchImageContentFailed',
): Promise<void> {
  const { settings, log, job } = running
  const host = parseImageHost(image)
  if (host === undefined) throw new BuildFailure(reason, `${image} is no reference to an image in a registry`)
  await settings.checkHost(host).catch((error: Error) => {
    throw new BuildFailure(reason, error.message)
  })
  log.write(`Pulling image ${image} ...\n`)
  const { code } = await runStep(running, withCAs + pullScript, [image], {
    auth: job.pullAuth,
    network: 'host',
    capture: 1024,
  })
  if (code !== 0) throw new BuildFailure(reason)
}

/** Go adds what is in this folder to the system's certificates. */
const withCAs = `mkdir /run/ca
mv /run/ca.pem /run/ca
export SSL_CERT_DIR=/run/ca:/etc/ssl/certs:/etc/pki/tls/certs
`

const copyScript = `container=$(buildah from --pull-never --quiet --signature-policy /run/policy.json "$1")
mounted=$(buildah mount "$container")
mkdir -p "/work/source/$3"
cp -a -- "$mounted/$2" "/work/source/$3"
buildah rm "$container" > /dev/null
`

async function copyOut(
  running: Running,
  { image }: ImageInput,
  { sourcePath, destinationDir }: ImageInput['paths'][number],
): Promise<void> {
  if (![sourcePath, destinationDir].every(isInnerPath)) {
    throw new BuildFailure('FetchImageContentFailed', 'a path of an image source leads out of it')
  }
  const { code } = await runStep(running, copyScript, [image, sourcePath, destinationDir])
  if (code !== 0) throw new BuildFailure('FetchImageContentFailed')
}

/** `$1` is the context; the Dockerfile comes by stdin. Nothing of the build is in its arguments but names. */
const buildScript = `cat > /run/Dockerfile
context=$1
shift
exec buildah build --isolation chroot --pull=never --format docker --signature-policy /run/policy.json \\
  --http-proxy=false --file /run/Dockerfile "$@" -- "$context"
`

async function buildImage(
  running: Running,
  dockerfile: string,
  commit: GitCommit | undefined,
): Promise<void> {
  const { job, settings } = running
  const strategy = job.build.spec.strategy.dockerStrategy
  const env = [...job.env, ...ownVariables(running, commit)]
  const flags = [
    // Layers of their own for the steps fail on bases without a history, which other builders make.
    '--layers=false',
    ...(strategy?.noCache === true ? ['--no-cache'] : []),
    ...env.filter(({ value }) => /[\r\n]/.test(value)).map((variable) => `--env=${assignment(variable)}`),
    ...job.buildArgs.map((variable) => `--build-arg=${assignment(variable)}`),
    ...labels(running, commit).map(({ name, value }) => `--label=${name}=${value}`),
    ...job.images.flatMap(({ image, names }) =>
      names.map((name) => `--build-context=${name}=docker-image://${image}`),
    ),
    `--tag=${result}`,
  ]
  const context = `/work/source/${job.build.spec.source.contextDir ?? ''}`
  const { code } = await runStep(running, buildScript, [context, ...flags], {
    env: Object.fromEntries(
      [...job.buildArgs, ...env].filter(isPassedOn).map(({ name, value }) => [name, value]),
    ),
    stdin: withVariables(dockerfile, env),
    network: settings.network,
    runsSteps: true,
  })
  if (code !== 0) throw new BuildFailure('DockerBuildFailed')
}

/** Names that mean something to the programs that build. */
const meaningful =
  /^(LD_|BUILDAH_|CONTAINERS_|_CONTAINERS_|STEP_|XDG_|SSL_|REGISTRY_|STORAGE_|DOCKER_|GO|GLIBC_|PATH$|HOME$|TMP|PWD$|IFS$|ENV$|BASH|.*_proxy$)/i

/** Arguments of processes can be seen by everybody on the machine: values of Secrets go by environment. */
function isPassedOn({ name, isSecret }: Variable): boolean {
  return isSecret === true && /^[A-Za-z_]\w*$/.test(name) && !meaningful.test(name)
}

function assignment(variable: Variable): string {
  return isPassedOn(variable) ? variable.name : `${variable.name}=${variable.value}`
}

/** What every image says of the build that made it. */
function ownVariables({ job: { build } }: Running, commit: GitCommit | undefined): Variable[] {
  const { name = '', namespace = '' } = build.metadata
  return [
    { name: 'OPENSHIFT_BUILD_NAME', value: name },
    { name: 'OPENSHIFT_BUILD_NAMESPACE', value: namespace },
    ...(commit === undefined
      ? []
      : [
          {
            name: 'OPENSHIFT_BUILD_SOURCE',
            value: build.spec.source.git?.uri.replace(/\/\/[^/@]*@/, '//') ?? '',
          },
          { name: 'OPENSHIFT_BUILD_COMMIT', value: commit.commit },
        ]),
  ]
}

function labels({ job: { build } }: Running, commit: GitCommit | undefined): Variable[] {
  const { name = '', namespace = '' } = build.metadata
  const own = [
    { name: 'io.openshift.build.name', value: name },
    { name: 'io.openshift.build.namespace', value: namespace },
    ...(commit === undefined
      ? []
      : [
          { name: 'io.openshift.build.commit.id', value: commit.commit },
          {
            name: 'io.openshift.build.commit.author',
            value: `${commit.author.name} <${commit.author.email}>`,
          },
          { name: 'io.openshift.build.commit.message', value: commit.message },
        ]),
  ]
  const asked = build.spec.output.imageLabels ?? []
  return [...own, ...asked.map((label) => ({ name: label.name, value: label.value ?? '' }))]
}

function hasHook({ job }: Running): boolean {
  const { script, command = [], args = [] } = job.build.spec.postCommit ?? {}
  return Boolean(script) || command.length > 0 || args.length > 0
}

const hookScript = `container=$(buildah from --pull-never --quiet --signature-policy /run/policy.json ${result})
if [ "$1" = entrypoint ]; then
  shift
  eval "set -- $(buildah inspect --format '{{range .OCIv1.Config.Entrypoint}}{{printf "%q" .}} {{end}}' "$container")" '"$@"'
else
  shift
fi
exec buildah run --isolation chroot "$container" -- "$@"
`

/** The test that the image must pass before it is pushed, run in a container of it (BuildPostCommitSpec). */
async function runHook(running: Running): Promise<void> {
  const { script, command = [], args = [] } = running.job.build.spec.postCommit ?? {}
  const words = script
    ? ['command', '/bin/sh', '-ic', script, '/bin/sh', ...args]
    : command.length > 0
      ? ['command', ...command, ...args]
      : ['entrypoint', ...args]
  running.log.write('Running post commit hook ...\n')
  const { code } = await runStep(running, hookScript, words, {
    network: running.settings.network,
    runsSteps: true,
  })
  if (code !== 0) throw new BuildFailure('PostCommitHookFailed')
}

const pushScript = `buildah push --signature-policy /run/policy.json --authfile /run/auth.json --quiet \\
  --digestfile /run/digest -- ${result} "docker://$1" > /dev/null
exec cat /run/digest
`

async function pushImage(running: Running, output: string): Promise<string> {
  const { job, settings, log } = running
  const host = parseImageHost(output)
  if (host === undefined) throw new BuildFailure('PushImageToRegistryFailed', `${output} is no reference`)
  await settings.checkHost(host).catch((error: Error) => {
    throw new BuildFailure('PushImageToRegistryFailed', error.message)
  })
  log.write(`Pushing image ${output} ...\n`)
  const { code, stdout } = await runStep(running, withCAs + pushScript, [output], {
    auth: job.pushAuth,
    network: 'host',
    capture: 1024,
  })
  const digest = /sha256:[\da-f]{64}/.exec(stdout)?.[0]
  if (code !== 0 || digest === undefined) throw new BuildFailure('PushImageToRegistryFailed')
  log.write(`Successfully pushed ${output}@${digest}\nPush successful\n`)
  return digest
}
