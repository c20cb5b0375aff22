import type { RegistryDeps } from '../../src/registry/index.ts'
import { openRegistryLab } from '../../src/registry/registry-lab.ts'
import { conformance } from './conformance.ts'

function run(name: string, deps: Partial<RegistryDeps>): void {
  conformance(name, async () => {
    const lab = await openRegistryLab({ deps })
    return {
      url: lab.url,
      repositories: ['demo/one', 'demo/two'],
      credentials: { username: 'root', password: 'root-token' },
      [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
    }
  })
}

run('registry', {})
run('registry that answers reads at once', { onPolicyChange: () => undefined })
