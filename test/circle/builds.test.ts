import assert from 'node:assert/strict'
import { once } from 'node:events'
import { chmod, mkdir, readdir, readFile, writeFile } from 'node:fs/promises'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import type { Build } from '../../src/api/index.ts'
import { requireProgram } from '../clients/require-program.ts'
import { openSandbox, type Sandbox } from '../clients/sandbox.ts'
import { type StartedWeir, startWeir, weirProgram } from '../clients/start-weir.ts'
import { eventually, finished, openSite, type Site } from './open-site.ts'

/** Builds as people start them: uploads, repositories, secrets, failures, and a server that dies. */

interface Desk extends Site {
  sandbox: Sandbox
  weir: StartedWeir
  /** In the project; any exit code. */
  run(...args: string[]): ReturnType<Sandbox['run']>
  apply(...objects: object[]): Promise<void>
  /** A BuildConfig that builds the Dockerfile on base:v1. */
  config(name: string, dockerfile: string, spec?: object): object
}

async function openDesk(sandbox: Sandbox, weir: StartedWeir): Promise<Desk> {
  const site = await openSite(sandbox, weir)
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  return {
    ...site,
    sandbox,
    weir,
    run: (...args) => sandbox.run(weirProgram, ['-n', 'demo', ...args], { env, timeout: 120_000 }),
    async apply(...items) {
      await writeFile(sandbox.path('objects.json'), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
      await site.cli('apply', '-n', 'demo', '-f', sandbox.path('objects.json'))
    },
    config: (name, dockerfile, spec = {}) => ({
      apiVersion: 'build.openshift.io/v1',
      kind: 'BuildConfig',
      metadata: { name },
      spec: {
        source: { dockerfile },
        strategy: { dockerStrategy: { from: { kind: 'ImageStreamTag', name: 'base:v1' } } },
        output: { to: { kind: 'ImageStreamTag', name: 'out:latest' } },
        ...spec,
      },
    }),
  }
}

const chapters: Record<string, (desk: Desk, test: TestContext) => Promise<void>> = {
  'a folder is uploaded and built': async ({ run, apply, config, sandbox, get, cli }) => {
    const binary = { source: { binary: {} }, strategy: { dockerStrategy: { dockerfilePath: 'build/File' } } }
    await apply(config('upload', '', binary))
    await mkdir(sandbox.path('src', 'build'), { recursive: true })
    await writeFile(
      sandbox.path('src', 'build', 'File'),
      'FROM base:v1\nCOPY hello /hello\nRUN cat /hello\nLABEL made=here\n',
    )
    await writeFile(sandbox.path('src', 'hello'), 'hello from the folder\n')
    const base = {
      dockerStrategy: { from: { kind: 'ImageStreamTag', name: 'base:v1' }, dockerfilePath: 'build/File' },
    }
    await cli(
      'patch',
      '-n',
      'demo',
      'bc/upload',
      '--type=merge',
      '-p',
      JSON.stringify({ spec: { strategy: base } }),
    )
    const { status, stdout, stderr } = await run(
      'start-build',
      'upload',
      '--from-dir',
      sandbox.path('src'),
      '--follow',
    )
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /^build\.build\.openshift\.io\/upload-1 started\n/)
    assert.match(stdout, /hello from the folder\n/)
    assert.match(stdout, /Push successful\n/)
    const build = await get<Build>('build', 'upload-1')
    assert.deepEqual(
      build.status.stages?.map(({ name }) => name),
      ['FetchInputs', 'PullImages', 'Build', 'PushImage'],
    )
    const history = await cli('get', '-n', 'demo', 'istag/out:latest', '-o', 'json')
    assert.match(history, /"made": ?"here"/)
  },

  'a step that fails fails the build, and says so': async ({ run, apply, config, get, sandbox }) => {
    await apply(config('broken', 'FROM base:v1\nRUN echo before && exit 3\n'))
    const { status, stdout, stderr } = await run('start-build', 'broken', '-F')
    assert.equal(status, 1, stdout)
    assert.match(stderr, /error: the build demo\/broken-1 status is "Failed"/)
    const { status: said } = await get<Build>('build', 'broken-1')
    assert.equal(said.reason, 'DockerBuildFailed')
    assert.equal(said.message, 'Dockerfile build strategy has failed.')
    assert.match(said.logSnippet ?? '', /exit status 3/)
    assert.match((await run('logs', 'build/broken-1', '--tail=1')).stdout, /^error: /)
    assert.deepEqual(await readdir(join(sandbox.path('data'), 'builds', 'work')), [])
  },

  'a repository is cloned, by ref, and its commit is told': async ({
    run,
    apply,
    config,
    get,
    sandbox,
    cli,
  }) => {
    const repository = sandbox.path('sources', 'repo')
    await mkdir(join(repository, 'sub'), { recursive: true })
    const git = (...args: string[]) =>
      sandbox.must('git', [
        '-C',
        repository,
        '-c',
        'user.name=Ann',
        '-c',
        'user.email=ann@example.com',
        ...args,
      ])
    await git('init', '-q', '-b', 'main')
    await writeFile(join(repository, 'sub', 'Dockerfile'), 'FROM base:v1\nCOPY file /file\nRUN cat /file\n')
    await writeFile(join(repository, 'sub', 'file'), 'first\n')
    await git('add', '.')
    await git('commit', '-qm', 'First of all')
    await git('tag', 'v1')
    await writeFile(join(repository, 'sub', 'file'), 'second\n')
    await git('commit', '-qam', 'Second')
    await sandbox.must('chmod', ['-R', 'a+rX', sandbox.path('sources')])
    const source = { git: { uri: `file://${repository}`, ref: 'v1' }, contextDir: 'sub' }
    await apply(config('cloned', '', { source }))
    const { status, stdout, stderr } = await run('start-build', 'cloned', '-F')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /\nfirst\n/)
    const { spec } = await get<Build>('build', 'cloned-1')
    assert.equal(spec.revision?.git?.message, 'First of all')
    assert.equal(spec.revision?.git?.commit, (await git('rev-parse', 'v1')).trim())
    const label = await cli('get', '-n', 'demo', 'istag/out:latest', '-o', 'json')
    assert(label.includes(spec.revision?.git?.commit ?? 'none'))
    await apply(config('elsewhere', '', { source: { git: { uri: 'file:///etc' } } }))
    const refused = await run('start-build', 'elsewhere', '-F')
    assert.match(refused.stdout, /builds\.localSources/)
    assert.equal((await get<Build>('build', 'elsewhere-1')).status.reason, 'FetchSourceFailed')
  },

  'a repository behind a password is cloned over HTTP': async ({ run, apply, config, get, sandbox }) => {
    const repository = sandbox.path('served.git')
    await sandbox.must('git', ['clone', '-q', '--bare', sandbox.path('sources', 'repo'), repository])
    await sandbox.must('git', ['-C', repository, 'update-server-info'])
    await using served = await serveFolder(repository, 'Basic YW5uOnN3b3JkZmlzaA==')
    await apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'git' },
        type: 'kubernetes.io/basic-auth',
        stringData: { username: 'ann', password: 'swordfish' },
      },
      config('fetched', '', {
        source: { git: { uri: served.url, ref: 'main' }, contextDir: 'sub', sourceSecret: { name: 'git' } },
      }),
      config('led', '', { source: { git: { uri: served.url.replace(/\/$/, '/astray') } } }),
      config('open', '', { source: { git: { uri: served.url } } }),
    )
    const { status, stdout, stderr } = await run('start-build', 'fetched', '-F')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /\nsecond\n/)
    assert(!stdout.includes('swordfish'))
    for (const name of ['open', 'led']) {
      assert.equal((await run('start-build', name, '-F')).status, 1)
      assert.equal((await get<Build>('build', `${name}-1`)).status.reason, 'FetchSourceFailed')
    }
    assert.match((await run('logs', 'build/led-1')).stdout, /403/)
  },

  'values of secrets reach the steps and not the log': async ({ run, apply, config, weir, sandbox }) => {
    const secret = 'canary-4711-value'
    await apply(
      {
        apiVersion: 'v1',
        kind: 'Secret',
        metadata: { name: 'hidden' },
        stringData: { word: secret, file: `${secret}-file` },
      },
      config(
        'quiet',
        'FROM base:v1\nARG A\nRUN echo "$WORD and $A" && cat hidden/file && echo $' + '{#WORD}\n',
        {
          source: {
            dockerfile:
              'FROM base:v1\nARG A\nCOPY hidden /hidden\nRUN echo "$WORD and $A" && cat /hidden/file && echo "long: $' +
              '{#WORD}"\n',
            secrets: [{ secret: { name: 'hidden' }, destinationDir: 'hidden' }],
          },
          strategy: {
            dockerStrategy: {
              from: { kind: 'ImageStreamTag', name: 'base:v1' },
              env: [{ name: 'WORD', valueFrom: { secretKeyRef: { name: 'hidden', key: 'word' } } }],
              buildArgs: [{ name: 'A', valueFrom: { secretKeyRef: { name: 'hidden', key: 'word' } } }],
            },
          },
        },
      ),
    )
    const { status, stdout, stderr } = await run('start-build', 'quiet', '-F')
    assert.equal(status, 0, stdout + stderr)
    assert.match(stdout, /\*\*\* and \*\*\*\n/)
    assert.match(stdout, /long: 17\n/)
    assert(!stdout.includes(secret), stdout)
    assert(!weir.stderr().includes(secret))
    const files = join(sandbox.path('data'), 'builds', 'files')
    for (const name of await readdir(files))
      assert(!(await readFile(join(files, name), 'utf8')).includes(secret))
  },

  'a build is cancelled, and its processes are gone': async ({ run, apply, config, get }) => {
    await apply(config('long', 'FROM base:v1\nRUN echo started && sleep 86421\n'))
    await run('start-build', 'long')
    await eventually(async () => assert.match((await run('logs', 'build/long-1')).stdout, /^started$/m))
    const { stdout } = await run('cancel-build', 'bc/long')
    assert.equal(
      stdout,
      'build.build.openshift.io/long-1 marked for cancellation, waiting to be cancelled\nbuild.build.openshift.io/long-1 cancelled\n',
    )
    const { status } = await get<Build>('build', 'long-1')
    assert.deepEqual([status.phase, status.reason], ['Cancelled', 'CancelledBuild'])
    await eventually(async () => assert.deepEqual(await processesWith('86421'), []))
  },

  'a deadline ends a build': async ({ run, apply, config, get }) => {
    await apply(config('late', 'FROM base:v1\nRUN sleep 86422\n', { completionDeadlineSeconds: 3 }))
    assert.equal((await run('start-build', 'late', '--wait')).status, 1)
    assert.equal((await get<Build>('build', 'late-1')).status.reason, 'DeadlineExceeded')
    await eventually(async () => assert.deepEqual(await processesWith('86422'), []))
  },

  'a hook tests the image before it is pushed': async ({ run, apply, config, get }) => {
    await apply(
      config('tested', 'FROM base:v1\nRUN echo made > /made\n', {
        postCommit: { script: 'cat /made && exit 4' },
      }),
    )
    assert.equal((await run('start-build', 'tested', '-F')).status, 1)
    assert.equal((await get<Build>('build', 'tested-1')).status.reason, 'PostCommitHookFailed')
    await apply(
      config('tested', 'FROM base:v1\nRUN echo made > /made\n', {
        postCommit: { command: ['cat', '/made'] },
      }),
    )
    const { status, stdout } = await run('start-build', 'tested', '-F')
    assert.equal(status, 0, stdout)
    assert.match(stdout, /\nmade\nPushing image/)
    const again = await run('start-build', '--from-build=tested-2', '-F')
    assert.equal(again.status, 0, again.stdout + again.stderr)
    assert.match(again.stdout, /^build\.build\.openshift\.io\/tested-3 started/)
  },

  'only what the history limits allow is kept': async ({ run, apply, config }) => {
    const dockerfile = 'FROM base:v1\nRUN id\n'
    await apply(config('short', dockerfile, { successfulBuildsHistoryLimit: 1 }))
    for (let n = 0; n < 3; n++) assert.equal((await run('start-build', 'short', '--wait')).status, 0)
    await eventually(async () => {
      const { stdout } = await run('get', 'builds', '-o', 'name')
      assert.deepEqual(stdout.match(/short-\d/g), ['short-3'])
    })
  },

  'a webhook starts a build for who knows its secret': async ({ apply, config, weir, get }) => {
    await apply(
      config('hooked', 'FROM base:v1\nRUN id\n', {
        triggers: [{ type: 'Generic', generic: { secret: 'open-sesame' } }],
      }),
    )
    const call = async (secret: string, type = 'generic', headers: Record<string, string> = {}) => {
      const path = `/apis/build.openshift.io/v1/namespaces/demo/buildconfigs/hooked/webhooks/${secret}/${type}`
      return request(weir, path, { authorization: `Bearer ${weir.adminToken}`, ...headers })
    }
    assert.equal((await call('wrong')).status, 401)
    assert.equal((await call('open-sesame', 'github', { 'x-github-event': 'push' })).status, 401)
    assert.equal((await call('open-sesame', 'other')).status, 404)
    const answer = await call('open-sesame')
    assert.equal(answer.status, 200, answer.text)
    const build = await get<Build>('build', 'hooked-1')
    assert.deepEqual(build.spec.triggeredBy, [
      { message: 'Generic WebHook', genericWebHook: { secret: '<secret>' } },
    ])
  },
}

