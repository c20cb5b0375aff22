import type { Route } from './route.ts'

/** The registry's own name for what a request to a repository does, as metrics and the audit log have it (registry.md B-92). */
export function operationOf(method: string, route: Route): string {
  const isHead = method === 'HEAD'
  switch (route.kind) {
    case 'manifest':
      if (method === 'PUT') return 'ManifestService.Put'
      if (method === 'DELETE') return 'ManifestService.Delete'
      return isHead ? 'ManifestService.Exists' : 'ManifestService.Get'
    case 'blob':
      if (method === 'DELETE') return 'BlobStore.Delete'
      return isHead ? 'BlobStore.Stat' : 'BlobStore.ServeBlob'
    case 'uploads':
      return 'BlobStore.Create'
    case 'upload':
      if (method === 'PUT') return 'BlobWriter.Commit'
      return method === 'DELETE' ? 'BlobWriter.Cancel' : 'BlobStore.Resume'
    case 'tags':
      return 'TagService.All'
    case 'tag-history':
      return 'TagService.Lookup'
    case 'referrers':
      return 'ReferrerService.List'
    default:
      return `${route.kind}.${method}`
  }
}
