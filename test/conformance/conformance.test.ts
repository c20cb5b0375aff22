import { openRegistryLab } from '../../src/registry/registry-lab.ts'
import { conformance } from './conformance.ts'

conformance('registry', async () => {
  const lab = await openRegistryLab()
  return {
    url: lab.url,
    repositories: ['demo/one', 'demo/two'],
    credentials: { username: 'root', password: 'root-token' },
    [Symbol.asyncDispose]: () => lab[Symbol.asyncDispose](),
  }
})
