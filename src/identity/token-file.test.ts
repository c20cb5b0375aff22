import assert from 'node:assert/strict'
import { describe, it } from 'node:test'
import fc from 'fast-check'
import { parseCsv } from './csv.ts'
import { parseTokenFile, TokenFileError } from './token-file.ts'

describe('parseTokenFile()', () => {
  it('reads users and groups as kube-apiserver does', async () => {
    const source = parseTokenFile(
      'admin-token,cluster-admin,cluster-admin,"system:cluster-admins,system:authenticated:oauth"\n' +
        'alice-token,alice,alice,"system:authenticated:oauth"\r\n' +
        '\n' +
        'carl-token,carl,\n' +
        'dora-token,dora,7,"one"',
      'tokens.csv',
    )
    assert.deepEqual(await source.authenticateToken('admin-token'), {
      name: 'cluster-admin',
      uid: 'cluster-admin',
      groups: ['system:cluster-admins', 'system:authenticated:oauth'],
    })
    assert.deepEqual(await source.authenticateToken('alice-token'), {
      name: 'alice',
      uid: 'alice',
      groups: ['system:authenticated:oauth'],
    })
    assert.deepEqual(await source.authenticateToken('carl-token'), { name: 'carl', groups: [] })
    assert.deepEqual(await source.authenticateToken('dora-token'), {
      name: 'dora',
      uid: '7',
      groups: ['one'],
    })
    for (const other of ['alice', 'alice-toke', 'alice-token ', '', 'ALICE-TOKEN']) {
      assert.equal(await source.authenticateToken(other), undefined)
    }
  })

  const errors: [text: string, message: string][] = [
    ['a,b,c\nx,y\n', 'f:2: must have at least 3 columns (token, user name, user uid), found 2'],
    ['"a\nb",n,u\nx', 'f:3: must have at least 3 columns (token, user name, user uid), found 1'],
    [',b,c', 'f:1: the token is empty'],
    ['\n\nsecret,,c', 'f:3: the user name is empty'],
    ['secret,a,b\nsecret,c,d', 'f:2: the token is already taken by a line before'],
    ['a,b,c\nsecret,"b,c', 'f:2: a quoted field that does not end'],
    ['a,b"c,d', 'f:1: a quote in a field that is not quoted'],
    ['a,"b"c,d', 'f:1: text after the end of a quoted field'],
  ]
  for (const [text, message] of errors) {
    it(`tells where and never the token: ${message}`, () => {
      assert.throws(
        () => parseTokenFile(text, 'f'),
        (error) => {
          assert(error instanceof TokenFileError)
          assert.equal(error.message, message)
          assert(!error.message.includes('secret'))
          return true
        },
      )
    })
  }
})

describe('parseCsv()', () => {
  it('reads back what was quoted', () => {
    const field = fc.string().filter((text) => !text.includes('\r'))
    const record = fc.array(field, { minLength: 2, maxLength: 4 })
    fc.assert(
      fc.property(fc.array(record), (records) => {
        const quoteField = (text: string) => `"${text.replaceAll('"', '""')}"`
        const text = records.map((fields) => fields.map(quoteField).join(',')).join('\n')
        assert.deepEqual(
          parseCsv(text).map(({ fields }) => fields),
          records,
        )
      }),
    )
  })
})
