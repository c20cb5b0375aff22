import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { type Component, classifyWords } from './classify.ts'
import { findBuilder, findImage, type Where } from './find-image.ts'
import { imageBaseName, inputTag, type Part } from './generate.ts'
import { isBuilder, type Match } from './match.ts'
import { languageOf, readSource, type Source, sourceName } from './source.ts'

/** A part, and the word that it was found for. */
export interface PlannedPart {
  part: Part
  term: string
}

export interface PartsPlan {
  groups: PlannedPart[][]
  env: string[]
}

interface Wanted extends Component {
  where: Where
}

async function wantedGroups(
  context: CommandContext,
): Promise<{ groups: Wanted[][]; sources: string[]; env: string[] }> {
  const { args, flags, io } = context
  const words = await classifyWords(args, io.cwd)
  const streams = flags.list('image-stream').map((image): Wanted[] => [{ image, where: 'streams' }])
  const images = [...flags.list('image'), ...flags.list('docker-image')].map((image): Wanted[] => [
    { image, where: 'registries' },
  ])
  const named = words.groups.map((group) => group.map((one): Wanted => ({ ...one, where: 'anywhere' })))
  return {
    groups: [...streams, ...images, ...named],
    sources: [...words.sources, ...flags.list('code')],
    env: [...words.env, ...flags.list('env')],
  }
}

/** Sources belong to the images in their order; one that is left over is built by what its language asks for. */
function pairUp(groups: Wanted[][], sources: readonly string[]): Wanted[][] {
  const left = [...sources]
  const paired = groups.map((group) =>
    group.map((one): Wanted => {
      const source = one.source ?? left.shift()
      return source === undefined ? one : { ...one, source }
    }),
  )
  return [...paired, ...left.map((source): Wanted[] => [{ image: '', source, where: 'anywhere' }])]
}

/** The first of a group lends it its name. */
async function toPart(context: CommandContext, wanted: Wanted, isFirst: boolean): Promise<PlannedPart> {
  const { flags, io } = context
  const source = wanted.source === undefined ? undefined : await readSource(wanted.source, io.cwd)
  const term = wanted.image || (source === undefined ? '' : languageOf(source))
  const match =
    wanted.image === ''
      ? await findBuilder(context, term)
      : await findImage(context, wanted.image, wanted.where)
  checkBuilder(context, match, term, source)
  const own = source === undefined ? nameOf(match) : toName(sourceName(source))
  const name = (isFirst && flags.string('name')) || own
  const part: Part = { name, match, ...(source === undefined ? {} : { source }) }
  await checkOutput(context, part)
  return { part, term }
}

function nameOf(match: Match): string {
  return toName(match.kind === 'stream' ? match.stream : imageBaseName(match.reference))
}

function toName(text: string): string {
  return text
    .toLowerCase()
    .replace(/[^a-z0-9-]+/g, '-')
    .replace(/^-+|-+$/g, '')
    .slice(0, 58)
}

function checkBuilder(
  { flags }: CommandContext,
  match: Match,
  term: string,
  source: Source | undefined,
): void {
  if (source === undefined || isBuilder(match) || flags.string('strategy') === 'docker') return
  if (source.files?.includes('Dockerfile')) return
  throw new CliError(
    `the image match ${JSON.stringify(term)} for source repository ${JSON.stringify(source.text)} is not appropriate for a source-to-image build.\n\nTo use it as the base of a Dockerfile's build, pass --strategy=docker.`,
  )
}

/** A build that fills the tag that it starts from would never end. */
async function checkOutput({ session }: CommandContext, part: Part): Promise<void> {
  if (part.source === undefined) return
  const { name, namespace } = inputTag(part)
  if (
    name === `${part.name}:latest` &&
    (namespace === undefined || namespace === (await session.namespace()))
  )
    throw new CliError(
      `the build would push to ${JSON.stringify(name)}, the tag that it builds on\n\nGive the application another name with --name.`,
    )
}

/** Throws CliError when nothing is asked for, or a word means no image. */
export async function planParts(context: CommandContext): Promise<PartsPlan> {
  const { groups, sources, env } = await wantedGroups(context)
  const paired = pairUp(groups, sources)
  if (paired.length === 0) throw nothingAsked(context)
  if (context.flags.string('name') !== '' && paired.length > 1)
    throw new CliError('only one component may be given with --name')
  const planned: PlannedPart[][] = []
  for (const group of paired) {
    const parts: PlannedPart[] = []
    for (const wanted of group) parts.push(await toPart(context, wanted, parts.length === 0))
    planned.push(parts)
  }
  return { groups: planned, env }
}

function nothingAsked({ path }: CommandContext): CliError {
  return new CliError(
    `You must specify one or more images, image streams, or source code locations to create an application.\n\nTo see what is there, run '${path} -L' or '${path} -S TERM'.`,
  )
}
