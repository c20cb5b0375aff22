import { readFileSync, statSync } from 'node:fs'
import { createKeyring, emptyKeyring, type Keyring, type Log } from '../upstream/index.ts'

/** How long a file that was looked at counts as unchanged. Milliseconds. */
const freshFor = 5000

/**
 * The pull credentials of the machine that imports run on (import.md §4.1), from a file in docker's form that others may
 * rewrite at any time. The first look throws when a required file can't be read; later, one that can't be read is empty.
 */
export function openNodeKeyring(
  { path, isRequired }: { path: string; isRequired: boolean },
  log: Log,
): Keyring {
  if (path === '') return emptyKeyring
  if (isRequired) readFileSync(path)
  let version = ''
  let keyring = emptyKeyring
  let lookedAt = Number.NEGATIVE_INFINITY
  const current = () => {
    if (performance.now() - lookedAt <= freshFor) return keyring
    lookedAt = performance.now()
    const found = versionOf(path)
    if (found === version) return keyring
    version = found
    keyring = readKeyring(path)
    for (const { message } of keyring.problems) {
      log.warn({ file: path, problem: message }, 'node credentials skipped')
    }
    return keyring
  }
  return {
    find: (target) => current().find(target),
    get: (key) => current().get(key),
    get problems() {
      return current().problems
    },
  }
}

function versionOf(path: string): string {
  try {
    const { ino, mtimeMs, size } = statSync(path)
    return `${ino} ${mtimeMs} ${size}`
  } catch {
    return ''
  }
}

function readKeyring(path: string): Keyring {
  let data: string
  try {
    data = readFileSync(path).toString('base64')
  } catch {
    return emptyKeyring
  }
  const secret = { name: 'node', type: 'kubernetes.io/dockerconfigjson', data: { '.dockerconfigjson': data } }
  return createKeyring([secret])
}
