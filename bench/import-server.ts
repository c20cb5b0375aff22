import assert from 'node:assert/strict'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:https'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { text } from 'node:stream/consumers'

const token = 'bench-0123456789abcdef'
const program = join(import.meta.dirname, '..', 'bin', 'weir')

/** One request to the API as a cluster administrator; its answer. Fails unless it is a success. */
export type Call = (method: string, path: string, body?: object) => Promise<Record<string, unknown>>

export interface ImportServer extends AsyncDisposable {
  call: Call
  pid: number
}

/** Weir on free ports with the given configuration, its data under `dir`. */
export async function startImportServer(dir: string, config: string): Promise<ImportServer> {
  await mkdir(dir, { recursive: true })
  await writeFile(join(dir, 'tokens.csv'), `${token},bench,bench,"system:cluster-admins"\n`)
  await writeFile(join(dir, 'weir.yaml'), config)
  const data = join(dir, 'data')
  const listening = ['--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0']
  const files = ['--token-auth-file', join(dir, 'tokens.csv'), '--config', join(dir, 'weir.yaml')]
  const child = spawn(program, ['start', '--data-dir', data, ...listening, ...files], {
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let log = ''
  child.stderr.on('data', (piece) => {
    log = `${log}${piece}`.slice(-4000)
  })
  let api = ''
  for await (const line of createInterface({ input: child.stdout })) {
    if (line.startsWith('API ')) api = line.replace(/^API +/, '')
    if (line === 'weir is ready') break
  }
  if (api === '') throw new Error(`weir did not start: ${log}`)
  child.stdout.resume()
  const agent = new Agent({ keepAlive: true, ca: await readFile(join(data, 'pki', 'ca.crt'), 'utf8') })
  return {
    pid: child.pid ?? 0,
    async call(method, path, body) {
      const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json' }
      const sent = request(new URL(path, api), { method, headers, agent })
      sent.end(body === undefined ? undefined : JSON.stringify(body))
      const [answer] = await once(sent, 'response')
      const answered = await text(answer)
      assert.ok(answer.statusCode < 300, `${method} ${path}: ${answer.statusCode} ${answered}`)
      return JSON.parse(answered) as Record<string, unknown>
    },
    async [Symbol.asyncDispose]() {
      agent.destroy()
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}
