import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import type { ImageStream } from '../api/image/index.ts'
import { decideLookup, type LookupContext, planLookup } from './lookup-image.ts'
import { digest, event, fromDocker, history, stream as storedStream } from './stream-fixture.ts'

const context: LookupContext = {
  namespace: 'p',
  isForced: false,
  localNames: true,
  internalRegistry: 'reg:5000',
}

function mysql(local: boolean, policy = 'Source'): ImageStream {
  const stream = storedStream({
    name: 'mysql',
    tags: [fromDocker('5.6', 'docker.io/library/mysql:5.6', { referencePolicy: { type: policy } })],
    histories: [
      history('5.6', { ...event('a'), dockerImageReference: `docker.io/library/mysql@${digest('a')}` }),
      history('name', { ...event('b'), dockerImageReference: 'docker.io/library/mysql:8', image: '' }),
    ],
  })
  return { ...stream, spec: { ...stream.spec, lookupPolicy: { local } } }
}

const look = (image: string, stream: ImageStream | undefined, more: Partial<LookupContext> = {}) => {
  const plan = planLookup(image, { ...context, ...more })
  const verdict = decideLookup(plan, stream)
  return verdict.kind === 'rewritten' ? verdict.image : verdict.why
}

describe('image lookup', () => {
  const upstream = `docker.io/library/mysql@${digest('a')}`

  it('takes plain names for streams that lend theirs', () => {
    assert.equal(look('mysql:5.6', mysql(true)), upstream)
    assert.equal(look('mysql:5.6', mysql(true, 'Local')), `reg:5000/p/mysql@${digest('a')}`)
    assert.equal(look('mysql:5.6', mysql(false)), 'not-offered')
    assert.equal(look('mysql:5.6', undefined), 'no-stream')
  })

  it('leaves everything else as it is', () => {
    assert.equal(look('library/mysql:5.6', mysql(true)), 'not-local')
    assert.equal(look('docker.io/library/mysql:5.6', mysql(true)), 'not-local')
    assert.equal(look(`mysql@${digest('a')}`, mysql(true)), 'has-digest')
    assert.equal(look(' ', mysql(true)), 'not-a-reference')
    assert.equal(look('reg:5000/p/mysql:5.6', mysql(true)), 'names-our-registry')
  })

  it('means our registry where the stream lends its name but the tag has no image', () => {
    assert.equal(look('mysql', mysql(true)), 'reg:5000/p/mysql:latest')
    assert.equal(look('mysql:name', mysql(true)), 'reg:5000/p/mysql:name')
    assert.equal(look('mysql', mysql(false)), 'not-offered')
  })

  it('counts only name and tag where the object asks for names', () => {
    const forced = { isForced: true }
    assert.equal(look('docker.io/library/mysql:5.6', mysql(false), forced), upstream)
    assert.equal(look('foo/mysql:5.6', mysql(false), forced), upstream)
    const plan = planLookup('quay.io/a/b/c', { ...context, ...forced })
    assert.deepEqual(plan.kind === 'tag' && [plan.namespace, plan.stream], ['p', 'b/c'])
    assert.equal(look(`mysql@${digest('a')}`, mysql(false), forced), 'has-digest')
  })

  it('knows the digest of what it does not rewrite', () => {
    const verdict = decideLookup(planLookup('mysql:5.6', context), mysql(false))
    assert.deepEqual(verdict, { kind: 'kept', why: 'not-offered', digest: digest('a') })
  })
})
