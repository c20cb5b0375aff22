import type { ApiResource, Rest } from '../client/index.ts'
import type { DiscoveryCache } from './discovery-cache.ts'
import type { Io } from './io.ts'
import type { Kubeconfig } from './kubeconfig/kubeconfig.ts'
import type { Target } from './kubeconfig/target.ts'
import { once } from './once.ts'
import type { Parsed } from './parse/flags.ts'

/** What a command needs to reach the server; everything is read when first asked for, and once. */
export interface Session {
  kubeconfig(): Promise<Kubeconfig>
  /** Rejects when the configuration names no server. */
  target(): Promise<Target>
  /** As `target`, but undefined without a server. */
  findTarget(): Promise<Target | undefined>
  rest(): Promise<Rest>
  /** A way to another server or with other credentials, with the same user agent, timeout and trace. */
  restFor(target: Target): Promise<Rest>
  namespace(): Promise<string>
  discovery: DiscoveryCache
  /** Rejects with NoResourceTypeError; a miss asks the server once more. */
  resource(type: string): Promise<ApiResource>
  /** Warnings that the server has sent, each once. */
  warnings: ReadonlySet<string>
  close(): void
}

/** A session that loads its code, and reads the configuration, with the first question to it. */
export function createSession(io: Io, flags: Parsed, program: string): Session {
  const warnings = new Set<string>()
  let close = () => {}
  const opened = once(async () => {
    const { openSession } = await import('./open-session.ts')
    const session = openSession(io, flags, program, warnings)
    close = session.close
    return session
  })
  return {
    kubeconfig: async () => (await opened()).kubeconfig(),
    target: async () => (await opened()).target(),
    findTarget: async () => (await opened()).findTarget(),
    rest: async () => (await opened()).rest(),
    restFor: async (target) => (await opened()).restFor(target),
    namespace: async () => (await opened()).namespace(),
    discovery: {
      get: async () => (await opened()).discovery.get(),
      refresh: async () => (await opened()).discovery.refresh(),
      find: async (pick) => (await opened()).discovery.find(pick),
    },
    resource: async (type) => (await opened()).resource(type),
    warnings,
    close: () => close(),
  }
}
