import assert from 'node:assert/strict'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { hash } from 'bcryptjs'
import { createSinglePasswordCheck, generatePassword, openAdminPassword } from './admin-password.ts'
import { createAttemptLimiter } from './attempt-limiter.ts'
import { createPasswordCheck, HtpasswdError, parseHtpasswd } from './htpasswd.ts'
import { createPasswordSource } from './password-login.ts'
import { isSameSecret, SecretMap } from './secret-digest.ts'
import { createTestClient } from './test-client.ts'

const hashedByHtpasswd = '$2y$05$D2KgsFaKXRcOhn3CDSGYd.curUL9RqF4F6utOMzRzmBjgsmDZtmEu'

describe('htpasswd', () => {
  it('checks bcrypt hashes of either mark', async () => {
    const hashed = await hash('wonder', 4)
    const text = `# users\n\nalice:${hashed}\r\nbob:${hashed.replace(/^\$2b/, '$2y')}\n`
    const check = createPasswordCheck(() => parseHtpasswd(text, 'f'))
    assert.equal(await check('alice', 'wonder'), true)
    assert.equal(await check('bob', 'wonder'), true)
    assert.equal(await check('alice', 'Wonder'), false)
    assert.equal(await check('carol', 'wonder'), false)
    assert.equal(await check('', ''), false)
    assert.equal(await check('__proto__', 'wonder'), false)
  })

  it('forgets a password when its entry changes or goes', async () => {
    let hashes = new Map([['alice', await hash('wonder', 4)]])
    const check = createPasswordCheck(() => hashes)
    assert.deepEqual([await check('alice', 'wonder'), await check('alice', 'wonder')], [true, true])
    hashes = new Map([['alice', await hash('other', 4)]])
    assert.deepEqual([await check('alice', 'wonder'), await check('alice', 'other')], [false, true])
    hashes = new Map()
    assert.deepEqual([await check('alice', 'wonder'), await check('alice', 'other')], [false, false])
  })

  it('reads what the htpasswd program writes', async () => {
    // htpasswd -nbB -C 5 alice wonder
    const check = createPasswordCheck(() => parseHtpasswd(`alice:${hashedByHtpasswd}`, 'f'))
    assert.equal(await check('alice', 'wonder'), true)
    assert.equal(await check('alice', 'wander'), false)
  })

  it('takes no password of which bcrypt would only read the beginning', async () => {
    const long = 'x'.repeat(72)
    const hashed = await hash(long, 4)
    const check = createPasswordCheck(() => new Map([['alice', hashed]]))
    assert.equal(await check('alice', long), true)
    assert.equal(await check('alice', `${long}y`), false)
  })

  it('tells line and name, never the hash', () => {
    const bad: [text: string, message: string][] = [
      ['# x\nalice', 'f:2: must be <name>:<hash>'],
      [':x', 'f:1: must be <name>:<hash>'],
      ['bob:$apr1$secret$secret', 'f:1: the password of bob is not hashed with bcrypt (htpasswd -B)'],
      ['bob:{SHA}secret', 'f:1: the password of bob is not hashed with bcrypt (htpasswd -B)'],
      ['bob:secret', 'f:1: the password of bob is not hashed with bcrypt (htpasswd -B)'],
    ]
    for (const [text, message] of bad) {
      assert.throws(() => parseHtpasswd(text, 'f'), { name: HtpasswdError.name, message })
    }
  })
})

describe('the generated admin password', () => {
  it('is made once and readable by its owner only', async (t) => {
    const folder = await mkdtemp(join(tmpdir(), 'weir-admin-'))
    t.after(() => rm(folder, { recursive: true }))
    const password = await openAdminPassword(folder)
    assert.match(password, /^([a-zA-Z2-9]{5}-){3}[a-zA-Z2-9]{5}$/)
    assert.equal((await stat(join(folder, 'admin-password'))).mode & 0o777, 0o600)
    assert.equal(await openAdminPassword(folder), password)
    await writeFile(join(folder, 'admin-password'), 'changed\n')
    assert.equal(await openAdminPassword(folder), 'changed')
    await writeFile(join(folder, 'admin-password'), '\n')
    await assert.rejects(openAdminPassword(folder), /is empty/)
  })

  it('differs each time', () => {
    assert.equal(new Set(Array.from({ length: 50 }, generatePassword)).size, 50)
  })

  it('fits its one user', async () => {
    const check = createSinglePasswordCheck('admin', 'pw')
    assert.equal(await check('admin', 'pw'), true)
    assert.equal(await check('admin', 'pw '), false)
    assert.equal(await check('root', 'pw'), false)
  })
})

describe('createPasswordSource()', () => {
  it('gives the user of a good password, with groups, and slows down guessing', async () => {
    const client = createTestClient()
    const limiter = createAttemptLimiter(() => new Date(0), { perName: 2, perAddress: 3, window: 60 })
    const providers = [
      { type: 'password', name: 'local', check: createSinglePasswordCheck('alice', 'pw') },
    ] as const
    const source = createPasswordSource({ client, providers, limiter }, () => ['team'])
    const subject = await source.authenticatePassword('alice', 'pw')
    assert.deepEqual(subject?.groups, ['team', 'system:authenticated:oauth'])
    assert.equal(typeof subject?.uid, 'string')
    for (let i = 0; i < 5; i++) assert.equal(await source.authenticatePassword('bob', 'no'), undefined)
    assert.notEqual(await source.authenticatePassword('alice', 'pw'), undefined)
    await source.authenticatePassword('alice', 'no')
    await source.authenticatePassword('alice', 'no')
    assert.equal(await source.authenticatePassword('alice', 'pw'), undefined)
  })
})

describe('secrets', () => {
  it('are compared whole, of whatever length', () => {
    assert.equal(isSameSecret('a', 'a'), true)
    assert.equal(isSameSecret('', ''), true)
    assert.equal(isSameSecret('a', 'aa'), false)
    assert.equal(isSameSecret('ä', 'a\u0308'), false)
  })

  it('are not kept by a SecretMap', () => {
    const map = new SecretMap<number>()
    map.set('secret', 1)
    assert.equal(map.get('secret'), 1)
    assert.equal(map.get('secre'), undefined)
    assert.equal(map.has('secret'), true)
    assert.equal(map.size, 1)
    assert(!JSON.stringify(map).includes('secret'))
  })
})
