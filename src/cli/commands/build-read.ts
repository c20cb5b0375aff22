import { setTimeout as sleep } from 'node:timers/promises'
import type { Build } from '../../api/index.ts'
import { type Rest, resourcePath } from '../../client/index.ts'
import type { ListMeta } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { CliError } from '../errors.ts'
import { visible } from '../io.ts'
import { builtin } from './create-one.ts'

/** What the commands about builds share. */

export const builds = builtin('build.openshift.io', 'v1', 'builds', 'Build')
export const buildConfigs = builtin('build.openshift.io', 'v1', 'buildconfigs', 'BuildConfig')

const numberKey = 'openshift.io/build.number'

/** `bc/app` and `app` mean the build config, `build/app-1` the build. */
export async function parseBuildArgument(
  { session }: CommandContext,
  text: string,
  bare: 'builds' | 'buildconfigs',
): Promise<{ plural: string; name: string }> {
  const slash = text.indexOf('/')
  if (slash === -1) return { plural: bare, name: text }
  const { plural } = await session.resource(text.slice(0, slash))
  return { plural, name: text.slice(slash + 1) }
}

/** Builds of a build config, the newest first. */
export async function buildsOf(rest: Rest, namespace: string, config: string): Promise<Build[]> {
  const { items } = await rest.json<{ metadata?: ListMeta; items?: Build[] | null }>({
    method: 'GET',
    path: resourcePath(builds, namespace),
    query: { labelSelector: `openshift.io/build-config.name=${config}` },
  })
  const number = ({ metadata }: Build) => Number(metadata.annotations?.[numberKey] ?? 0)
  return (items ?? []).toSorted((a, b) => number(b) - number(a))
}

export interface LogOptions {
  follow: boolean
  tailLines?: number
  limitBytes?: number
}

/** Writes the log of a build as it comes. */
export async function printBuildLog(
  { io, session }: CommandContext,
  namespace: string,
  name: string,
  options: LogOptions,
): Promise<void> {
  const rest = await session.rest()
  const { follow, tailLines, limitBytes } = options
  const { body } = await rest.stream({
    method: 'GET',
    path: `${resourcePath(builds, namespace, name)}/log`,
    query: { follow: follow ? true : undefined, tailLines, limitBytes },
    accept: 'text/plain, */*',
    signal: io.signal,
  })
  const decoder = new TextDecoder()
  try {
    for await (const chunk of body)
      io.stdout.write(visible(decoder.decode(chunk as Buffer, { stream: true })))
  } catch (error) {
    if (!io.signal.aborted) throw error
  }
}

const over = new Set(['Complete', 'Failed', 'Error', 'Cancelled'])
/** Milliseconds between looks. */
const pollEvery = 500

/** Resolves once the build is over; CliError unless it is complete. */
export async function waitForBuild(
  { io, session }: CommandContext,
  namespace: string,
  name: string,
  wanted: ReadonlySet<string> = new Set(['Complete']),
): Promise<void> {
  const rest = await session.rest()
  for (;;) {
    const { status } = await rest.json<Build>({ method: 'GET', path: resourcePath(builds, namespace, name) })
    if (wanted.has(status.phase)) return
    if (over.has(status.phase))
      throw new CliError(`the build ${namespace}/${name} status is "${status.phase}"`)
    await sleep(pollEvery, undefined, { signal: io.signal })
  }
}
