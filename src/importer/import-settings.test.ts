import assert from 'node:assert/strict'
import { mkdtemp, rm, utimes, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { silentLog } from '../upstream/index.ts'
import { type ImportSettings, readImportSettings } from './import-settings.ts'
import { openNodeKeyring } from './node-keyring.ts'

function settingsOf(file: Parameters<typeof readImportSettings>[0]): ImportSettings {
  const settings = readImportSettings(file)
  assert.ok(typeof settings !== 'string', String(settings))
  return settings
}

describe('readImportSettings()', () => {
  it('needs nothing', () => {
    const settings = settingsOf({})
    assert.deepEqual(settings.nodeAuthFile, { path: '/var/lib/kubelet/config.json', isRequired: false })
    assert.equal(settings.maxScheduledImageImportsPerMinute, 60)
    assert.equal(settings.disableScheduledImport, false)
    assert.equal(settings.addresses.innermost, 'loopback')
    assert.equal(settings.realms.realms, 'related')
  })

  it('0 imports a minute is the default, less is no limit; no file is none', () => {
    assert.equal(settingsOf({ maxScheduledImageImportsPerMinute: 0 }).maxScheduledImageImportsPerMinute, 60)
    assert.equal(settingsOf({ maxScheduledImageImportsPerMinute: -1 }).maxScheduledImageImportsPerMinute, -1)
    assert.equal(settingsOf({ nodeAuthFile: '' }).nodeAuthFile.path, '')
    assert.equal(settingsOf({ nodeAuthFile: '/a' }).nodeAuthFile.isRequired, true)
  })

  it('a mirror serves tags and digests unless it says which', () => {
    const mirrors = ['here:5000']
    assert.deepEqual(
      settingsOf({ mirrors: [{ source: 'docker.io', mirrors }] }).mirrors.map(({ use }) => use),
      ['digest', 'tag'],
    )
    assert.deepEqual(settingsOf({ mirrors: [{ source: 'docker.io', mirrors, use: 'tag' }] }).mirrors, [
      { source: 'docker.io', mirrors, use: 'tag', neverSource: false },
    ])
  })

  for (const [file, problem] of [
    [
      { insecureRegistries: ['http://a'] },
      'import.insecureRegistries: http://a is not a registry: write HOST or HOST:PORT',
    ],
    [
      { blockedRegistries: ['a/b'] },
      'import.blockedRegistries: a/b is not a registry: write HOST or HOST:PORT',
    ],
    [
      { addresses: { allowed: ['10.0.0.0'] } },
      'import.addresses.allowed: 10.0.0.0 is not a network: write e.g. 10.0.0.0/8 or fd00::/8',
    ],
    [
      { addresses: { refused: ['10.0.0.0/33'] } },
      'import.addresses.refused: 10.0.0.0/33 is not a network: write e.g. 10.0.0.0/8 or fd00::/8',
    ],
  ] as const) {
    it(`tells: ${problem}`, () => assert.equal(readImportSettings(file as never), problem))
  }
})

describe('openNodeKeyring()', () => {
  it('reads the file, and a missing one only where it is required', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'weir-node-'))
    try {
      const path = join(dir, 'config.json')
      assert.equal(openNodeKeyring({ path, isRequired: false }, silentLog).find('a.example/b'), undefined)
      assert.throws(() => openNodeKeyring({ path, isRequired: true }, silentLog), /ENOENT/)
      await writeFile(path, JSON.stringify({ auths: { 'a.example': { auth: btoa('u:p') } } }))
      await utimes(path, 1, 1)
      const keyring = openNodeKeyring({ path, isRequired: true }, silentLog)
      assert.equal(keyring.find('a.example/b')?.password, 'p')
      assert.equal(keyring.find('b.example/b'), undefined)
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })

  it('a malformed file is told in the log, without what it holds', async () => {
    const dir = await mkdtemp(join(tmpdir(), 'weir-node-'))
    try {
      const path = join(dir, 'config.json')
      await writeFile(path, '{"auths": {"a.example": {"auth": "canary-4d1"')
      const lines: object[] = []
      const log = { ...silentLog, warn: (fields: object) => void lines.push(fields) }
      assert.equal(openNodeKeyring({ path, isRequired: false }, log).find('a.example/b'), undefined)
      assert.equal(lines.length, 1)
      assert.ok(!JSON.stringify(lines).includes('canary'))
    } finally {
      await rm(dir, { recursive: true, force: true })
    }
  })
})
