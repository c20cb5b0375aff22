import { mkdir, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Running, runStep } from './build-steps.ts'
import type { Files } from './builder.ts'
import { BuildFailure } from './failure.ts'
import {
  type GitAddress,
  type GitCommit,
  gitEnvironment,
  gitScript,
  isGitRef,
  isInnerPath,
  parseGitAddress,
  parseGitCommit,
} from './git-source.ts'

/**
 * Writes what the build is given into `/work/in`, before anything of the build itself has been there: from then on this
 * program writes nothing into the folder of the build, whose links could lead anywhere.
 */
export async function placeInputs({ job, sandbox }: Running): Promise<void> {
  const { source } = job.build.spec
  await makeFolder(sandbox, 'in')
  if (job.sourceSecret !== undefined) await placeFiles(sandbox, 'in/source-secret', job.sourceSecret)
  if (source.dockerfile !== undefined) await placeFile(sandbox, 'in/Dockerfile', source.dockerfile)
  if (job.upload !== undefined) {
    await rename(job.upload, join(sandbox.dir, 'in/upload'))
    await sandbox.own(join(sandbox.dir, 'in/upload'))
  }
  for (const [index, { files }] of job.inputs.entries()) await placeFiles(sandbox, `in/files-${index}`, files)
}

type Folder = Running['sandbox']

async function makeFolder(sandbox: Folder, name: string): Promise<void> {
  await mkdir(join(sandbox.dir, name), { mode: 0o700 })
  await sandbox.own(join(sandbox.dir, name))
}

async function placeFile(sandbox: Folder, name: string, content: string | Uint8Array): Promise<void> {
  await writeFile(join(sandbox.dir, name), content, { mode: 0o600 })
  await sandbox.own(join(sandbox.dir, name))
}

async function placeFiles(sandbox: Folder, folder: string, files: Files): Promise<void> {
  await makeFolder(sandbox, folder)
  for (const [name, content] of files) {
    // Keys of Secrets and ConfigMaps are file names; what is none came past the API.
    if (/^[\w.-]+$/.test(name) && name !== '.' && name !== '..')
      await placeFile(sandbox, `${folder}/${name}`, content)
  }
}

const commitLimit = 64 * 1024

/** Brings the source to `/work/source` and its files to the context; answers with the commit, where it is a repository's. */
export async function fetchInputs(running: Running): Promise<GitCommit | undefined> {
  const { source } = running.job.build.spec
  const commit = source.git === undefined ? undefined : await clone(running)
  if (source.git === undefined) await unpack(running)
  await assemble(running)
  return commit
}

async function clone(running: Running): Promise<GitCommit | undefined> {
  const { job, settings, log } = running
  const { uri = '', ref: asked } = job.build.spec.source.git ?? {}
  const address = parseGitAddress(uri)
  const ref = job.build.spec.revision?.git?.commit || asked || ''
  if (address.kind === 'refused')
    throw new BuildFailure('FetchSourceFailed', `the repository: ${address.why}`)
  if (ref !== '' && !isGitRef(ref))
    throw new BuildFailure('FetchSourceFailed', 'the ref is none that git has')
  await checkAddress(address, settings)
  log.write(`Cloning "${withoutUser(address.uri)}" ...\n`)
  const { code, stdout } = await runStep(running, gitScript, [address.uri, ref], {
    env: gitEnvironment(address, new Set(job.sourceSecret?.keys() ?? [])),
    network: address.kind === 'local' ? 'none' : 'host',
    shown: address.kind === 'local' ? [address.path] : [],
    capture: commitLimit,
  })
  if (code !== 0) throw new BuildFailure('FetchSourceFailed')
  const commit = parseGitCommit(stdout)
  if (commit !== undefined) {
    const { author } = commit
    log.write(
      `\tCommit:\t${commit.commit} (${commit.message})\n\tAuthor:\t${author.name} <${author.email}>\n`,
    )
  }
  return commit
}

async function checkAddress(address: GitAddress, settings: Running['settings']): Promise<void> {
  if (address.kind === 'remote') return settings.checkHost(address.host).catch(refuse)
  if (address.kind !== 'local') return
  const isAllowed = settings.localSources.some(
    (folder) => address.path === folder || address.path.startsWith(`${folder.replace(/\/+$/, '')}/`),
  )
  if (!isAllowed || !isInnerPath(address.path)) {
    throw new BuildFailure(
      'FetchSourceFailed',
      'folders of this machine are built from only where builds.localSources names them',
    )
  }
}

function refuse(error: unknown): never {
  throw new BuildFailure('FetchSourceFailed', (error as Error).message)
}

function withoutUser(uri: string): string {
  return uri.replace(/^(\w+:\/\/)[^/@]*@/, '$1')
}

const unpackScript = `mkdir /work/source
[ -f /work/in/upload ] || exit 0
if [ -n "$1" ]; then
  mkdir -p "/work/source/$(dirname "$1")"
  mv /work/in/upload "/work/source/$1"
elif [ "$(head -c 2 /work/in/upload)" = PK ]; then
  unzip -q /work/in/upload -d /work/source
else
  tar --extract --no-same-owner --file /work/in/upload --directory /work/source
fi
rm -f /work/in/upload
`

async function unpack(running: Running): Promise<void> {
  const { build, upload } = running.job
  const asFile = build.spec.source.binary?.asFile ?? ''
  if (build.spec.source.binary !== undefined && upload === undefined) {
    throw new BuildFailure(
      'FetchSourceFailed',
      'the upload of this build is not here any more: start it again',
    )
  }
  if (!isInnerPath(asFile))
    throw new BuildFailure('FetchSourceFailed', 'the name of the file leads out of the source')
  if (upload !== undefined) running.log.write('Receiving source from STDIN as archive ...\n')
  const { code } = await runStep(running, unpackScript, [asFile])
  if (code !== 0) throw new BuildFailure('FetchSourceFailed')
}

/** Context folder, files of Secrets and ConfigMaps, the Dockerfile of the build config. */
const assembleScript = `context="/work/source/$1"
dockerfile="$context/$2"
shift 2
[ -d "$context" ] || exit 64
if [ -f /work/in/Dockerfile ]; then
  mkdir -p "$(dirname "$dockerfile")"
  rm -rf "$dockerfile"
  cp /work/in/Dockerfile "$dockerfile"
fi
index=0
for folder in "$@"; do
  mkdir -p "$context/$folder"
  cp -R "/work/in/files-$index/." "$context/$folder"
  index=$((index + 1))
done
rm -rf /work/in
`

async function assemble(running: Running): Promise<void> {
  const { build, inputs } = running.job
  const { contextDir = '' } = build.spec.source
  const folders = inputs.map(({ folder }) => folder)
  if (![contextDir, dockerfilePath(running), ...folders].every(isInnerPath)) {
    throw new BuildFailure('FetchSourceFailed', 'a folder of the source leads out of it')
  }
  const { code } = await runStep(running, assembleScript, [contextDir, dockerfilePath(running), ...folders])
  if (code === 64) throw new BuildFailure('InvalidContextDirectory')
  if (code !== 0) throw new BuildFailure('FetchSourceFailed')
}

export function dockerfilePath({ job }: Running): string {
  return job.build.spec.strategy.dockerStrategy?.dockerfilePath || 'Dockerfile'
}