describe('builds', () => {
  it('run as people start them', { timeout: 480_000 }, async (test: TestContext) => {
    for (const name of ['buildah', 'skopeo', 'git']) if (!requireProgram(test, name, name)) return
    await using sandbox = await openSandbox()
    await chmod(sandbox.dir, 0o755)
    await mkdir(sandbox.path('sources'))
    const settings = sandbox.path('weir.yaml')
    await writeFile(settings, `builds:\n  localSources: ['${sandbox.path('sources')}']\n`)
    const args = ['--listen', '127.0.0.1:0', '--config', settings, '--registry-listen', '127.0.0.1:0']
    const site = { dataDir: sandbox.path('data'), env: sandbox.env, args }
    {
      await using weir = await startWeir(site)
      // The registry's address is part of references: it stays.
      args.splice(-1, 1, weir.registryHost)
      const desk = await openDesk(sandbox, weir)
      await desk.cli('new-project', 'demo')
      await desk.pushBase('one')
      await desk.apply({
        apiVersion: 'image.openshift.io/v1',
        kind: 'ImageStream',
        metadata: { name: 'out' },
      })
      for (const [name, chapter] of Object.entries(chapters)) {
        await test.test(name, (step: TestContext) => chapter(desk, step))
      }
      await test.test('a server that is stopped puts its build back', async () => {
        await desk.apply(desk.config('resumed', 'FROM base:v1\nRUN echo started && sleep 86424\n'))
        await desk.run('start-build', 'resumed')
        await eventually(async () =>
          assert.match((await desk.run('logs', 'build/resumed-1')).stdout, /^started$/m),
        )
      })
    }
    await test.test('and the next start runs it again', async () => {
      await using weir = await startWeir(site)
      const desk = await openDesk(sandbox, weir)
      await eventually(async () => {
        const { status } = await desk.get<Build>('build', 'resumed-1')
        assert.equal(status.phase, 'Running')
      })
      await desk.run('cancel-build', 'resumed-1')
      assert.equal((await finished(desk, 'resumed-1')).status.phase, 'Cancelled')
    })
    {
      await using weir = await startWeir(site)
      const desk = await openDesk(sandbox, weir)
      await test.test('a server that is killed leaves no process behind', async () => {
        await desk.apply(desk.config('lost', 'FROM base:v1\nRUN echo started && sleep 86423\n'))
        await desk.run('start-build', 'lost')
        await eventually(async () =>
          assert.match((await desk.run('logs', 'build/lost-1')).stdout, /^started$/m),
        )
        weir.kill('SIGKILL')
        await weir.ended
        await eventually(async () => assert.deepEqual(await processesWith('86423'), []))
      })
    }
    await test.test('and the next one says what became of the build', async () => {
      await using weir = await startWeir(site)
      const desk = await openDesk(sandbox, weir)
      const { status } = await finished(desk, 'lost-1')
      assert.deepEqual([status.phase, status.reason], ['Error', 'BuildPodDeleted'])
      assert.deepEqual(await readdir(join(sandbox.path('data'), 'builds', 'work')), [])
      assert.equal((await desk.run('start-build', 'broken', '--wait')).status, 1)
    })
  })
})

