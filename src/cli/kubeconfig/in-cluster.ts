import { readFile } from 'node:fs/promises'
import type { Target } from './target.ts'

const folder = '/var/run/secrets/kubernetes.io/serviceaccount'

/** In a pod without a kubeconfig: the service account's own credentials; undefined elsewhere. */
export async function inClusterTarget(
  env: Readonly<Record<string, string | undefined>>,
  namespace: string,
): Promise<Target | undefined> {
  const host = env.KUBERNETES_SERVICE_HOST
  const port = env.KUBERNETES_SERVICE_PORT
  if (!host || !port) return undefined
  try {
    const [token, ca, own] = await Promise.all(
      ['token', 'ca.crt', 'namespace'].map((name) => readFile(`${folder}/${name}`, 'utf8')),
    )
    return {
      server: `https://${host.includes(':') ? `[${host}]` : host}:${port}`,
      contextName: '',
      clusterName: '',
      userName: '',
      namespace: namespace || (own as string).trim(),
      namespaceGiven: namespace !== '',
      insecure: false,
      ca: ca as string,
      token: (token as string).trim(),
    }
  } catch {
    return undefined
  }
}
