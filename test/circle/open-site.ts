import assert from 'node:assert/strict'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Build, ImageStreamTag } from '../../src/api/index.ts'
import type { Sandbox } from '../clients/sandbox.ts'
import { type StartedWeir, weirProgram } from '../clients/start-weir.ts'
import { makeShellRoot, writeShellImage } from './shell-root.ts'

/** A started Weir, its client as the admin, and a base image to push. */
export async function openSite(sandbox: Sandbox, weir: StartedWeir) {
  const env = { KUBECONFIG: join(weir.dataDir, 'admin.kubeconfig') }
  const cli = (...args: string[]) => sandbox.must(weirProgram, args, { env, timeout: 120_000 })
  const get = async <T>(...args: string[]) =>
    JSON.parse(await cli('get', '-n', 'demo', ...args, '-o', 'json')) as T
  await makeShellRoot(sandbox.path('root'))
  return {
    cli,
    get,
    async pushBase(version: string) {
      await writeShellImage(sandbox.path('root'), sandbox.path(version), version)
      const to = `docker://${weir.registryHost}/demo/base:v1`
      const login = ['--dest-creds', `admin:${weir.adminToken}`, '--dest-tls-verify=false']
      const policy = '--insecure-policy'
      await sandbox.must('skopeo', [policy, 'copy', '-q', ...login, `oci:${sandbox.path(version)}:image`, to])
    },
    digestOf: async (tag: string) => (await get<ImageStreamTag>('istag', tag)).image.metadata.name ?? '',
  }
}

export type Site = Awaited<ReturnType<typeof openSite>>

/** Milliseconds: a build takes a second or two; the machine may be busy. */
const patience = 90_000

export async function finished(site: Site, name: string): Promise<Build> {
  const until = Date.now() + patience
  for (;;) {
    const build = await site.get<Build>('build', name).catch(() => undefined)
    if (build !== undefined && ['Complete', 'Failed', 'Error', 'Cancelled'].includes(build.status.phase))
      return build
    assert(Date.now() < until, `build ${name}: ${JSON.stringify(build?.status)}`)
    await sleep(250)
  }
}

export async function eventually(check: () => Promise<void>): Promise<void> {
  for (const until = Date.now() + patience; ; await sleep(100)) {
    try {
      return await check()
    } catch (error) {
      if (Date.now() > until) throw error
    }
  }
}
