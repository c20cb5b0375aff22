import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { configMaps } from '../api/index.ts'
import type { KubeObject } from '../machinery/object.ts'
import { encodeObject } from './object-codec.ts'
import { selectionOf } from './select.ts'

const objectWith = (labels: Record<string, string>, data: Record<string, string> = {}): KubeObject =>
  ({ metadata: { name: 'c', namespace: 'demo', labels }, data }) as KubeObject

const select = (labelSelector: string) => selectionOf(configMaps, { labelSelector })

describe('the stored bytes of an object', () => {
  it('tell apart what lacks the labels asked for', () => {
    const stored = encodeObject(objectWith({ app: 'web', 'example.com/tier': 'front' }))
    const answers = (selector: string) => select(selector).mayMatch(stored)
    for (const selector of ['app=web', 'app==web', 'app in (db,web)', 'app', 'example.com/tier=front', '']) {
      assert.equal(answers(selector), true, selector)
    }
    for (const selector of ['app=we', 'app=webs', 'app in (db,cache)', 'ap', 'tier=front', 'app=web,other']) {
      assert.equal(answers(selector), false, selector)
    }
    for (const selector of ['app!=db', 'app notin (db)', '!other', 'other!=x']) {
      assert.equal(answers(selector), true, selector)
    }
  })

  it('are never the reason that a match is missed', () => {
    const key = fc.constantFrom('a', 'b', 'x.io/a', 'x.io/b')
    const value = fc.constantFrom('', 'v', 'w', '1', '2')
    const values = fc.uniqueArray(value.filter(Boolean), { minLength: 1 }).map((all) => `(${all.join(',')})`)
    const requirement = fc.oneof(
      fc.tuple(key, fc.constantFrom('=', '==', '!='), value).map((parts) => parts.join('')),
      fc.tuple(key, fc.constantFrom(' in ', ' notin '), values).map((parts) => parts.join('')),
      fc.tuple(key, fc.constantFrom('>1', '<2', '')).map((parts) => parts.join('')),
      key.map((name) => `!${name}`),
    )
    const selectors = fc.array(requirement, { maxLength: 3 }).map((all) => all.join(','))
    const labels = fc.dictionary(key, value, { maxKeys: 4 })
    fc.assert(
      fc.property(selectors, labels, (selector, has) => {
        const selection = select(selector)
        const object = objectWith(has)
        if (selection.matches(object)) assert(selection.mayMatch(encodeObject(object)))
      }),
      { numRuns: 2000 },
    )
  })

  it('may hold the same text elsewhere, which the object itself then decides', () => {
    const object = objectWith({}, { app: 'web' })
    const selection = select('app=web')
    assert.equal(selection.mayMatch(encodeObject(object)), true)
    assert.equal(selection.matches(object), false)
  })
})
