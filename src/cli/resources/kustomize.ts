import { spawn } from 'node:child_process'
import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { CliError, messageOf } from '../errors.ts'
import { type Io, visible } from '../io.ts'

/**
 * `-k`: a folder with a kustomization, or an address that kustomize knows. Kustomize itself builds it
 * (docs/decisions/032-kustomize-builds-kustomizations.md).
 */

/** Programs that can build, the first that is there does; each with what stands before the folder. */
const builders: readonly (readonly [program: string, ...args: string[]])[] = [
  ['kustomize', 'build'],
  ['kubectl', 'kustomize'],
]

const missing =
  "-k needs kustomize: install 'kustomize' or 'kubectl' (their own packages, or https://kubectl.docs.kubernetes.io/installation/kustomize/)"

interface Outcome {
  code: number
  stdout: string
  stderr: string
}

/** undefined where the program is not there. */
function run(program: string, args: readonly string[], io: Io): Promise<Outcome | undefined> {
  return new Promise((done, fail) => {
    const child = spawn(program, args, {
      cwd: io.cwd,
      env: io.env as NodeJS.ProcessEnv,
      signal: io.signal,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text
    })
    child.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ENOENT' ? done(undefined) : fail(new CliError(`${program}: ${messageOf(error)}`)),
    )
    child.once('close', (code) => done({ code: code ?? 1, stdout, stderr }))
  })
}

/** The objects as YAML documents. CliError when the folder is not there, cannot be built, or nothing can build it. */
export async function buildKustomization(folder: string, io: Io): Promise<string> {
  const isRemote = /^(https?|ssh|git):|^git@|^[\w.-]+\.[a-z]+\/.*\?ref=|\/\//.test(folder)
  if (!isRemote && (await stat(resolve(io.cwd, folder)).catch(() => undefined)) === undefined)
    throw new CliError(`the path ${JSON.stringify(folder)} does not exist`)
  for (const [program, ...args] of builders) {
    const outcome = await run(program, [...args, folder], io)
    if (outcome === undefined) continue
    if (outcome.code === 0) return outcome.stdout
    const said = visible(outcome.stderr.trim()).replace(/^error: /i, '')
    throw new CliError(said || `${program} ${args.join(' ')} ${folder}: exit code ${outcome.code}`)
  }
  throw new CliError(missing)
}
