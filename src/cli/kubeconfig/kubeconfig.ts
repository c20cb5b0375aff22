/** The parts of a kubeconfig that are read; others stay in the files untouched. */

export interface Cluster {
  server?: string
  'certificate-authority'?: string
  'certificate-authority-data'?: string
  'insecure-skip-tls-verify'?: boolean
  'tls-server-name'?: string
  'proxy-url'?: string
}

export interface ExecPlugin {
  apiVersion?: string
  command: string
  args?: string[] | null
  env?: { name: string; value: string }[] | null
  installHint?: string
  provideClusterInfo?: boolean
  interactiveMode?: 'Never' | 'IfAvailable' | 'Always'
}

export interface User {
  token?: string
  tokenFile?: string
  'client-certificate'?: string
  'client-certificate-data'?: string
  'client-key'?: string
  'client-key-data'?: string
  username?: string
  password?: string
  as?: string
  'as-uid'?: string
  'as-groups'?: string[]
  'as-user-extra'?: Record<string, string[]>
  exec?: ExecPlugin
}

export interface Context {
  cluster?: string
  user?: string
  namespace?: string
}

export interface Kubeconfig {
  currentContext: string
  clusters: ReadonlyMap<string, Cluster>
  users: ReadonlyMap<string, User>
  contexts: ReadonlyMap<string, Context>
  /** File that an entry stands in, by `clusters/<name>`, `users/<name>`, `contexts/<name>`, `current-context`. */
  origins: ReadonlyMap<string, string>
  /** The files in their order, whether they exist or not. */
  files: readonly string[]
  existing: readonly string[]
  /** Named by --kubeconfig. */
  explicit: boolean
}

/** Where new entries go: the named file, else the first that exists, else the last of the list. */
export function defaultFile(config: Kubeconfig): string {
  if (config.explicit) return config.files[0] as string
  return config.existing[0] ?? (config.files.at(-1) as string)
}
