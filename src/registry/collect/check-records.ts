import { namespaces } from '../../api/index.ts'
import { parseDigest } from '../../oci/index.ts'
import { objectKey } from '../../resources/keys.ts'
import type { Key } from '../../store/index.ts'
import {
  type BlobLink,
  holdersPrefix,
  linksPrefix,
  manifestsPrefix,
  prunedPrefix,
  referrersPrefix,
} from '../repository-records.ts'
import type { Checking, Finding } from './check-storage.ts'
import { walk } from './walk.ts'

/** What repositories are recorded to have, and don't; and records that contradict each other. */
export async function* checkRecords(checking: Checking): AsyncGenerator<Finding> {
  yield* checkLinks(checking)
  yield* checkHolders(checking)
  yield* checkManifests(checking)
  yield* checkReferrers(checking)
  yield* checkPruned(checking)
}

/** The parts of `<prefix><namespace>/<stream>/<rest>`. */
function splitKey(key: Key, prefix: Key): { repository: string; namespace: string; rest: string } {
  const [namespace = '', stream = '', ...rest] = key.slice(prefix.length).split('/')
  return { repository: `${namespace}/${stream}`, namespace, rest: rest.join('/') }
}

function dropping({ store }: Checking, key: Key): () => Promise<void> {
  return async () => void (await store.commit([{ key, value: undefined, expect: 'any' }]))
}

/** Namespaces come in runs: one look for each. */
function namespaceFinder({ store }: Checking): (name: string) => Promise<boolean> {
  let last = { name: '', isThere: false }
  return async (name) => {
    if (last.name !== name) {
      last = { name, isThere: (await store.get(objectKey(namespaces, '', name))) !== undefined }
    }
    return last.isThere
  }
}

async function* checkLinks(checking: Checking): AsyncGenerator<Finding> {
  const { store, blobs, records, breathe } = checking
  const hasNamespace = namespaceFinder(checking)
  for await (const { key, value } of walk(store, linksPrefix, breathe)) {
    const { repository, namespace, rest } = splitKey(key, linksPrefix)
    const digest = parseDigest(rest)
    if (digest === undefined) continue
    const repair = async (): Promise<void> => void (await records.unlinkBlob(repository, digest))
    if (!(await hasNamespace(namespace))) {
      yield {
        kind: 'unknown-project',
        text: `${repository} links blob ${digest}, and there is no project ${namespace}`,
        repair,
      }
      continue
    }
    if ((await checking.find(digest)) === 'absent') {
      yield {
        kind: 'dangling-record',
        text: `${repository} links blob ${digest}, which is not stored`,
        repair,
      }
      continue
    }
    const { size } = JSON.parse(Buffer.from(value).toString('utf8')) as BlobLink
    const actual = (await blobs.stat(digest))?.size
    if (actual !== undefined && actual !== size) {
      yield {
        kind: 'damaged-blob',
        text: `blob ${digest} has ${actual} bytes, and had ${size} when ${repository} got it`,
        repair: async () => void (await blobs.delete(digest)),
      }
    }
    const holder = `${holdersPrefix}${digest}/${repository}`
    if ((await store.get(holder)) === undefined) {
      yield {
        kind: 'dangling-record',
        text: `${repository} links blob ${digest}, and is not among those who hold it`,
        repair: async () =>
          void (await store.commit([{ key: holder, value: Buffer.from('{}'), expect: 'any' }])),
      }
    }
  }
}

async function* checkHolders(checking: Checking): AsyncGenerator<Finding> {
  const { store, breathe } = checking
  for await (const { key } of walk(store, holdersPrefix, breathe)) {
    const [digest = '', ...repository] = key.slice(holdersPrefix.length).split('/')
    if ((await store.get(`${linksPrefix}${repository.join('/')}/${digest}`)) !== undefined) continue
    // Without a link it is the proof that the repository had the blob with its image; of a blob that is gone it proves nothing.
    const blob = parseDigest(digest)
    if (blob !== undefined && (await checking.find(blob)) !== 'absent') continue
    yield {
      kind: 'dangling-record',
      text: `${repository.join('/')} is said to hold blob ${digest}, and has no link to it`,
      repair: dropping(checking, key),
    }
  }
}

async function* checkManifests(checking: Checking): AsyncGenerator<Finding> {
  const { store, records, breathe } = checking
  const hasNamespace = namespaceFinder(checking)
  for await (const { key } of walk(store, manifestsPrefix, breathe)) {
    const { repository, namespace, rest } = splitKey(key, manifestsPrefix)
    const digest = parseDigest(rest)
    if (digest === undefined) continue
    const repair = async (): Promise<void> => void (await records.deleteManifest(repository, digest))
    if (!(await hasNamespace(namespace))) {
      yield {
        kind: 'unknown-project',
        text: `${repository} has manifest ${digest}, and there is no project ${namespace}`,
        repair,
      }
    } else if ((await checking.find(digest)) === 'absent') {
      yield {
        kind: 'dangling-record',
        text: `${repository} has manifest ${digest}, which is not stored`,
        repair,
      }
    }
  }
}

async function* checkReferrers(checking: Checking): AsyncGenerator<Finding> {
  const { store, breathe } = checking
  for await (const { key } of walk(store, referrersPrefix, breathe)) {
    const { repository, rest } = splitKey(key, referrersPrefix)
    const [subject = '', referrer = ''] = rest.split('/')
    if ((await store.get(`${manifestsPrefix}${repository}/${referrer}`)) !== undefined) continue
    yield {
      kind: 'dangling-record',
      text: `${repository} lists ${referrer} among the referrers of ${subject}, and does not have it`,
      repair: dropping(checking, key),
    }
  }
}

async function* checkPruned(checking: Checking): AsyncGenerator<Finding> {
  const { store, breathe } = checking
  for await (const { key } of walk(store, prunedPrefix, breathe)) {
    const digest = parseDigest(key.slice(prunedPrefix.length))
    if (digest === undefined || (await checking.blobs.trash.stat(digest)) !== undefined) continue
    yield {
      kind: 'dangling-record',
      text: `blob ${digest} is remembered as pruned, and is not in the trash`,
      repair: dropping(checking, key),
    }
  }
}
