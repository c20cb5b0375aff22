import { readFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { ImageReference } from '../../oci/index.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { readAll } from '../io.ts'
import { completeImage, formatImage, parseImage } from '../registry/open.ts'
import { parseTagPattern, type TagPattern } from '../registry/tag-pattern.ts'

/** What `image mirror` is told to copy where (cli.md §16.2). */
export interface Mapping extends TagPattern {
  destinations: ImageReference[]
}

function parseLine(words: readonly string[]): Mapping {
  const [source = '', ...rest] = words.length === 1 ? (words[0] as string).split('=') : words
  if (rest.length === 0)
    throw new CliError(
      'all arguments must be valid SRC=DST mappings, or you must specify one SRC argument and one or more DST arguments',
    )
  const mapping: Mapping = { ...parseTagPattern(source), destinations: rest.map(parseImage) }
  for (const [i, destination] of mapping.destinations.entries()) {
    if (rest[i] === source) throw new CliError('SRC and DST may not be the same')
    if (destination.id !== '')
      throw new CliError('you must specify a tag for DST or leave it blank to only push by digest')
    if (mapping.pattern !== undefined && destination.tag !== '')
      throw new CliError('when source contains wildcards, the destination must be a repository')
  }
  return mapping
}

export async function readMappings({ args, flags, io }: CommandContext): Promise<Mapping[]> {
  const mappings: Mapping[] = []
  for (const file of flags.list('filename')) {
    const text = file === '-' ? await readAll(io.stdin) : await readFile(resolve(io.cwd, file), 'utf8')
    for (const raw of text.split('\n')) {
      const line = raw.trim()
      if (line !== '' && !line.startsWith('#')) mappings.push(parseLine(line.split(/\s+/)))
    }
  }
  const pairs = args.filter((arg) => arg.includes('='))
  if (pairs.length > 0 && pairs.length < args.length)
    throw new CliError(
      'all arguments must be valid SRC=DST mappings, or you must specify one SRC argument and one or more DST arguments',
    )
  if (pairs.length > 0) mappings.push(...pairs.map((pair) => parseLine([pair])))
  else if (args.length > 0) mappings.push(parseLine(args))
  if (mappings.length === 0) {
    throw new CliError(
      'you must specify at least one source image to pull and the destination to push to as SRC=DST or SRC DST [DST2 DST3 ...]',
    )
  }
  checkOnce(mappings)
  return mappings
}

function checkOnce(mappings: readonly Mapping[]): void {
  const seen = new Set<string>()
  for (const { destinations } of mappings) {
    for (const destination of destinations) {
      const text = formatImage(completeImage(destination))
      const { tag } = destination
      if (tag !== '' && seen.has(text))
        throw new CliError(`each destination tag may only be specified once: ${text}`)
      seen.add(text)
    }
  }
}
