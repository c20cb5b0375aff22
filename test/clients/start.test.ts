import assert from 'node:assert/strict'
import { chmod, mkdir, readdir, readFile, stat, symlink, writeFile } from 'node:fs/promises'
import { request } from 'node:https'
import { createServer } from 'node:net'
import { describe, it } from 'node:test'
import { type Outcome, openSandbox, type Sandbox } from './sandbox.ts'
import { failToStart, type StartedWeir, startWeir, weirProgram } from './start-weir.ts'

/** One clear line, nothing else, and exit code 1. */
function refused({ status, stdout, stderr }: Outcome, expected: RegExp): void {
  const lines = stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{"level":30'))
  assert.equal(lines.length, 1, stderr)
  assert.match(lines[0] as string, expected)
  assert.match(lines[0] as string, /^error: /)
  assert.equal(stdout, '')
  assert.equal(status, 1)
}

/** A GET as the admin: the status, and the lines of the body until it ends. */
async function getLines(weir: StartedWeir, path: string, onLine?: (line: string) => void) {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const headers = { authorization: `Bearer ${weir.adminToken}` }
    request(new URL(path, weir.apiUrl), { ca: weir.caCert, headers, agent: false }, resolve)
      .on('error', reject)
      .end()
  })
  const lines: string[] = []
  let rest = ''
  for await (const chunk of response.setEncoding('utf8')) {
    const parts = (rest + chunk).split('\n')
    rest = parts.pop() ?? ''
    for (const line of parts) {
      lines.push(line)
      onLine?.(line)
    }
  }
  return { status: response.statusCode, lines, rest, complete: response.complete }
}

async function withData(run: (sandbox: Sandbox, dataDir: string) => Promise<void>): Promise<void> {
  await using sandbox = await openSandbox()
  await run(sandbox, sandbox.path('data'))
}

