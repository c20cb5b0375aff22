import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

/** In which of its parts a run differs from its recording, in the form that the recordings' own comparison makes. */

type Places = [found: string, recorded: string][]
type Normal = (dir: string, file: string, command: string, places: Places) => string

export interface PartComparer {
  /** `rc`, `stdout`, `stderr`, `headers:<name>`, `headers:status`. */
  differingParts(name: string): string[]
  /** A part of both sides, as it is compared. */
  read(name: string, part: string): { expected: string; actual: string }
}

const recorded: Readonly<Record<string, string>> = {
  API: 'https://127.0.0.1:16443',
  R: '127.0.0.1:15000',
  X: '127.0.0.1:15100',
  PRIVATE: '127.0.0.1:15101',
  CERTS: '$CERTS',
  CONF: '$CONF',
  GOLDEN: '$GOLDEN',
  RUN: '$RUN',
}
const files = ['rc', 'headers', 'stdout', 'image.openshift.io.json', 'stderr'] as const
const ownProxy: Places = [['127.0.0.1:16444', '127.0.0.1:16443']]

const readText = (path: string) => (existsSync(path) ? readFileSync(path, 'utf8') : '')

export async function createPartComparer(golden: string, out: string): Promise<PartComparer> {
  const { normal } = (await import(join(golden, 'normal.mjs'))) as { normal: Normal }
  const environment = new Map(
    readText(join(out, 'environment'))
      .split('\n')
      .map((line): [string, string] => {
        const at = line.indexOf('=')
        return [line.slice(0, at), line.slice(at + 1)]
      }),
  )
  const here = Object.entries(recorded).flatMap(([name, place]): Places => {
    const found = environment.get(name)
    return found ? [[found, place]] : []
  })
  const part = (dir: string, file: string, places: Places) =>
    existsSync(join(dir, file)) ? normal(dir, file, readText(join(dir, 'cmd')), places) : ''

  function read(name: string, file: string) {
    return {
      expected: part(join(golden, 'transcripts', name), file, ownProxy),
      actual: part(join(out, name), file, [...here, ...ownProxy]),
    }
  }
  return {
    read,
    differingParts(name) {
      // Of OpenAPI version 2 an extract is kept, and compared in the place of the whole.
      const extract = existsSync(join(golden, 'transcripts', name, 'image.openshift.io.json'))
      return files.flatMap((file) => {
        if (file === 'stdout' && extract) return []
        const { expected, actual } = read(name, file)
        if (expected === actual) return []
        return file === 'headers' ? differingHeaders(expected, actual) : [file]
      })
    },
  }
}

function differingHeaders(expected: string, actual: string): string[] {
  const [a, b] = [readHeaders(expected), readHeaders(actual)]
  const names = new Set([...a.keys(), ...b.keys()])
  return [...names].filter((name) => a.get(name) !== b.get(name)).map((name) => `headers:${name}`)
}

function readHeaders(text: string): Map<string, string> {
  const [status = '', ...fields] = text.split('\n')
  return new Map([
    ['status', status],
    ...fields.map((line): [string, string] => {
      const at = line.indexOf(': ')
      return [line.slice(0, at), line.slice(at + 2)]
    }),
  ])
}
