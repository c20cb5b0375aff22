import { spawn } from 'node:child_process'
import { PassThrough, Readable } from 'node:stream'
import { CliError } from '../errors.ts'

/** What version control keeps for itself is left out. A folder that can't be read whole is not uploaded. */
export function packFolder(folder: string): Readable {
  const args = ['--create', '--gzip', '--exclude=./.git', '--directory', folder, '--file', '-', '.']
  const tar = spawn('tar', args, { stdio: ['ignore', 'pipe', 'pipe'] })
  let problem = ''
  tar.stderr.setEncoding('utf8').on('data', (text: string) => {
    problem += text
  })
  const ended = new Promise<string | undefined>((resolve) => {
    tar.once('error', (error) => resolve(error.message))
    tar.once('close', (code) => resolve(code === 0 ? undefined : problem.trim()))
  })
  // Node throws away what a process has written when it ends before anybody reads.
  const archive = tar.stdout.pipe(new PassThrough())
  return Readable.from(
    (async function* () {
      yield* archive
      const why = await ended
      if (why !== undefined) throw new CliError(`cannot pack the folder: ${why}`)
    })(),
  )
}
