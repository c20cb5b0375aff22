import { readFile } from 'node:fs/promises'
import {
  createOpenIdProvider,
  createPasswordCheck,
  HtpasswdError,
  type IdentityProvider,
  openHtpasswdFile,
  type PasswordProvider,
} from '../identity/index.ts'
import { loadWebClient } from '../upstream/index.ts'
import type { HtpasswdSettings, OpenIdSettings } from './identity-config.ts'
import { StartError } from './start-error.ts'

export interface ProviderDeps {
  clock: () => Date
  signal: AbortSignal
  onError(error: unknown): void
}

/** Milliseconds that an identity provider may take to answer. */
const patience = 10_000

/** The configured identity providers (auth.md U-21), in order. StartError when one cannot be opened. */
export function openProviders(
  settings: readonly (HtpasswdSettings | OpenIdSettings)[],
  deps: ProviderDeps,
): Promise<IdentityProvider[]> {
  return Promise.all(
    settings.map(async (each) =>
      each.type === 'htpasswd' ? openHtpasswd(each, deps) : openOpenId(each, deps),
    ),
  )
}

function openHtpasswd({ name, file }: HtpasswdSettings, deps: ProviderDeps): PasswordProvider {
  try {
    return { type: 'password', name, check: createPasswordCheck(openHtpasswdFile(file, deps)) }
  } catch (error) {
    const { message } = error as Error
    if (error instanceof HtpasswdError)
      throw new StartError(`the identity provider ${name} is wrong: ${message}`)
    throw new StartError(`cannot read the file of the identity provider ${name}: ${message}`)
  }
}

async function openOpenId(settings: OpenIdSettings, { clock }: ProviderDeps): Promise<IdentityProvider> {
  const { name, issuer, clientId, extraScopes, preferredUsername } = settings
  const read = async (path: string) => {
    try {
      return (await readFile(path, 'utf8')).trim()
    } catch (error) {
      throw new StartError(`cannot read a file of the identity provider ${name}: ${(error as Error).message}`)
    }
  }
  const clientSecret = await read(settings.clientSecretFile)
  const { Agent, fetch: fetchFrom } = await loadWebClient()
  const dispatcher =
    settings.ca === undefined ? undefined : new Agent({ connect: { ca: await read(settings.ca) } })
  return createOpenIdProvider(
    { name, issuer, clientId, clientSecret, extraScopes, userNameClaims: preferredUsername },
    {
      now: clock,
      fetch: async (address, init) =>
        (await fetchFrom(address, {
          ...(init as Parameters<typeof fetchFrom>[1]),
          signal: AbortSignal.timeout(patience),
          ...(dispatcher === undefined ? {} : { dispatcher }),
        })) as unknown as Response,
    },
  )
}
