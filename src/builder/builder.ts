import type { Build } from '../api/index.ts'
import type { BuildLogWriter } from './build-log.ts'
import type { GitCommit } from './git-source.ts'

/** Whoever runs builds: the one thing that the controller knows of it. */
export interface Builder {
  /** Whether builds can run here, and why not. Looks at most once a minute. */
  available(): Promise<Availability>
  /** Runs the build to its end; an abort of the signal ends every process of it. Never rejects for what the build does. */
  run(job: BuildJob, log: BuildLogWriter, signal: AbortSignal): Promise<BuildOutcome>
}

export type Availability = { kind: 'available'; version: string } | { kind: 'unavailable'; why: string }

/** Files by name, as a Secret or a ConfigMap holds them. */
export type Files = ReadonlyMap<string, Uint8Array>

export interface BuildJob {
  build: Build
  /** What the last FROM of the Dockerfile is to be; undefined leaves it as it is written. */
  base?: string
  /** Where the result goes: `host/namespace/name:tag`; undefined leaves it nowhere. */
  output?: string
  /** Credentials by registry, as an `auth.json` has them. */
  pullAuth: RegistryAuth
  pushAuth: RegistryAuth
  /** Variables and arguments with what their references resolved to. */
  env: readonly Variable[]
  buildArgs: readonly Variable[]
  /** Of `source.sourceSecret`. */
  sourceSecret?: Files
  /** Folders of the context that are filled from Secrets and ConfigMaps, by their path in it. */
  inputs: readonly { folder: string; files: Files }[]
  /** Images that give files: the reference to pull, and what is copied. */
  images: readonly ImageInput[]
  /** File that holds the upload of a binary build. */
  upload?: string
  /** Texts that must not stand in the log. */
  secrets: readonly string[]
}

export interface Variable {
  name: string
  value: string
  /** Comes from a Secret: it stands in no argument of a process where that can be helped. */
  isSecret?: boolean
}

export interface ImageInput {
  image: string
  names: readonly string[]
  paths: readonly { sourcePath: string; destinationDir: string }[]
}

export type RegistryAuth = Readonly<Record<string, { auth: string }>>

/** Names as the API has them for the stages of a build. */
export type StageName = 'FetchInputs' | 'PullImages' | 'Build' | 'PostCommit' | 'PushImage'

export interface Stage {
  name: StageName
  /** RFC 3339. */
  startTime: string
  durationMilliseconds: number
}

export type BuildOutcome = { stages: readonly Stage[]; commit?: GitCommit } & (
  | { kind: 'complete'; digest?: string }
  | { kind: 'failed'; reason: string; message: string }
)

/** Where builds are not to run. */
export function createNoBuilder(why: string): Builder {
  return {
    available: async () => ({ kind: 'unavailable', why }),
    run: () => Promise.reject(new Error(why)),
  }
}
