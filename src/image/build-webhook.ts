import type { BuildConfig, BuildRequest, EnvVar } from '../api/index.ts'
import { isObject } from '../machinery/decode-schema.ts'

/** What a call of a BuildConfig's webhook asks for (BuildConfig `spec.triggers`). */

export type HookType = 'generic' | 'github' | 'gitlab' | 'bitbucket'

export const hookTypes: readonly HookType[] = ['generic', 'github', 'gitlab', 'bitbucket']

export interface HookTrigger {
  secret?: string
  secretReference?: { name: string }
  allowEnv?: boolean
}

const typeNames: Record<HookType, string> = {
  generic: 'Generic',
  github: 'GitHub',
  gitlab: 'GitLab',
  bitbucket: 'Bitbucket',
}

/** Triggers of that type, each with its own secret. */
export function hookTriggers({ spec }: BuildConfig, type: HookType): HookTrigger[] {
  return (spec.triggers ?? []).flatMap((trigger) => {
    const part = trigger.type === typeNames[type] ? trigger[type] : undefined
    return part === undefined ? [] : [part as HookTrigger]
  })
}

export type HookAnswer =
  | { kind: 'build'; request: BuildRequest }
  /** Nothing to do, and why; not an error. */
  | { kind: 'skip'; why: string }
  | { kind: 'bad'; why: string }

export interface HookCall {
  type: HookType
  /** Value of the header that says what happened, '' where there is none. */
  event: string
  /** The body as JSON; undefined for none, or for what is none. */
  payload: unknown
  allowsEnv: boolean
}

/** Decides on a call whose secret is right. */
export function planHook(config: BuildConfig, call: HookCall): HookAnswer {
  switch (call.type) {
    case 'generic':
      return planGeneric(config, call)
    case 'github':
      return planPush(config, call, 'X-GitHub-Event', ['push'], ['ping'])
    case 'gitlab':
      return planPush(config, call, 'X-Gitlab-Event', ['Push Hook'], ['Tag Push Hook'])
    case 'bitbucket':
      return planPush(
        config,
        call,
        'X-Event-Key',
        ['repo:push', 'repo:refs_changed', 'diagnostics:ping'],
        ['diagnostics:ping'],
      )
  }
}

interface Push {
  /** `refs/heads/main`. */
  ref: string
  defaultBranch?: string
  commit?: { id: string; message: string; author: Person; committer: Person }
}

interface Person {
  name: string
  email: string
}

const git = (config: BuildConfig) => config.spec.source.git

function planPush(
  config: BuildConfig,
  { type, event, payload }: HookCall,
  header: string,
  wanted: readonly string[],
  quiet: readonly string[],
): HookAnswer {
  if (event === '') return { kind: 'bad', why: `missing ${header}` }
  if (quiet.includes(event)) return { kind: 'skip', why: `nothing is built for ${event}` }
  if (!wanted.includes(event)) return { kind: 'bad', why: `Unknown ${header} ${event}` }
  const push = type === 'bitbucket' ? readBitbucket(payload) : readPush(payload)
  if (push === undefined) return { kind: 'bad', why: 'the payload tells of no push' }
  if (git(config) === undefined) return { kind: 'skip', why: 'the build config has no Git source' }
  const expected = git(config)?.ref || push.defaultBranch || 'master'
  if (branchOf(push.ref) !== branchOf(expected)) {
    return {
      kind: 'skip',
      why: `skipping build. Branch reference from "${push.ref}" does not match configuration`,
    }
  }
  return { kind: 'build', request: requestOf(config, type, revisionOf(push)) }
}

function planGeneric(config: BuildConfig, { payload, allowsEnv }: HookCall): HookAnswer {
  const body = isObject(payload) ? payload : {}
  const info = isObject(body.git) ? body.git : undefined
  const ref = text(info?.ref)
  const expected = git(config)?.ref || 'master'
  if (info !== undefined && git(config) !== undefined && ref !== '' && branchOf(ref) !== branchOf(expected)) {
    return {
      kind: 'skip',
      why: `skipping build. Branch reference from "${ref}" does not match configuration`,
    }
  }
  const commit = text(info?.commit)
  const revision =
    commit === ''
      ? undefined
      : revisionOf({
          ref,
          commit: {
            id: commit,
            message: text(info?.message),
            author: person(info?.author),
            committer: person(info?.committer),
          },
        })
  const env = allowsEnv && Array.isArray(body.env) ? body.env.flatMap(toVariable) : []
  const request = requestOf(config, 'generic', revision)
  return { kind: 'build', request: env.length === 0 ? request : { ...request, env } }
}

function toVariable(entry: unknown): EnvVar[] {
  return isObject(entry) && text(entry.name) !== ''
    ? [{ name: text(entry.name), value: text(entry.value) } as EnvVar]
    : []
}

const branchOf = (ref: string) => ref.replace(/^refs\/heads\//, '')
const text = (value: unknown) => (typeof value === 'string' ? value : '')

function person(value: unknown): Person {
  const of = isObject(value) ? value : {}
  return { name: text(of.name), email: text(of.email) }
}

/** GitHub and GitLab tell alike. */
function readPush(payload: unknown): Push | undefined {
  if (!isObject(payload) || text(payload.ref) === '') return undefined
  const head = isObject(payload.head_commit)
    ? payload.head_commit
    : Array.isArray(payload.commits)
      ? payload.commits.findLast(isObject)
      : undefined
  const repository = payload.repository ?? payload.project
  const defaultBranch = isObject(repository) ? text(repository.default_branch) : ''
  return {
    ref: text(payload.ref),
    ...(defaultBranch === '' ? {} : { defaultBranch }),
    ...(isObject(head) && text(head.id) !== ''
      ? {
          commit: {
            id: text(head.id),
            message: text(head.message),
            author: person(head.author),
            committer: person(head.committer ?? head.author),
          },
        }
      : {}),
  }
}

function readBitbucket(payload: unknown): Push | undefined {
  const push = isObject(payload) && isObject(payload.push) ? payload.push : undefined
  const change = Array.isArray(push?.changes) ? push.changes.find(isObject) : undefined
  const next = isObject(change?.new) ? change.new : undefined
  if (next === undefined || text(next.name) === '') return undefined
  const target = isObject(next.target) ? next.target : {}
  const author = isObject(target.author)
    ? { name: text(target.author.raw), email: '' }
    : { name: '', email: '' }
  const id = text(target.hash)
  return {
    ref: `refs/heads/${text(next.name)}`,
    ...(id === '' ? {} : { commit: { id, message: text(target.message), author, committer: author } }),
  }
}

type Revision = NonNullable<BuildRequest['revision']>

function revisionOf({ commit }: Push): Revision | undefined {
  if (commit === undefined) return undefined
  const { id, message, author, committer } = commit
  return { type: 'Git', git: { commit: id, message, author, committer } }
}

/** What is told of the secret to readers of the build. */
const hiddenSecret = '<secret>'

function requestOf(config: BuildConfig, type: HookType, revision: Revision | undefined): BuildRequest {
  const { name = '', namespace = '' } = config.metadata
  const cause = { secret: hiddenSecret, ...(revision === undefined ? {} : { revision }) }
  return {
    kind: 'BuildRequest',
    apiVersion: 'build.openshift.io/v1',
    metadata: { name, namespace },
    ...(revision === undefined ? {} : { revision }),
    triggeredBy: [{ message: `${typeNames[type]} WebHook`, [`${type}WebHook`]: cause }],
  } as BuildRequest
}
