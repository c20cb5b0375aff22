import { readFile } from 'node:fs/promises'
import { isIP } from 'node:net'
import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import Type, { type Static } from 'typebox'
import { Value } from 'typebox/value'
import { parse as parseYaml } from 'yaml'
import type { FairnessSettings } from '../apiserver/fairness.ts'
import type { ImagePolicy } from '../image/index.ts'
import { type ImportSettings, importSettingsSchema, readImportSettings } from '../importer/index.ts'
import type { Kind } from '../machinery/kind.ts'
import { type AuditSettings, auditSchema, toAuditSettings } from './audit-config.ts'
import { type BuildsSettings, buildsSchema, toBuildsSettings } from './builds-config.ts'
import { fairnessSchema, toFairnessSettings } from './fairness-config.ts'
import { type GarbageSettings, garbageSchema, toGarbageSettings } from './garbage-config.ts'
import { type HistorySettings, historySchema } from './history-config.ts'
import { type IdentitySettings, identitySchema, toIdentitySettings } from './identity-config.ts'
import { imageAdmissionSchema, readImagePolicy } from './image-policy-config.ts'
import {
  type NotificationSettings,
  notificationSchema,
  readNotificationSettings,
} from './notification-config.ts'
import { type RegistrySettings, registrySwitches, toRegistrySettings } from './registry-config.ts'
import { StartError } from './start-error.ts'
import { findTriggerKinds } from './trigger-kinds.ts'

/** What `--config FILE` may hold; every flag of `weir start` has its key here, and a flag wins over the file. */
const fileSchema = Type.Object(
  {
    dataDir: Type.Optional(Type.String({ minLength: 1 })),
    listen: Type.Optional(Type.String({ minLength: 1 })),
    registryListen: Type.Optional(Type.String({ minLength: 1 })),
    tokenAuthFile: Type.Optional(Type.String({ minLength: 1 })),
    importCA: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
    importInterval: Type.Optional(Type.String({ minLength: 1 })),
    import: Type.Optional(importSettingsSchema),
    imagePolicy: Type.Optional(
      Type.Object(
        {
          internalRegistryHostname: Type.Optional(Type.String()),
          externalRegistryHostnames: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
          serviceRegistryHostnames: Type.Optional(Type.Array(Type.String({ minLength: 1 }))),
          allowedRegistriesForImport: Type.Optional(
            Type.Array(
              Type.Object(
                { domainName: Type.String({ minLength: 1 }), insecure: Type.Optional(Type.Boolean()) },
                { additionalProperties: false },
              ),
            ),
          ),
          maxImagesBulkImportedPerRepository: Type.Optional(Type.Integer({ minimum: -1 })),
          imageStreamImportMode: Type.Optional(
            Type.Union([Type.Literal('Legacy'), Type.Literal('PreserveOriginal')]),
          ),
          ...imageAdmissionSchema,
        },
        { additionalProperties: false },
      ),
    ),
    triggers: Type.Optional(
      Type.Object(
        { kinds: Type.Optional(Type.Array(Type.String({ minLength: 1 }))) },
        { additionalProperties: false },
      ),
    ),
    history: Type.Optional(historySchema),
    notifications: Type.Optional(notificationSchema),
    identity: Type.Optional(identitySchema),
    audit: Type.Optional(auditSchema),
    fairness: Type.Optional(fairnessSchema),
    garbageCollection: Type.Optional(garbageSchema),
    registry: Type.Optional(
      Type.Object(
        {
          manifestVisibility: Type.Optional(Type.Union([Type.Literal('repository'), Type.Literal('stream')])),
          ...registrySwitches,
        },
        { additionalProperties: false },
      ),
    ),
    builds: Type.Optional(buildsSchema),
    log: Type.Optional(
      Type.Object(
        {
          level: Type.Optional(
            Type.Union([
              Type.Literal('error'),
              Type.Literal('warn'),
              Type.Literal('info'),
              Type.Literal('debug'),
              Type.Literal('trace'),
            ]),
          ),
        },
        { additionalProperties: false },
      ),
    ),
  },
  { additionalProperties: false },
)

