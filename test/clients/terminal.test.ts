import assert from 'node:assert/strict'
import { writeFile } from 'node:fs/promises'
import { it } from 'node:test'
import { requireProgram } from './require-program.ts'
import { openSandbox } from './sandbox.ts'
import { weirProgram } from './start-weir.ts'

const secret = 'apiVersion: v1\nkind: Secret\nmetadata: {name: x}\ntype: "a\\e[31mred\\x9b2J"\n'

it('shows control characters on a terminal, and hands them on to a pipe as they are', async (t) => {
  if (!requireProgram(t, 'script', 'bsdutils')) return
  await using sandbox = await openSandbox()
  await writeFile(sandbox.path('secret.yaml'), secret)
  const args = ['label', '-f', 'secret.yaml', 'a=b', '--local', '-o', 'jsonpath={.type}']
  assert.equal(await sandbox.must(weirProgram, args), 'a\u001b[31mred\u009b2J')
  const onTerminal = await sandbox.must('script', ['-qec', `${weirProgram} ${args.join(' ')}`, '/dev/null'])
  assert.equal(onTerminal.trim(), 'a^[[31mred\\u009b2J')
})
