import { stat } from 'node:fs/promises'
import { resolve } from 'node:path'

/** What the words of the command line are (cli.md §18.1). */

export interface Component {
  /** '' when the sources have to say it. */
  image: string
  source?: string
}

export interface Words {
  env: string[]
  /** Sources without an image beside them. */
  sources: string[]
  /** Components of one group share their pods. */
  groups: Component[][]
}

const repository = /^(?:(?:https?|ssh|git|file):\/\/|[\w.-]+@[\w.-]+:)/

export function isRepository(text: string): boolean {
  return repository.test(text)
}

async function isFolder(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined))?.isDirectory() === true
}

function toComponent(text: string): Component {
  const at = text.indexOf('~')
  return at === -1 ? { image: text } : { image: text.slice(0, at), source: text.slice(at + 1) }
}

export async function classifyWords(words: readonly string[], cwd: string): Promise<Words> {
  const found: Words = { env: [], sources: [], groups: [] }
  for (const word of words) {
    if (/^[A-Za-z_][\w.-]*=/.test(word)) found.env.push(word)
    else if (isRepository(word) || (await isFolder(resolve(cwd, word)))) found.sources.push(word)
    else found.groups.push(word.includes('~') ? [toComponent(word)] : word.split('+').map(toComponent))
  }
  return found
}
