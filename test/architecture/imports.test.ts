import assert from 'node:assert/strict'
import { globSync, readFileSync } from 'node:fs'
import { dirname, join, normalize, relative, sep } from 'node:path'
import { describe, it } from 'node:test'

/** The drawing of docs/flow.md: a folder may import folders of the rows above its own, and itself. */
const rows: readonly (readonly string[])[] = [
  ['machinery', 'oci'],
  ['api'],
  ['image', 'access', 'scratch'],
  ['store', 'blobs', 'upstream', 'client'],
  ['resources', 'identity'],
  ['importer', 'builder'],
  ['apiserver', 'registry', 'controllers', 'kube'],
  ['server'],
]
/** Clients: they see the client and the pure folders only. */
const clients = ['cli']
const pure = ['machinery', 'oci', 'api', 'image', 'access']
const root = join(import.meta.dirname, '..', '..', 'src')

function mayImport(from: string, to: string): boolean {
  if (from === to) return true
  if (clients.includes(from)) return to === 'client' || pure.includes(to)
  const rowOf = (folder: string) => rows.findIndex((row) => row.includes(folder))
  return rowOf(to) !== -1 && rowOf(to) < rowOf(from)
}

const importLine =
  /^\s*(?:import|export)\b[^'"]*?from\s*['"]([^'"]+)['"]|^\s*import\s*['"]([^'"]+)['"]|\bimport\(\s*['"]([^'"]+)['"]\s*\)/gm

function importsOf(file: string): { specifier: string; typeOnly: boolean }[] {
  const text = readFileSync(file, 'utf8')
  return [...text.matchAll(importLine)].map((match) => ({
    specifier: (match[1] ?? match[2] ?? match[3]) as string,
    typeOnly: /^\s*(import|export)\s+type\b/.test(match[0]),
  }))
}

const folderOf = (file: string) => {
  const [folder = '', ...rest] = relative(root, file).split(sep)
  return rest.length === 0 ? '' : folder
}
const files = globSync('**/*.ts', { cwd: root }).map((file) => join(root, file))
const isTest = (file: string) => file.endsWith('.test.ts') || file.includes('contract')

describe('imports', () => {
  it('finds the source', () => assert(files.length > 100))

  it('point one way', () => {
    const wrong: string[] = []
    for (const file of files) {
      const from = folderOf(file)
      if (from === '') continue
      for (const { specifier } of importsOf(file)) {
        if (!specifier.startsWith('.')) continue
        const to = folderOf(normalize(join(dirname(file), specifier)))
        const isRoot = to === '' || to.startsWith('..')
        if (isRoot ? !isTest(file) : !mayImport(from, to))
          wrong.push(`${relative(root, file)} imports ${specifier}`)
      }
    }
    assert.deepEqual(wrong, [])
  })

  it('of the pure folders leave Node out', () => {
    const wrong: string[] = []
    for (const file of files) {
      if (!pure.includes(folderOf(file)) || isTest(file)) continue
      for (const { specifier, typeOnly } of importsOf(file)) {
        if (specifier.startsWith('node:') && !typeOnly)
          wrong.push(`${relative(root, file)} imports ${specifier}`)
      }
    }
    assert.deepEqual(wrong, [])
  })
})
