import type { Subject } from '../access/access.ts'
import type { User } from '../api/user/user.ts'
import type { AttemptLimiter } from './attempt-limiter.ts'
import type { PasswordSource } from './authenticator.ts'
import type { PasswordProvider } from './identity-provider.ts'
import type { ProvisionDeps } from './provision-user.ts'
import { ProvisionError, provisionUser } from './provision-user.ts'

export type LoginResult =
  | { kind: 'user'; user: User }
  | { kind: 'refused' }
  /** Too many failures: seconds to wait. */
  | { kind: 'limited'; wait: number }

export interface PasswordLoginDeps extends ProvisionDeps {
  providers: readonly PasswordProvider[]
  limiter: AttemptLimiter
}

/** Asks the providers in turn for whom name and password fit. */
export async function loginWithPassword(
  deps: PasswordLoginDeps,
  userName: string,
  password: string,
  remoteAddress: string,
): Promise<LoginResult> {
  const { limiter, providers } = deps
  const wait = limiter.wait(remoteAddress, userName)
  if (wait > 0) return { kind: 'limited', wait }
  for (const { name, check } of userName === '' || password === '' ? [] : providers) {
    if (!(await check(userName, password))) continue
    limiter.succeeded(remoteAddress, userName)
    try {
      const identity = { providerUserName: userName, preferredUserName: userName }
      return { kind: 'user', user: await provisionUser(deps, name, identity) }
    } catch (error) {
      if (error instanceof ProvisionError) return { kind: 'refused' }
      throw error
    }
  }
  limiter.failed(remoteAddress, userName)
  return { kind: 'refused' }
}

/** Passwords where the API itself takes them (`Authorization: Basic user:password`). */
export function createPasswordSource(
  deps: PasswordLoginDeps,
  groupsOf: (userName: string) => readonly string[] | Promise<readonly string[]>,
): PasswordSource {
  return {
    async authenticatePassword(userName, password, address = ''): Promise<Subject | undefined> {
      const result = await loginWithPassword(deps, userName, password, address)
      if (result.kind !== 'user') return undefined
      // The identity may have been mapped to a user of another name.
      const { name = '', uid } = result.user.metadata
      const groups = new Set([
        ...(result.user.groups ?? []),
        ...(await groupsOf(name)),
        'system:authenticated:oauth',
      ])
      return { name, groups: [...groups], ...(uid === undefined ? {} : { uid }) }
    },
  }
}
