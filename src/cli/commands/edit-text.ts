import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CliError } from '../errors.ts'
import type { Io } from '../io.ts'

/** Lets the user edit a text in $OC_EDITOR, $KUBE_EDITOR, $EDITOR or vi; resolves to what was saved. */
export async function editText(io: Io, text: string): Promise<string> {
  const { env } = io
  const editor = env.OC_EDITOR || env.KUBE_EDITOR || env.EDITOR || 'vi'
  const folder = await mkdtemp(join(env.TMPDIR || tmpdir(), 'weir-edit-'))
  try {
    const file = join(folder, 'object.yaml')
    await writeFile(file, text, { mode: 0o600 })
    await run(editor, file, io)
    return await readFile(file, 'utf8')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function run(editor: string, file: string, io: Io): Promise<void> {
  return new Promise((resolve, reject) => {
    // $EDITOR may hold arguments, so a shell takes it apart; the file is passed beside it.
    const child = spawn('/bin/sh', ['-c', `${editor} "$1"`, 'edit', file], {
      stdio: 'inherit',
      cwd: io.cwd,
      env: io.env,
    })
    child.on('error', (error) =>
      reject(new CliError(`there was a problem with the editor ${JSON.stringify(editor)}: ${error.message}`)),
    )
    child.on('exit', (code) => {
      if (code === 0) resolve()
      else reject(new CliError(`there was a problem with the editor ${JSON.stringify(editor)}`))
    })
  })
}