export type ConfigFile = Static<typeof fileSchema>

export interface Address {
  host: string
  /** 0 lets the system choose. */
  port: number
}

export interface Config {
  dataDir: string
  listen: Address
  registryListen: Address
  tokenAuthFile?: string
  importCAs: readonly string[]
  /** Milliseconds. */
  importInterval: number
  import: ImportSettings
  imagePolicy: {
    /** '' for the registry's own address. */
    internalRegistryHostname: string
    externalRegistryHostnames: readonly string[]
    /** More names that workloads reach the registry by; in their pull secrets only. */
    serviceRegistryHostnames: readonly string[]
    allowedRegistriesForImport: readonly { domainName: string; insecure?: boolean }[]
    maxImagesBulkImportedPerRepository: number
    imageStreamImportMode: 'Legacy' | 'PreserveOriginal'
    /** What image names in workloads mean, and what may run. */
    workloads: ImagePolicy
  }
  /** Kinds that follow tags beside those that always do. */
  triggerKinds: readonly Kind[]
  history: HistorySettings
  notifications: NotificationSettings
  identity: IdentitySettings
  garbageCollection: GarbageSettings
  manifestVisibility: 'repository' | 'stream'
  registry: RegistrySettings
  /** Absent: nothing is written down. */
  audit?: AuditSettings
  fairness: FairnessSettings
  builds: BuildsSettings
  logLevel: string
}

export interface StartFlags {
  dataDir?: string
  listen?: string
  registryListen?: string
  tokenAuthFile?: string
  importCa?: string[]
  importInterval?: string
  config?: string
}

/** Flags over file over defaults. StartError says in one line what is wrong and where. */
export async function loadConfig(
  flags: StartFlags,
  env: Readonly<Record<string, string | undefined>>,
): Promise<Config> {
  const file = flags.config === undefined ? {} : await readConfigFile(flags.config)
  const policy = file.imagePolicy ?? {}
  const tokenAuthFile = flags.tokenAuthFile ?? file.tokenAuthFile
  const audit = toAuditSettings(file.audit)
  return {
    dataDir: resolve(flags.dataDir ?? file.dataDir ?? defaultDataDir(env)),
    listen: parseAddress(flags.listen ?? file.listen ?? '127.0.0.1:8443', '--listen'),
    registryListen: parseAddress(
      flags.registryListen ?? file.registryListen ?? '127.0.0.1:5000',
      '--registry-listen',
    ),
    ...(tokenAuthFile === undefined ? {} : { tokenAuthFile: resolve(tokenAuthFile) }),
    importCAs: (flags.importCa ?? file.importCA ?? []).map((path) => resolve(path)),
    importInterval: parseDuration(flags.importInterval ?? file.importInterval ?? '15m', '--import-interval'),
    import: readImport(file),
    imagePolicy: {
      internalRegistryHostname: policy.internalRegistryHostname ?? '',
      externalRegistryHostnames: policy.externalRegistryHostnames ?? [],
      serviceRegistryHostnames: policy.serviceRegistryHostnames ?? [],
      allowedRegistriesForImport: policy.allowedRegistriesForImport ?? [],
      maxImagesBulkImportedPerRepository: policy.maxImagesBulkImportedPerRepository || 50,
      imageStreamImportMode: policy.imageStreamImportMode ?? 'Legacy',
      workloads: readWorkloads(policy),
    },
    triggerKinds: readTriggerKinds(file),
    history: {
      records: file.history?.records ?? true,
      keepEvents: file.history?.keepEvents ?? 500,
      keepFor: parseDuration(file.history?.keepFor ?? '8760h', 'history.keepFor'),
    },
    notifications: readNotifications(file),
    identity: toIdentitySettings(file.identity),
    garbageCollection: toGarbageSettings(file.garbageCollection, parseDuration),
    manifestVisibility: file.registry?.manifestVisibility ?? 'repository',
    registry: toRegistrySettings(file.registry),
    ...(audit === undefined ? {} : { audit }),
    fairness: toFairnessSettings(file.fairness),
    builds: toBuildsSettings(file.builds, parseDuration),
    logLevel: file.log?.level ?? 'info',
  }
}