describe('weir start', () => {
  it('says last that it is ready; what it keeps secret is for its owner alone', () =>
    withData(async ({ env }, dataDir) => {
      await using weir = await startWeir({ dataDir, env })
      assert.equal(weir.stdout().trimEnd().split('\n').at(-1), 'weir is ready')
      const mode = async (name: string) => (await stat(`${dataDir}/${name}`)).mode & 0o777
      for (const name of ['admin-password', 'admin.kubeconfig', 'weir.db', 'pki/ca.key', 'pki/server.key']) {
        assert.equal((await mode(name)).toString(8), '600', name)
      }
      const password = (await readFile(`${dataDir}/admin-password`, 'utf8')).trim()
      assert(!`${weir.stdout()}${weir.stderr()}`.includes(password))
      assert(!`${weir.stdout()}${weir.stderr()}`.includes(weir.adminToken))
    }))

  it('on SIGTERM ends an open watch cleanly and exits with 0', () =>
    withData(async ({ env }, dataDir) => {
      await using weir = await startWeir({ dataDir, env })
      const watch = await getLines(weir, '/api/v1/namespaces?watch=true', (line) => {
        if (line.includes('"openshift"')) weir.kill('SIGTERM')
      })
      assert.equal(watch.status, 200)
      assert.deepEqual([watch.complete, watch.rest], [true, ''])
      for (const line of watch.lines) assert.equal(JSON.parse(line).type, 'ADDED')
      assert.equal((await weir.ended).status, 0)
    }))

  it('keeps certificate, password and objects over a restart', () =>
    withData(async ({ env }, dataDir) => {
      const kept = async () =>
        Promise.all(
          ['admin-password', 'pki/ca.crt', 'pki/server.crt'].map((name) =>
            readFile(`${dataDir}/${name}`, 'utf8'),
          ),
        )
      const uids = async (weir: StartedWeir) => {
        const { lines } = await getLines(weir, '/api/v1/namespaces')
        return (JSON.parse(lines.join('')).items as { metadata: { uid: string } }[]).map(
          ({ metadata }) => metadata.uid,
        )
      }
      const first = await startWeir({ dataDir, env })
      const before = [await kept(), await uids(first)]
      await first[Symbol.asyncDispose]()
      await using second = await startWeir({ dataDir, env })
      assert.deepEqual([await kept(), await uids(second)], before)
    }))

  it('sweeps away what a crash left of its own files, and nothing else', () =>
    withData(async ({ env }, dataDir) => {
      const id = 'b9a5f0de-6f4c-4d53-9d5c-0d6d7a1f2c3e'
      const rests = [`admin.kubeconfig.${id}.tmp`, `pki/admin.token.${id}.tmp`, `blobs/tmp/${id}`]
      for (const folder of ['pki', 'blobs/tmp']) await mkdir(`${dataDir}/${folder}`, { recursive: true })
      for (const name of [...rests, 'notes.tmp']) await writeFile(`${dataDir}/${name}`, 'half a fi')
      await using _weir = await startWeir({ dataDir, env })
      const left = await readdir(dataDir, { recursive: true })
      assert.deepEqual(
        [...rests, 'notes.tmp'].filter((name) => left.includes(name)),
        ['notes.tmp'],
      )
    }))

  it('refuses a directory that another one has open', () =>
    withData(async ({ env }, dataDir) => {
      await using weir = await startWeir({ dataDir, env })
      refused(await failToStart({ dataDir, env }), /another weir is running on .*weir\.db; stop it, or/)
      assert.equal((await getLines(weir, '/readyz')).status, 200)
    }))

  it('refuses a port that is in use, and names the flag', () =>
    withData(async ({ env }, dataDir) => {
      const other = createServer().listen(0, '127.0.0.1')
      await new Promise((resolve) => other.once('listening', resolve))
      const taken = `127.0.0.1:${(other.address() as { port: number }).port}`
      try {
        const api = ['--listen', taken, '--registry-listen', '127.0.0.1:0']
        refused(
          await failToStart({ dataDir, env, args: api }),
          new RegExp(`cannot listen on ${taken}: the address is in use; .* --listen$`),
        )
        const registry = ['--listen', '127.0.0.1:0', '--registry-listen', taken]
        refused(await failToStart({ dataDir, env, args: registry }), / in use; .* --registry-listen$/)
      } finally {
        other.close()
      }
    }))

  it('refuses a file in place of the directory', () =>
    withData(async ({ env }, dataDir) => {
      await writeFile(dataDir, 'a file')
      refused(
        await failToStart({ dataDir, env }),
        /cannot use the data directory .*; give another with --data-dir/,
      )
      refused(await failToStart({ dataDir: `${dataDir}/below`, env }), /cannot use the data directory/)
      assert.equal(await readFile(dataDir, 'utf8'), 'a file')
    }))

  it('refuses a directory that cannot be written to', (test) =>
    withData(async ({ run, env }, dataDir) => {
      // Permission bits do not bind root; a mount does.
      await mkdir(dataDir)
      const asRoot = process.getuid?.() === 0
      if (asRoot) {
        const mounted = await run('mount', ['-t', 'tmpfs', '-o', 'ro,size=64k', 'weir-test', dataDir])
        if (mounted.status !== 0) {
          const why = `root may not mount here: ${mounted.stderr.trim()}`
          // A skip would hide in CI.
          assert(process.env.CI !== 'true', why)
          return test.skip(why)
        }
      } else await chmod(dataDir, 0o500)
      try {
        refused(await failToStart({ dataDir, env }), /cannot use the data directory .*(read-only|permission)/)
      } finally {
        if (asRoot) await run('umount', [dataDir])
      }
    }))

  it('refuses a store that is damaged, and leaves it for whoever repairs it', () =>
    withData(async ({ env }, dataDir) => {
      await mkdir(dataDir, { mode: 0o700 })
      await writeFile(`${dataDir}/weir.db`, 'this is no database, and long enough to be looked at'.repeat(40))
      const before = await readFile(`${dataDir}/weir.db`)
      refused(await failToStart({ dataDir, env }), /cannot open the store: .*weir\.db/)
      assert((await readFile(`${dataDir}/weir.db`)).equals(before))
    }))

  const mistakes: [string, string, string, RegExp][] = [
    ['an unknown key', '--config', 'lisen: 127.0.0.1:1\n', /is wrong at the top: unknown key lisen/],
    ['a config that is not YAML', '--config', 'a: [', /is not YAML/],
    ['a value of another type', '--config', 'listen: 5\n', /is wrong at listen: /],
    [
      'a registry pattern with two colons',
      '--config',
      'imagePolicy: {allowedRegistriesForImport: [{domainName: "a:b:c"}]}',
      /too many colons/,
    ],
    [
      'a token file with too few columns',
      '--token-auth-file',
      'token,alice\n',
      /the token file is wrong: .*:1: /,
    ],
    [
      'a token file with a token twice',
      '--token-auth-file',
      't,a,1\nt,b,2\n',
      /:2: the token is already taken/,
    ],
    ['a CA file without certificates', '--import-ca', 'nothing\n', /holds no certificate/],
  ]
  for (const [what, flag, text, expected] of mistakes) {
    it(`refuses ${what}`, () =>
      withData(async ({ env, path }, dataDir) => {
        await writeFile(path('given'), text)
        const args = ['--listen', '127.0.0.1:0', '--registry-listen', '127.0.0.1:0', flag, path('given')]
        refused(await failToStart({ dataDir, env, args }), expected)
      }))
  }

  it('names a file that is not there', () =>
    withData(async ({ env, path }, dataDir) => {
      for (const flag of ['--config', '--token-auth-file', '--import-ca']) {
        refused(
          await failToStart({ dataDir, env, args: [flag, path('nope')] }),
          /cannot read the .* file .*nope/,
        )
      }
    }))
})

describe('bin/weir', () => {
  it('brings its own Node, whatever comes first on PATH', () =>
    withData(async ({ path, env, run }) => {
      await mkdir(path('bin'))
      await writeFile(path('bin', 'node'), '#!/bin/sh\necho "the node of PATH was used" >&2\nexit 9\n', {
        mode: 0o755,
      })
      const outcome = await run(weirProgram, ['version', '--client'], {
        env: { PATH: `${path('bin')}:${env.PATH}` },
      })
      assert.deepEqual([outcome.status, outcome.stderr], [0, ''])
    }))

  it('works through links, relative and absolute, and is oc under that name', () =>
    withData(async ({ path, env, run }, dataDir) => {
      await mkdir(path('bin'))
      await symlink(weirProgram, path('bin', 'weir'))
      await symlink('weir', path('bin', 'oc'))
      await using weir = await startWeir({ dataDir, env, program: path('bin', 'weir') })
      const kube = { KUBECONFIG: `${weir.dataDir}/admin.kubeconfig`, PATH: `${path('bin')}:${env.PATH}` }
      const who = await run('oc', ['whoami'], { env: kube })
      assert.deepEqual(who, { status: 0, stdout: 'admin\n', stderr: '' })
      const started = await run('oc', ['start'], { env: kube })
      assert.equal(started.status, 1)
      assert.match(started.stderr, /unknown command "start" for "oc"/)
    }))

  it('leaves nothing in the working directory', () =>
    withData(async ({ dir, run }) => {
      const before = await readdir(dir)
      await run(weirProgram, ['version', '--client'])
      assert.deepEqual(await readdir(dir), before)
    }))
})
