import { stringify } from 'yaml'

/** The admin's kubeconfig (design.md §1): certificate data inside, so that the file can be copied alone. */
export function formatKubeconfig(options: {
  server: string
  caCert: string
  user: string
  token: string
}): string {
  const { server, caCert, user, token } = options
  return stringify({
    apiVersion: 'v1',
    kind: 'Config',
    clusters: [
      {
        name: 'weir',
        cluster: { server, 'certificate-authority-data': Buffer.from(caCert).toString('base64') },
      },
    ],
    users: [{ name: user, user: { token } }],
    contexts: [{ name: 'weir', context: { cluster: 'weir', user, namespace: 'default' } }],
    'current-context': 'weir',
  })
}