function readWorkloads(file: NonNullable<ConfigFile['imagePolicy']>): ImagePolicy {
  const policy = readImagePolicy(file)
  if (typeof policy === 'string') throw new StartError(`the config file is wrong at ${policy}`)
  return policy
}

function readTriggerKinds(file: ConfigFile): Kind[] {
  const kinds = findTriggerKinds(file.triggers?.kinds ?? [])
  if (typeof kinds === 'string') throw new StartError(`the config file is wrong at ${kinds}`)
  return kinds
}

function readNotifications(file: ConfigFile): NotificationSettings {
  const settings = readNotificationSettings(file.notifications)
  if (typeof settings === 'string') throw new StartError(`the config file is wrong at ${settings}`)
  return settings
}

function readImport(file: ConfigFile): ImportSettings {
  const settings = readImportSettings(file.import ?? {})
  if (typeof settings === 'string') throw new StartError(settings)
  return settings
}

/** For commands that need no more of the configuration. */
export function dataDirOf(
  flags: { string(name: string): string; changed(name: string): boolean },
  env: Readonly<Record<string, string | undefined>>,
): string {
  return resolve(flags.changed('data-dir') ? flags.string('data-dir') : defaultDataDir(env))
}

function defaultDataDir(env: Readonly<Record<string, string | undefined>>): string {
  if (env.WEIR_DATA_DIR) return env.WEIR_DATA_DIR
  return join(env.XDG_DATA_HOME || join(env.HOME || homedir(), '.local', 'share'), 'weir')
}

async function readConfigFile(path: string): Promise<ConfigFile> {
  let text: string
  try {
    text = await readFile(path, 'utf8')
  } catch (error) {
    throw new StartError(`cannot read the config file ${path}: ${(error as Error).message}`)
  }
  let parsed: unknown
  try {
    parsed = parseYaml(text) ?? {}
  } catch (error) {
    throw new StartError(`the config file ${path} is not YAML: ${(error as Error).message.split('\n')[0]}`)
  }
  // An unknown key is reported twice; the second report names it.
  const problem = Value.Errors(fileSchema, parsed).find(({ keyword }) => keyword !== 'boolean')
  if (problem === undefined) return parsed as ConfigFile
  throw new StartError(`the config file ${path} is wrong at ${describeProblem(problem)}`)
}

function describeProblem(problem: { instancePath: string; message: string; params?: unknown }): string {
  const at = problem.instancePath === '' ? 'the top' : problem.instancePath.slice(1).replaceAll('/', '.')
  const extra = (problem.params as { additionalProperties?: string[] } | undefined)?.additionalProperties
  return extra === undefined ? `${at}: ${problem.message}` : `${at}: unknown key ${extra.join(', ')}`
}

/** `host:port`, `[v6]:port` or `:port` (every address). */
export function parseAddress(text: string, flag: string): Address {
  const match = /^(?:\[([^\]]+)\]|([^:]*)):(\d{1,5})$/.exec(text)
  const port = Number(match?.[3])
  if (match === null || port > 65535) {
    throw new StartError(`${flag} ${text} is not an address: write HOST:PORT, e.g. 127.0.0.1:8443`)
  }
  return { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** Go's form: `90s`, `15m`, `1h30m`. */
export function parseDuration(text: string, flag: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h)/g)]
  if (parts.length === 0 || parts.map((part) => part[0]).join('') !== text) {
    throw new StartError(`${flag} ${text} is not a duration: write e.g. 30s, 15m or 1h30m`)
  }
  return parts.reduce((sum, part) => sum + Number(part[1]) * (units[part[2] as string] as number), 0)
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** For a URL or a kubeconfig: an address that clients on this machine can reach. */
export function reachable({ host, port }: Address): string {
  const shown = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  return shown.includes(':') ? `[${shown}]:${port}` : `${shown}:${port}`
}
