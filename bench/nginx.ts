import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Target } from './http-connection.ts'
import { findPort, stop, untilListening } from './peers.ts'

const program = '/usr/sbin/nginx'

export const hasNginx = (): boolean => existsSync(program)

/** One nginx process that sends files of `dir` with sendfile, and does nothing else. */
export async function startNginx(dir: string): Promise<{ target: Target } & AsyncDisposable> {
  const home = join(dir, '.nginx')
  await mkdir(home, { recursive: true })
  const port = await findPort()
  const temporaries = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi']
  const lines = [
    'daemon off;',
    'master_process off;',
    `pid ${join(home, 'pid')};`,
    'error_log stderr error;',
    'events { worker_connections 64; }',
    'http {',
    'access_log off; sendfile on; tcp_nopush on; keepalive_requests 1000000;',
    ...temporaries.map((name) => `${name}_temp_path ${join(home, name)};`),
    `server { listen 127.0.0.1:${port}; root ${dir}; }`,
    '}',
  ]
  const config = join(home, 'nginx.conf')
  await writeFile(config, `${lines.join('\n')}\n`)
  const child = spawn(program, ['-p', home, '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  await untilListening(port, child)
  return {
    target: { host: '127.0.0.1', port, headers: {} },
    [Symbol.asyncDispose]: () => stop(child),
  }
}
