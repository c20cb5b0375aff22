import type { FieldError } from '../../machinery/errors.ts'
import { invalidValue, required } from '../common/field-errors.ts'
import type { ObjectReference } from '../core/object-reference.ts'
import type { BuildSource } from './build-source.ts'
import type { BuildStrategy } from './build-strategy.ts'

/** What Build and BuildConfig share: where the source comes from and what builds it. */

export interface BuildInput {
  source: BuildSource
  strategy: BuildStrategy
}

/** The image that a strategy builds on. */
export function inputReference(strategy: BuildStrategy): ObjectReference | undefined {
  return (strategy.sourceStrategy ?? strategy.dockerStrategy ?? strategy.customStrategy)?.from
}

function sourceType(source: BuildSource): string {
  if (source.git !== undefined) return 'Git'
  if (source.binary !== undefined) return 'Binary'
  if (source.dockerfile !== undefined) return 'Dockerfile'
  return (source.images ?? []).length > 0 ? 'Image' : 'None'
}

function strategyType(strategy: BuildStrategy): string {
  if (strategy.dockerStrategy !== undefined) return 'Docker'
  if (strategy.sourceStrategy !== undefined) return 'Source'
  if (strategy.customStrategy !== undefined) return 'Custom'
  return strategy.jenkinsPipelineStrategy === undefined ? '' : 'JenkinsPipeline'
}

function withKind<T extends { from?: ObjectReference }>(part: T | undefined): T | undefined {
  if (part?.from === undefined || part.from.kind) return part
  return { ...part, from: { ...part.from, kind: 'ImageStreamTag' } }
}

/** Types follow from what is there; a reference without a kind means a tag of a stream. */
export function withStrategyDefaults({ source, strategy }: BuildInput): BuildInput {
  const { sourceStrategy, dockerStrategy, customStrategy } = strategy
  return {
    source: { ...source, type: source.type || sourceType(source) },
    strategy: {
      ...strategy,
      type: strategy.type || strategyType(strategy),
      ...(sourceStrategy === undefined ? {} : { sourceStrategy: withKind(sourceStrategy) }),
      ...(dockerStrategy === undefined ? {} : { dockerStrategy: withKind(dockerStrategy) }),
      ...(customStrategy === undefined ? {} : { customStrategy: withKind(customStrategy) }),
    },
  }
}

export function validateBuildInput({ source, strategy }: BuildInput, field: string): FieldError[] {
  const errors: FieldError[] = []
  if (source.git !== undefined && source.git.uri === '') errors.push(required(`${field}.source.git.uri`))
  if (source.git !== undefined && source.binary !== undefined) {
    errors.push(invalidValue(`${field}.source`, '', 'may not have both git and binary'))
  }
  const { sourceStrategy, dockerStrategy, customStrategy, jenkinsPipelineStrategy } = strategy
  const given = [sourceStrategy, dockerStrategy, customStrategy, jenkinsPipelineStrategy].filter(
    (part) => part,
  )
  if (given.length !== 1) {
    const detail =
      'must provide a value for exactly one of sourceStrategy, customStrategy, dockerStrategy, or jenkinsPipelineStrategy'
    return [...errors, invalidValue(`${field}.strategy`, strategy, detail)]
  }
  for (const [name, part] of [
    ['sourceStrategy', sourceStrategy],
    ['customStrategy', customStrategy],
  ] as const) {
    if (part !== undefined && !part.from.name) errors.push(required(`${field}.strategy.${name}.from.name`))
  }
  return errors
}

/** The From column: `Git@main`, `Dockerfile,Git`, `Binary`. */
export function buildInputText({ source }: BuildInput): string {
  const parts: string[] = []
  if (source.dockerfile !== undefined) parts.push('Dockerfile')
  if (source.git !== undefined) parts.push(source.git.ref ? `Git@${source.git.ref}` : 'Git')
  if (source.binary !== undefined) parts.push('Binary')
  if ((source.images ?? []).length > 0) parts.push('Image')
  return parts.join(',')
}
