/** The pull secrets that service accounts get for our own registry (auth.md U-30 to U-32). */

export const dockercfgType = 'kubernetes.io/dockercfg'
export const dockercfgKey = '.dockercfg'

/** The literal user name of the entries. */
const userName = '<token>'

/** Base64 of the file: an entry for each address, sorted, all with the same token; `{}` without a token. */
export function encodeDockercfg(addresses: readonly string[], token?: string): string {
  const auth = token === undefined ? '' : Buffer.from(`${userName}:${token}`).toString('base64')
  const entries = token === undefined ? [] : [...new Set(addresses)].sort().map((host) => [host, { auth }])
  return Buffer.from(JSON.stringify(Object.fromEntries(entries))).toString('base64')
}

export interface DockercfgContent {
  addresses: string[]
  /** The one token of all entries; undefined when there is none, or not the same in all. */
  token: string | undefined
}

/** What a generated file holds; undefined when it is none that we wrote. */
export function decodeDockercfg(encoded: string): DockercfgContent | undefined {
  try {
    const file: unknown = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8'))
    if (typeof file !== 'object' || file === null || Array.isArray(file)) return undefined
    const tokens = Object.values(file).map((entry: unknown) => {
      const auth = (entry as { auth?: unknown } | null)?.auth
      const text = typeof auth === 'string' ? Buffer.from(auth, 'base64').toString('utf8') : ''
      return text.startsWith(`${userName}:`) ? text.slice(userName.length + 1) : undefined
    })
    const isOne = tokens.length > 0 && tokens.every((token) => token !== undefined && token === tokens[0])
    return { addresses: Object.keys(file).sort(), token: isOne ? tokens[0] : undefined }
  } catch {
    return undefined
  }
}

export interface RegistryService {
  namespace: string
  name: string
  clusterIP: string
  port: number
}

/**
 * Every name that pods and people may call the registry by: its services', and the configured hosts as they are
 * written (U-31).
 */
export function registryAddresses(
  services: readonly RegistryService[],
  hostNames: readonly string[],
): string[] {
  const ofServices = services.flatMap(({ namespace, name, clusterIP, port }) => {
    const hosts = [clusterIP, `${name}.${namespace}.svc`, `${name}.${namespace}.svc.cluster.local`]
    const isDefault = port === 80 || port === 443
    return hosts.flatMap((host) => (isDefault ? [host, `${host}:${port}`] : [`${host}:${port}`]))
  })
  return [...new Set([...ofServices, ...hostNames])].sort()
}
