import assert from 'node:assert/strict'
import type { HostileServer } from '../../src/upstream/testing/hostile-server.ts'
import type { Site } from './open-site.ts'

/** Threat 16: what is secret shows nowhere but where it belongs. */

/** A secret value and the places that may hear it. */
export interface Canary {
  user: string
  password: string
  heardBy: readonly HostileServer[]
}

const kinds = [
  'imagestreams.image.openshift.io',
  'images.image.openshift.io',
  'imagestreamtags.image.openshift.io',
  'events',
  'configmaps',
  'namespaces',
]

/** In whatever form a secret may leak: as it is, in base64, as a login. */
function formsOf({ user, password }: Canary): string[] {
  const base64 = (text: string) => Buffer.from(text).toString('base64').replace(/=+$/, '')
  return [password, base64(password), base64(`${user}:${password}`)]
}

/** Looks through the log, all answers that the commands showed, every stored object but Secrets, and what upstreams heard. */
export async function assertHidden(
  site: Site,
  canaries: readonly Canary[],
  upstreams: readonly HostileServer[],
): Promise<void> {
  const objects: string[] = []
  for (const kind of kinds) objects.push(await site.weir('get', kind, '-A', '-o', 'json'))
  const places = new Map([
    ['the log', site.log()],
    ['what commands said', site.said()],
    ['stored objects', objects.join('\n')],
  ])
  assert.ok(site.log().includes('"level":20'), 'the log is complete')
  for (const canary of canaries) {
    for (const form of formsOf(canary)) {
      for (const [place, text] of places)
        assert.ok(!text.includes(form), `${canary.user}'s secret is in ${place}`)
      for (const upstream of upstreams) {
        if (canary.heardBy.includes(upstream)) continue
        const heard = JSON.stringify(upstream.seen)
        assert.ok(!heard.includes(form), `${canary.user}'s secret went to ${upstream.host}`)
      }
    }
    const login = `Basic ${btoa(`${canary.user}:${canary.password}`)}`
    for (const upstream of canary.heardBy) {
      const heard = upstream.seen.some(({ headers }) => headers.authorization === login)
      assert.ok(heard, `${canary.user}'s secret did not reach ${upstream.host}: the search proves nothing`)
    }
  }
}
