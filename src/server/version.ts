import { createRequire } from 'node:module'
import type { VersionInfo } from '../apiserver/api-documents.ts'

/** The Kubernetes whose conventions the API follows (image-api.md, scope). */
const kubernetes = { major: '1', minor: '34' }

export function weirVersion(): string {
  const { version } = createRequire(import.meta.url)('../../package.json') as { version: string }
  return version
}

export function versionInfo(): VersionInfo {
  return {
    ...kubernetes,
    gitVersion: `v${kubernetes.major}.${kubernetes.minor}.0+weir-${weirVersion()}`,
    gitCommit: '',
    gitTreeState: '',
    buildDate: '1970-01-01T00:00:00Z',
    goVersion: `node${process.versions.node}`,
    compiler: 'v8',
    platform: `${process.platform}/${process.arch === 'x64' ? 'amd64' : process.arch}`,
  }
}
