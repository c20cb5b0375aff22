import assert from 'node:assert/strict'
import { mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Readable } from 'node:stream'
import { after, before, it } from 'node:test'
import { gzipSync } from 'node:zlib'
import { pack } from 'tar-stream'
import { createCredentialLookup, loginFile, saveCredentials } from './auth-file.ts'
import { extractLayer } from './extract-layer.ts'
import { createTokens } from './registry-tokens.ts'

let folder = ''
before(async () => {
  folder = await mkdtemp(join(tmpdir(), 'weir-registry-'))
})
after(() => rm(folder, { recursive: true, force: true }))

const credentials = { username: 'u', password: 'p:w' }

it('saves and finds credentials, the longest entry first, and keeps those of others', async () => {
  const file = join(folder, 'auth', 'auth.json')
  await saveCredentials(file, 'r:5000', credentials)
  await saveCredentials(file, 'r:5000/team', { username: 't', password: 'x' })
  assert.equal((await stat(file)).mode & 0o777, 0o600)
  assert.match(await readFile(file, 'utf8'), /^\{\n\t"auths": \{\n\t\t"r:5000": /)
  const find = createCredentialLookup(file, {}, '/')
  assert.deepEqual(await find('r:5000', 'demo/app'), credentials)
  assert.equal((await find('r:5000', 'team/app'))?.username, 't')
  assert.equal(await find('other', 'demo/app'), undefined)
})

it('knows where logins are kept', () => {
  assert.equal(loginFile('x', {}, '/w'), '/w/x')
  assert.equal(loginFile('', { XDG_RUNTIME_DIR: '/run/u' }, '/w'), '/run/u/containers/auth.json')
  assert.equal(
    loginFile('', { HOME: '/h', REGISTRY_AUTH_PREFERENCE: 'docker' }, '/w'),
    '/h/.docker/config.json',
  )
})

it('answers challenges: a token for Bearer, the password for Basic', async () => {
  const asked: string[] = []
  const tokens = createTokens({
    repository: 'demo/app',
    credentials,
    fetch: (url, headers) => {
      asked.push(`${url} ${headers.Authorization}`)
      return Promise.resolve({ status: 200, body: Readable.from([Buffer.from('{"token":"t"}')]) })
    },
  })
  assert.equal(await tokens.answer('Bearer realm="https://a/token",service="r"', true), 'Bearer t')
  assert.deepEqual(asked, [
    'https://a/token?service=r&scope=repository%3Ademo%2Fapp%3Apull%2Cpush Basic dTpwOnc=',
  ])
  assert.equal(await tokens.current(true), 'Bearer t')
  assert.equal(await tokens.answer('Basic realm="x"', false), 'Basic dTpwOnc=')
  assert.equal(await tokens.answer('Digest realm="x"', false), undefined)
})

async function layer(...entries: [header: object, content?: string][]): Promise<Readable> {
  const tar = pack()
  for (const [header, content] of entries) tar.entry(header as { name: string }, content ?? '')
  tar.finalize()
  const chunks: Buffer[] = []
  for await (const chunk of tar) chunks.push(chunk as Buffer)
  return Readable.from([gzipSync(Buffer.concat(chunks))])
}

const plain = { keepRemoved: false, onlyFiles: false, owners: false }

it('applies layers, and what they remove', async () => {
  const root = await mkdtemp(join(folder, 'x-'))
  const options = { ...plain, paths: [{ source: '', folder: root }] }
  await extractLayer(
    await layer(
      [{ name: 'a/one' }, '1'],
      [{ name: 'a/two' }, '2'],
      [{ name: 'a/hard', type: 'link', linkname: 'a/one' }],
    ),
    options,
  )
  await extractLayer(await layer([{ name: 'a/.wh.two' }], [{ name: 'a/one' }, 'new']), options)
  assert.deepEqual((await readdir(join(root, 'a'))).sort(), ['hard', 'one'])
  assert.equal(await readFile(join(root, 'a/one'), 'utf8'), 'new')
  assert.equal(await readFile(join(root, 'a/hard'), 'utf8'), '1')
})

it('takes what a path names', async () => {
  const root = await mkdtemp(join(folder, 'x-'))
  const entries = await layer([{ name: './etc/app/conf' }, 'c'], [{ name: 'usr/bin/x' }, 'x'])
  await extractLayer(entries, { ...plain, paths: [{ source: 'etc/app/', folder: root }] })
  assert.deepEqual(await readdir(root), ['conf'])
})

it('never writes outside of the destination', async () => {
  const root = await mkdtemp(join(folder, 'x-'))
  const outside = await mkdtemp(join(folder, 'outside-'))
  await writeFile(join(outside, 'kept'), 'kept')
  await symlink(outside, join(root, 'link'))
  const options = { ...plain, paths: [{ source: '', folder: root }] }
  await extractLayer(
    await layer(
      [{ name: '../up' }, 'x'],
      [{ name: 'link/through' }, 'x'],
      [{ name: 'own', type: 'symlink', linkname: outside }],
      [{ name: 'own/through' }, 'x'],
      [{ name: 'link/.wh.kept' }],
      [{ name: 'hard', type: 'link', linkname: 'link/kept' }],
    ),
    options,
  )
  assert.deepEqual(await readdir(outside), ['kept'])
  assert.deepEqual((await readdir(root)).sort(), ['link', 'own'])
})
