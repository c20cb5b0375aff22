import { describe } from 'node:test'
import type { Store } from './store.ts'
import { commitContract } from './store-contract-commit.ts'
import { compactContract } from './store-contract-compact.ts'
import { listContract } from './store-contract-list.ts'
import { modelContract } from './store-contract-model.ts'
import { watchContract } from './store-contract-watch.ts'

/** Opens an engine with nothing in it, which its disposal removes. */
export type OpenEmptyStore = () => Promise<Store>

/** The questions that every engine of the Store interface answers alike. */
export function storeContract(name: string, open: OpenEmptyStore): void {
  describe(name, () => {
    describe('commits', () => commitContract(open))
    describe('lists', () => listContract(open))
    describe('watches', () => watchContract(open))
    describe('compaction', () => compactContract(open))
    describe('against a model', () => modelContract(open))
  })
}
