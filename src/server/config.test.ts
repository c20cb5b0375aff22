import assert from 'node:assert/strict'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, it } from 'node:test'
import { loadConfig, parseAddress, parseDuration, reachable } from './config.ts'
import { StartError } from './start-error.ts'

async function withFile(text: string, run: (path: string) => Promise<void>): Promise<void> {
  const dir = await mkdtemp(join(tmpdir(), 'weir-config-'))
  try {
    await writeFile(join(dir, 'weir.yaml'), text)
    await run(join(dir, 'weir.yaml'))
  } finally {
    await rm(dir, { recursive: true })
  }
}

describe('loadConfig()', () => {
  it('has a default for everything', async () => {
    const config = await loadConfig({}, { HOME: '/home/u' })
    assert.equal(config.dataDir, '/home/u/.local/share/weir')
    assert.deepEqual(config.listen, { host: '127.0.0.1', port: 8443 })
    assert.deepEqual(config.registryListen, { host: '127.0.0.1', port: 5000 })
    assert.equal(config.importInterval, 900_000)
    assert.equal(config.imagePolicy.maxImagesBulkImportedPerRepository, 50)
  })

  it('prefers a flag to the file', async () => {
    await withFile('listen: 127.0.0.1:1\nregistryListen: 127.0.0.1:2\n', async (path) => {
      const config = await loadConfig({ config: path, listen: '127.0.0.1:3' }, {})
      assert.equal(config.listen.port, 3)
      assert.equal(config.registryListen.port, 2)
    })
  })

  const wrong: [string, string, RegExp][] = [
    [
      'a key that does not exist',
      'lisen: 127.0.0.1:1\n',
      /weir\.yaml is wrong at the top: unknown key lisen$/,
    ],
    [
      'a value of the wrong type',
      'imagePolicy: {externalRegistryHostnames: 5}\n',
      /at imagePolicy\.externalRegistryHostnames: /,
    ],
    [
      'an import mode that does not exist',
      'imagePolicy: {imageStreamImportMode: Some}\n',
      /at imagePolicy\.imageStreamImportMode: /,
    ],
    [
      'an image resolution that does not exist',
      'imagePolicy: {resolveImages: Try}\n',
      /at imagePolicy\.resolveImages: /,
    ],
    [
      'a key of an execution rule that does not exist',
      'imagePolicy: {executionRules: [{name: a, rejects: true}]}\n',
      /at imagePolicy\.executionRules\.0: unknown key rejects$/,
    ],
    [
      'two execution rules by one name',
      'imagePolicy: {executionRules: [{name: a}, {name: a}]}\n',
      /the config file is wrong at imagePolicy\.executionRules\.1\.name: a is the name/,
    ],
    [
      'a proxy that is no network',
      "registry: {trustedProxies: ['10.0.0.0/8', proxy.test]}\n",
      /registry\.trustedProxies: proxy\.test is neither an address nor a network/,
    ],
    [
      'an identity provider of no known kind',
      'identity: {providers: [{name: a, ldap: {}}]}\n',
      /at identity\.providers\.0/,
    ],
    [
      'two identity providers by one name',
      'identity: {providers: [{name: a, htpasswd: {file: x}}, {name: a, htpasswd: {file: y}}]}\n',
      /identity\.providers: the name a is taken$/,
    ],
    [
      'an identity provider by the name of the built-in one',
      'identity: {providers: [{name: weir, htpasswd: {file: x}}]}\n',
      /identity\.providers: the name weir is taken$/,
    ],
    ['text that is not YAML', 'a: [', /is not YAML/],
  ]
  for (const [what, text, expected] of wrong) {
    it(`refuses ${what} in one line`, async () => {
      await withFile(text, async (path) => {
        await assert.rejects(loadConfig({ config: path }, {}), (error) => {
          assert(error instanceof StartError)
          assert.match(error.message, expected)
          assert(!error.message.includes('\n'))
          return true
        })
      })
    })
  }

  it('names a config file that cannot be read', async () => {
    await assert.rejects(
      loadConfig({ config: '/no/such/weir.yaml' }, {}),
      /cannot read the config file \/no\/such/,
    )
  })
})

describe('parseAddress()', () => {
  it('takes names, IPv4, bracketed IPv6 and a bare port', () => {
    assert.deepEqual(parseAddress('localhost:80', '--listen'), { host: 'localhost', port: 80 })
    assert.deepEqual(parseAddress('[::1]:80', '--listen'), { host: '::1', port: 80 })
    assert.deepEqual(parseAddress(':80', '--listen'), { host: '0.0.0.0', port: 80 })
  })
  for (const text of ['', 'localhost', '1.2.3.4', 'a:b', 'a:99999', '::1:80']) {
    it(`refuses ${JSON.stringify(text)}`, () => {
      assert.throws(() => parseAddress(text, '--listen'), StartError)
    })
  }
})

describe('parseDuration()', () => {
  it("takes Go's forms", () => {
    assert.equal(parseDuration('90s', '-'), 90_000)
    assert.equal(parseDuration('1h30m', '-'), 5_400_000)
    assert.equal(parseDuration('1.5h', '-'), 5_400_000)
    assert.equal(parseDuration('250ms', '-'), 250)
  })
  for (const text of ['', '15', 'm', '5x', '5m?']) {
    it(`refuses ${JSON.stringify(text)}`, () => assert.throws(() => parseDuration(text, '-'), StartError))
  }
})

describe('reachable()', () => {
  it('turns "every address" into loopback and brackets IPv6', () => {
    assert.equal(reachable({ host: '0.0.0.0', port: 1 }), '127.0.0.1:1')
    assert.equal(reachable({ host: '::', port: 1 }), '[::1]:1')
    assert.equal(reachable({ host: 'h', port: 1 }), 'h:1')
  })
})
