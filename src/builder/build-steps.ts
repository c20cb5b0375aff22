import type { BuildLogWriter } from './build-log.ts'
import type { BuildJob, RegistryAuth } from './builder.ts'
import type { Network, Sandbox } from './sandbox.ts'

export interface BuilderSettings {
  /** What RUN steps reach. */
  network: Network
  /** `host[:port]` of registries that speak HTTP, or whose certificates nobody vouches for. */
  insecureRegistries: readonly string[]
  /** PEM texts that are trusted besides the system's. */
  extraCAs: readonly string[]
  /** Folders whose repositories may be cloned by `file://`. */
  localSources: readonly string[]
  /** Rejects where that host may not be contacted. */
  checkHost(host: string): Promise<void>
  storageDriver: 'overlay' | 'vfs'
  /** Variables that lead programs on the machine's network through a proxy. */
  proxyEnv: Readonly<Record<string, string>>
}

/** One build under way. */
export interface Running {
  job: BuildJob
  sandbox: Sandbox
  settings: BuilderSettings
  log: BuildLogWriter
  signal: AbortSignal
}

export interface StepOptions {
  env?: Readonly<Record<string, string>>
  /** Files that the step finds in `/run`, and nobody after it. */
  files?: Readonly<Record<string, string>>
  auth?: RegistryAuth
  stdin?: string
  network?: Network
  /** Programs of the build itself run in it: they are told of no proxy. */
  runsSteps?: boolean
  shown?: readonly string[]
  /** Most bytes of stdout to keep; absent: it goes to the log. */
  capture?: number
}

/** Configuration is written anew for each step: what ran before it, the build's own programs too, can't have changed it. */
const prelude = `set -e
for name in $STEP_FILES; do
  eval "printf %s \\"\\$STEP_FILE_$name\\"" > "/run/$(echo "$name" | tr _ .)"
  unset "STEP_FILE_$name"
done
unset STEP_FILES
`

/** Runs `script` with `$1`…; the exit code, undefined when it was killed. */
export async function runStep(
  { sandbox, settings, log, signal }: Running,
  script: string,
  args: readonly string[],
  options: StepOptions = {},
): Promise<{ code: number | undefined; stdout: string }> {
  const files: Record<string, string> = {
    'policy.json': '{"default":[{"type":"insecureAcceptAnything"}]}',
    'registries.conf': registriesConf(settings.insecureRegistries),
    'storage.conf': storageConf(settings.storageDriver),
    'ca.pem': settings.extraCAs.join('\n'),
    ...options.files,
    'auth.json': JSON.stringify({ auths: options.auth ?? {} }),
  }
  const names = Object.keys(files).map((name) => name.replaceAll('.', '_'))
  const texts = Object.entries(files).map(([name, text]) => [`STEP_FILE_${name.replaceAll('.', '_')}`, text])
  const { env, stdin, network = 'none', shown, capture, runsSteps = false } = options
  return sandbox.run(['sh', '-c', prelude + script, 'step', ...args], {
    env: {
      CONTAINERS_STORAGE_CONF: '/run/storage.conf',
      CONTAINERS_REGISTRIES_CONF: '/run/registries.conf',
      REGISTRY_AUTH_FILE: '/run/auth.json',
      ...(network === 'host' && !runsSteps ? settings.proxyEnv : {}),
      ...env,
      STEP_FILES: names.join(' '),
      ...Object.fromEntries(texts),
    },
    network,
    signal,
    onOutput: (chunk) => log.write(chunk),
    ...(stdin === undefined ? {} : { stdin }),
    ...(shown === undefined ? {} : { shown }),
    ...(capture === undefined ? {} : { capture }),
  })
}

function registriesConf(insecure: readonly string[]): string {
  const entries = insecure.map(
    (host) => `[[registry]]\nlocation = ${JSON.stringify(host)}\ninsecure = true\n`,
  )
  return `unqualified-search-registries = ["docker.io"]\nshort-name-mode = "permissive"\n${entries.join('')}`
}

function storageConf(driver: string): string {
  return `[storage]\ndriver = "${driver}"\nrunroot = "/work/runroot"\ngraphroot = "/work/root"\n`
}
