import assert from 'node:assert/strict'
import { readFile } from 'node:fs/promises'
import { it } from 'node:test'

/** Every test of the public suite, by the names that it reports (`run.go`). */
const suite = {
  tests: [
    'ping',
    'empty/tag list',
    'empty/referrers',
    'sha256 blobs/get-missing',
    'sha512 blobs/get-missing',
  ],
  blobs: [
    'post only',
    'post+put',
    'chunked single',
    'stream',
    'mount',
    'mount anonymous',
    'mount missing',
    'post cancel',
    'chunked multi',
    'chunked multi and put chunk',
    'chunked out-of-order',
    'chunked out-of-order and put chunk',
    'range requests/range 500-1499',
    'empty',
    'emptyJSON',
    'bad digest post only',
  ],
  dataSets: [
    'image',
    'image-uncompressed',
    'large-manifest',
    'index',
    'nested-index',
    'empty-index',
    'artifact',
    'artifact-index',
    'artifact-without-layers',
    'artifacts-with-subject',
    'index-with-subject',
    'missing-subject',
    'data-field',
    'non-distributable-layers',
    'custom-fields',
    'no-layers',
    'sha512',
    'tag-param-sha256',
    'tag-param-sha512',
  ],
  others: [
    'bad-digest-image',
    'sparse',
    'read-only',
    'missing-manifest/by-digest',
    'invalid-digest-format/manifest-put',
    '/manifest-get',
  ],
  steps: ['push', 'tag-list', 'head', 'pull', 'referrers', 'delete'].concat(
    ['blob-post-only', 'blob-post-put', 'blob-patch-chunked', 'blob-patch-stream', 'blob-mount'],
    ['blob-mount-anonymous', 'blob-post-cancel', 'blob-head', 'blob-get', 'blob-delete'],
    ['manifest-by-digest', 'manifest-by-tag', 'manifest-head-by-digest', 'manifest-head-by-tag'],
    ['tag-delete', 'manifest-delete'],
  ),
}

/** Names of tests that run here, off by default there. */
const here = ['blob-checks', 'conformance', 'data-sets', 'manifest-checks']

it('README lists every test of the suite, and those that it says are here are', async () => {
  const read = (name: string) => readFile(new URL(name, import.meta.url), 'utf8')
  const rows = (await read('README.md')).split('\n').filter((line) => line.startsWith('| '))
  const theirs = rows.map((row) => row.split(' | ')[0] ?? '').join('\n')
  for (const name of Object.values(suite).flat()) {
    assert.ok(theirs.includes(`\`${name}\``), `README has no row for ${name}`)
  }
  const sources = (await Promise.all(here.map((name) => read(`${name}.ts`)))).join('\n')
  for (const name of [...suite.blobs, ...suite.dataSets, 'bad-digest-image', 'get-missing']) {
    const own = name.replace(/^bad digest |\/.*$|sha(256|512)$/g, '')
    assert.ok(sources.includes(own), `no test here is named ${own}`)
  }
})
