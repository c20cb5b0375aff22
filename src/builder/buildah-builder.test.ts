import assert from 'node:assert/strict'
import { execFile, spawnSync } from 'node:child_process'
import { mkdir, mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it, type TestContext } from 'node:test'
import { promisify } from 'node:util'
import { makeShellRoot } from '../../test/circle/shell-root.ts'
import { createObject } from '../api/common/write-object.ts'
import { type Build, builds } from '../api/index.ts'
import { defaultAddressPolicy } from '../upstream/index.ts'
import { openBuildLog } from './build-log.ts'
import { createBuildahBuilder } from './buildah-builder.ts'
import type { BuildJob, BuildOutcome } from './builder.ts'
import { createHostCheck } from './check-host.ts'

const exec = promisify(execFile)

async function open(t: TestContext, network: 'none' | 'private' = 'none') {
  const dir = await mkdtemp(join(tmpdir(), 'weir-builder-'))
  t.after(() => rm(dir, { recursive: true, force: true }))
  const local = join(dir, 'sources')
  await mkdir(local)
  await exec('chmod', ['755', dir])
  const builder = createBuildahBuilder({
    dir: join(dir, 'work'),
    network,
    settings: {
      insecureRegistries: [],
      extraCAs: [],
      localSources: [local],
      checkHost: createHostCheck(defaultAddressPolicy, new Set()),
    },
    guard: { policy: defaultAddressPolicy, own: new Set() },
    now: () => new Date(),
  })
  await mkdir(join(dir, 'work'))
  const root = join(dir, 'root')
  await makeShellRoot(root)
  await exec('tar', ['-C', root, '-cf', join(dir, 'root.tar'), '.'])
  const run = async (spec: object, more: Partial<BuildJob> = {}, signal = AbortSignal.timeout(60_000)) => {
    const build = createObject(builds, { metadata: { name: 'x', namespace: 'demo' }, spec }).object as Build
    const log = await openBuildLog(join(dir, 'log'), { limit: 1e6, secrets: more.secrets ?? [] })
    const upload = join(dir, 'upload.tar')
    await exec('cp', [join(dir, 'root.tar'), upload])
    const job = {
      build,
      pullAuth: {},
      pushAuth: {},
      env: [],
      buildArgs: [],
      inputs: [],
      images: [],
      secrets: [],
      ...more,
    }
    const outcome: BuildOutcome | 'aborted' = await builder
      .run({ upload, ...job }, log, signal)
      .catch((error) => (signal.aborted ? 'aborted' : Promise.reject(error)))
    await log.close()
    return { outcome, log: await readFile(join(dir, 'log'), 'utf8') }
  }
  return { dir, local, builder, run }
}

const binary = (lines: string, strategy: object = {}) => ({
  source: { binary: {}, dockerfile: `FROM scratch\nCOPY . /\n${lines}` },
  strategy: { dockerStrategy: strategy },
  output: {},
})

/** What a network for steps needs is no part of a bare machine: without it they have none, which the first test shows. */
async function noNetwork(): Promise<string | undefined> {
  const tunnels = await stat('/dev/net/tun').catch(() => undefined)
  if (tunnels === undefined || (tunnels.mode & 0o006) !== 0o006) return '/dev/net/tun is closed to users'
  const { error } = spawnSync('slirp4netns', ['--version'])
  return error === undefined ? undefined : 'slirp4netns is not installed: apt-get install slirp4netns'
}

describe('createBuildahBuilder()', () => {
  it('runs the steps of a Dockerfile, seeing nothing of this machine', async (t) => {
    const { run, dir } = await open(t)
    const { outcome, log } = await run(
      binary(
        'ARG COLOUR\nRUN id; echo "$COLOUR $SIZE"; cat /proc/net/dev; ls / /proc/1; cat /proc/self/uid_map',
      ),
      {
        buildArgs: [{ name: 'COLOUR', value: 'blue' }],
        env: [{ name: 'SIZE', value: 'very-large-secret', isSecret: true }],
        secrets: ['very-large-secret'],
      },
    )
    assert.equal(outcome === 'aborted' ? outcome : outcome.kind, 'complete', log)
    assert.match(log, /uid=0/)
    assert.match(log, /blue \*\*\*/)
    assert.doesNotMatch(log, /eth0|very-large-secret/)
    assert.deepEqual(await readdir(join(dir, 'work')), [])
  })

  it('gives steps a network that does not lead to this machine, where that can be had', async (t) => {
    const why = await noNetwork()
    if (why !== undefined) {
      if (process.env.CI === 'true') throw new Error(why)
      process.stderr.write(`SKIPPED ${t.name}: ${why}\n`)
      return t.skip(why)
    }
    const { run } = await open(t, 'private')
    const { outcome, log } = await run(binary('RUN cat /proc/self/net/route /etc/resolv.conf'))
    assert.equal(outcome === 'aborted' ? outcome : outcome.kind, 'complete', log)
    assert.match(log, /^tap0\t/m)
    assert.match(log, /nameserver 10\.0\.2\.3/)
  })
})
