import assert from 'node:assert/strict'
import { after, before, describe, it } from 'node:test'
import type { Status } from '../../src/machinery/errors.ts'
import { invalidMessage } from './expected-errors.ts'
import { type Lab, openLab } from './open-lab.ts'
import { randomImage } from './random-image.ts'
import { apiVersion, config, one, type Refusal, refusals } from './refusals.ts'

const collections: Record<string, string> = { Image: 'images', ImageSignature: 'imagesignatures' }

function pathOf({ kind, path }: Refusal): string {
  const root = `/apis/${apiVersion}`
  const tail = path ?? collections[kind] ?? `${kind.toLowerCase()}s`
  return /^(images|imagesignatures)\b/.test(tail) && kind !== 'ImageStream'
    ? `${root}/${tail}`
    : `${root}/namespaces/demo/${tail}`
}

describe('a write that breaks a rule is refused in its words, and leaves the store as it was:', () => {
  let lab: Lab
  before(async () => {
    lab = await openLab({ config })
    await lab.project('demo')
    await lab.project('theirs', 'bob')
    await lab.push('demo/app:v1', one)
    await lab.push('demo/app:v2', randomImage('two'))
    await lab.push('theirs/app:v1', randomImage('three'), 'bob')
  })
  after(() => lab[Symbol.asyncDispose]())

  for (const [group, list] of Object.entries(refusals)) {
    it(`${group}: ${list.length} mistakes`, async (test) => {
      for (const refusal of list) await test.test(refusal.what, () => refuse(lab, refusal))
    })
  }
})

async function refuse(lab: Lab, refusal: Refusal): Promise<void> {
  const { method = 'POST', as = 'alice', kind, name, said = kind, causes } = refusal
  const revision = lab.store.revision()
  const answer = await lab.call(method, pathOf(refusal), {
    as,
    body: refusal.patch ? refusal.body : { apiVersion, kind, ...refusal.body },
    headers: refusal.patch ? { 'content-type': 'application/merge-patch+json' } : {},
  })
  const status = answer.json<Status>()
  assert.deepEqual(status.details?.causes, causes, answer.text)
  assert.deepEqual([answer.status, status.code, status.reason], [422, 422, 'Invalid'])
  assert.equal(status.message, invalidMessage(said, name, causes))
  assert.deepEqual(
    [status.details?.group, status.details?.kind, status.details?.name ?? ''],
    ['image.openshift.io', said, name],
  )
  assert.equal(lab.store.revision(), revision)
}
