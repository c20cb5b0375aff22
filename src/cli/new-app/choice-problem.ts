import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { type Choice, type Match, matchName } from './match.ts'

/** What is said when a word means no image, or several (cli.md §18.2). */

const shown = 5

export function choiceProblem(
  { path, program }: CommandContext,
  term: string,
  choice: Exclude<Choice, { kind: 'match' }>,
): CliError {
  const name = JSON.stringify(term)
  switch (choice.kind) {
    case 'none':
      return new CliError(nothingFound(path, term))
    case 'noTags': {
      const { match } = choice
      const stream = match.kind === 'stream' ? `${match.namespace}/${match.stream}` : term
      return new CliError(
        `no tags found on matching image stream: ${JSON.stringify(stream)}\n\nThe image stream ${JSON.stringify(stream)} exists, but it has no tags.\n\nUse --allow-missing-imagestream-tags to go on all the same.`,
      )
    }
    case 'partial':
      return new CliError(
        `only a partial match was found for ${name}: ${JSON.stringify(matchName(choice.match))}\n\nThe argument ${name} only partially matched the following container image, OpenShift image stream, or template:\n\n${bullets([choice.match])}`,
      )
    case 'several': {
      const more =
        choice.matches.length > shown ? `\nTo see all of them, run '${program} new-app -S ${term}'.\n` : ''
      return new CliError(
        `multiple images or templates matched ${name}\n\nThe argument ${name} could apply to the following container images, OpenShift image streams, or templates:\n\n${bullets(choice.matches.slice(0, shown))}${more}`,
      )
    }
  }
}

function bullets(matches: readonly Match[]): string {
  return matches
    .map((match) =>
      match.kind === 'stream'
        ? `* Image stream ${JSON.stringify(match.stream)} (tag ${JSON.stringify(match.tag)}) in project ${JSON.stringify(match.namespace)}\n  Use --image-stream=${JSON.stringify(matchName(match))} to specify this image or template\n`
        : `* Container image ${JSON.stringify(match.reference)}\n  Use --image=${JSON.stringify(match.reference)} to specify this image or template\n`,
    )
    .join('\n')
}

function nothingFound(path: string, term: string): string {
  const templates = path.endsWith('new-app')
    ? 'templates loaded in accessible projects, template files, '
    : ''
  return `unable to locate any images in image streams, ${templates}local docker images with name ${JSON.stringify(term)}

Argument '${term}' was classified as an image, image~source, or loaded template reference.

The '${path}' command will match arguments to the following types:

  1. Tags of image streams in the current project or the 'openshift' project
     - 'latest' is meant where no tag is given
  2. Images in registries
  3. Git repositories, by URL or by the path of a local one

See '${path} -h' for examples.`
}
