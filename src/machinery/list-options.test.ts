import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import { parseListOptions, parseWatchOptions, wantsWatch } from './list-options.ts'

const query = (text: string) => new URLSearchParams(text)

describe('parseListOptions', () => {
  it('reads what is there and nothing else', () => {
    assert.deepEqual(parseListOptions(query('limit=500&labelSelector=a%3Db&pretty=true')), {
      limit: 500,
      labelSelector: 'a=b',
    })
    assert.deepEqual(parseListOptions(query('limit=0&continue=&resourceVersion=')), {})
    assert.deepEqual(parseListOptions(query('resourceVersion=5&resourceVersionMatch=Exact')), {
      resourceVersion: '5',
      resourceVersionMatch: 'Exact',
    })
  })

  it('refuses ill-formed values with 400', () => {
    assert.throws(() => parseListOptions(query('limit=many')), {
      code: 400,
      message: 'strconv.ParseInt: parsing "many": invalid syntax',
    })
    assert.throws(() => parseListOptions(query('continue=x&resourceVersion=5')), {
      code: 400,
      message: 'specifying resource version is not allowed when using continue',
    })
  })

  it('refuses combinations with 422', () => {
    const start = 'ListOptions.meta.k8s.io "" is invalid: '
    const cases: [string, string][] = [
      [
        'resourceVersionMatch=Exact',
        'resourceVersionMatch: Forbidden: resourceVersionMatch is forbidden unless resourceVersion is provided',
      ],
      [
        'resourceVersion=0&resourceVersionMatch=Exact',
        'resourceVersionMatch: Forbidden: resourceVersionMatch "exact" is forbidden for resourceVersion "0"',
      ],
      [
        'resourceVersion=1&resourceVersionMatch=Newer',
        'resourceVersionMatch: Unsupported value: "Newer": supported values: "Exact", "NotOlderThan", ""',
      ],
      ['sendInitialEvents=true', 'sendInitialEvents: Forbidden: sendInitialEvents is forbidden for list'],
    ]
    for (const [text, message] of cases) {
      assert.throws(() => parseListOptions(query(text)), { code: 422, message: `${start}${message}` })
    }
  })
})

describe('parseWatchOptions', () => {
  it('reads a streaming list', () => {
    const text =
      'watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true&timeoutSeconds=60'
    assert.ok(wantsWatch(query(text)))
    assert.deepEqual(parseWatchOptions(query(text)), {
      sendInitialEvents: true,
      resourceVersionMatch: 'NotOlderThan',
      allowWatchBookmarks: true,
      timeoutSeconds: 60,
    })
  })

  it('reads booleans as Kubernetes does', () => {
    for (const text of ['watch=true', 'watch=1', 'watch=', 'watch=yes'])
      assert.ok(wantsWatch(query(text)), text)
    for (const text of ['', 'watch=false', 'watch=0', 'watch=False'])
      assert.ok(!wantsWatch(query(text)), text)
  })

  it('refuses combinations with 422', () => {
    assert.throws(() => parseWatchOptions(query('sendInitialEvents=true')), {
      code: 422,
      message:
        'ListOptions.meta.k8s.io "" is invalid: resourceVersionMatch: Forbidden: sendInitialEvents requires setting resourceVersionMatch to NotOlderThan',
    })
    assert.throws(() => parseWatchOptions(query('resourceVersionMatch=NotOlderThan')), { code: 422 })
  })
})
