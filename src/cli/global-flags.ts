import type { Flag } from './parse/flags.ts'

/** Flags that every command takes (cli.md §0.1). */
export const globalFlags: readonly Flag[] = [
  { name: 'as', kind: 'string', help: 'User to impersonate for the operation; need not exist.' },
  { name: 'as-group', kind: 'array', help: 'Group to impersonate; may be given several times.' },
  { name: 'as-uid', kind: 'string', help: 'UID to impersonate for the operation.' },
  { name: 'cache-dir', kind: 'string', help: 'Where answers of discovery are kept; default ~/.kube/cache.' },
  {
    name: 'certificate-authority',
    kind: 'string',
    help: 'File with the certificates that the server is checked by.',
  },
  { name: 'client-certificate', kind: 'string', help: 'File with a client certificate for TLS.' },
  { name: 'client-key', kind: 'string', help: 'File with the key of the client certificate.' },
  { name: 'cluster', kind: 'string', help: 'Name of the kubeconfig cluster to use.' },
  { name: 'context', kind: 'string', help: 'Name of the kubeconfig context to use.' },
  { name: 'insecure-skip-tls-verify', kind: 'bool', help: "Don't check the server's certificate." },
  { name: 'kubeconfig', kind: 'string', help: 'Path of the kubeconfig file to use.' },
  { name: 'config', kind: 'string', hidden: true, help: 'Older name of --kubeconfig.' },
  { name: 'loglevel', kind: 'int', hidden: true, help: 'Older name of -v.' },
  { name: 'namespace', short: 'n', kind: 'string', help: 'Namespace to work in.' },
  {
    name: 'request-timeout',
    kind: 'string',
    default: '0',
    help: 'How long to wait for one answer; 0 is for ever.',
  },
  { name: 'server', short: 's', kind: 'string', help: 'Address of the API server.' },
  { name: 'tls-server-name', kind: 'string', help: "Name to check the server's certificate for." },
  { name: 'token', kind: 'string', help: 'Bearer token for the API server.' },
  { name: 'user', kind: 'string', help: 'Name of the kubeconfig user to use.' },
  {
    name: 'v',
    short: 'v',
    kind: 'int',
    help: 'Level of detail of the log on stderr; 6 and more show requests.',
  },
  { name: 'warnings-as-errors', kind: 'bool', help: 'End with an error when the server sent warnings.' },
]

export const helpFlag: Flag = { name: 'help', short: 'h', kind: 'bool', hidden: true, help: 'Show help.' }
