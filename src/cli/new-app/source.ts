import { execFile } from 'node:child_process'
import { readdir } from 'node:fs/promises'
import { resolve } from 'node:path'
import { promisify } from 'node:util'
import { CliError } from '../errors.ts'
import { isRepository } from './classify.ts'

/** Sources to build: where a build gets them, and what they are written in. */
export interface Source {
  /** As given. */
  text: string
  /** Where a build fetches them from; '' when they have to be sent with each build. */
  uri: string
  ref: string
  /** Files at the top; undefined for sources that are elsewhere. */
  files: readonly string[] | undefined
}

/** Fields of a URL may follow it: `https://host/repository#ref`. */
export async function readSource(text: string, cwd: string): Promise<Source> {
  if (isRepository(text)) {
    const [uri = '', ref = ''] = text.split('#')
    return { text, uri, ref, files: undefined }
  }
  const folder = resolve(cwd, text)
  const files = await readdir(folder).catch(() => {
    throw new CliError(`the path ${JSON.stringify(text)} is no folder with sources`)
  })
  return { text, uri: await originOf(folder), ref: '', files }
}

async function originOf(folder: string): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)('git', [
      '-C',
      folder,
      'config',
      '--get',
      'remote.origin.url',
    ])
    return stdout.trim()
  } catch {
    // No git, no repository, or no origin: a build gets the files themselves.
    return ''
  }
}

const signs: readonly (readonly [language: string, files: readonly string[]])[] = [
  ['jee', ['pom.xml']],
  ['nodejs', ['app.json', 'package.json']],
  ['perl', ['cpanfile', 'index.pl']],
  ['php', ['composer.json', 'index.php']],
  ['python', ['requirements.txt', 'setup.py']],
  ['ruby', ['Gemfile', 'Rakefile', 'config.ru']],
  ['scala', ['build.sbt']],
  ['golang', ['Godeps', 'main.go']],
  ['rust', ['Cargo.toml']],
]

/** Throws CliError where it can't be told. */
export function languageOf({ text, files }: Source): string {
  if (files === undefined)
    throw new CliError(
      `the language of ${text} is not known, as its files are elsewhere\n\nSay which image builds it: IMAGE~${text}`,
    )
  const found = signs.find(([, names]) => names.some((name) => files.includes(name)))
  if (found === undefined)
    throw new CliError(
      `the language of ${JSON.stringify(text)} could not be told from its files\n\nSay which image builds it: IMAGE~${text}`,
    )
  return found[0]
}

/** The last part of its path, as a name of objects. */
export function sourceName({ text, uri }: Source): string {
  return (uri || text)
    .replace(/\/+$/, '')
    .replace(/\.git$/, '')
    .replace(/^.*[/:]/, '')
}