/** Static files for who sends the header; `/astray…` leads to a metadata service. */
async function serveFolder(dir: string, authorization: string) {
  const server = createServer(async (incoming, answer) => {
    const path = (incoming.url ?? '').split('?')[0] ?? ''
    if (path.startsWith('/astray')) {
      return void answer.writeHead(302, { location: `http://169.254.169.254${path}` }).end()
    }
    if (incoming.headers.authorization !== authorization) {
      return void answer.writeHead(401, { 'www-authenticate': 'Basic realm="x"' }).end()
    }
    const bytes = await readFile(join(dir, path)).catch(() => undefined)
    answer.writeHead(bytes === undefined ? 404 : 200).end(bytes)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections()
      server.close()
    },
  }
}

/** Process ids whose arguments have the word. */
async function processesWith(word: string): Promise<string[]> {
  const found: string[] = []
  for (const pid of await readdir('/proc')) {
    if (!/^\d+$/.test(pid)) continue
    const words = (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).split('\0')
    if (words.includes(word)) found.push(pid)
  }
  return found
}

async function request(weir: StartedWeir, path: string, headers: Record<string, string>) {
  const { request: send } = await import('node:https')
  return new Promise<{ status: number; text: string }>((resolve, reject) => {
    const outgoing = send(
      `${weir.apiUrl}${path}`,
      { method: 'POST', ca: weir.caCert, headers: { 'content-type': 'application/json', ...headers } },
      (answer) => {
        let text = ''
        answer.setEncoding('utf8').on('data', (more) => {
          text += more
        })
        answer.once('end', () => resolve({ status: answer.statusCode ?? 0, text }))
      },
    )
    outgoing.once('error', reject)
    outgoing.end('{}')
  })
}
