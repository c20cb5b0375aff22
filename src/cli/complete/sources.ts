/** What the words of a command line may be. */
export type Source =
  /** A type and names of it, or `TYPE/NAME`. */
  | { kind: 'objects' }
  | { kind: 'types' }
  /** Names of one type, as the server lists them. */
  | { kind: 'names'; type: string }
  /** Names of entries of the kubeconfig. */
  | { kind: 'config'; part: 'clusters' | 'users' | 'contexts' }
  | { kind: 'words'; words: readonly string[] }

const objects: Source = { kind: 'objects' }
const names = (type: string): Source => ({ kind: 'names', type })
const words = (...all: string[]): Source => ({ kind: 'words', words: all })

/** Arguments by command; the last source stands for all further ones. */
export const argumentSources: Readonly<Record<string, readonly Source[]>> = {
  get: [objects],
  describe: [objects],
  delete: [objects],
  label: [objects],
  annotate: [objects],
  patch: [objects],
  edit: [objects],
  export: [objects],
  wait: [objects],
  explain: [{ kind: 'types' }],
  tag: [names('imagestreamtags')],
  'import-image': [names('imagestreams')],
  'explain-image': [names('imagestreamtags')],
  'set image-lookup': [names('imagestreams')],
  'set image': [objects],
  'set triggers': [objects],
  'rollout cancel': [objects],
  'rollout history': [objects],
  'rollout latest': [names('deploymentconfigs')],
  'rollout pause': [objects],
  'rollout restart': [objects],
  'rollout resume': [objects],
  'rollout retry': [objects],
  'rollout status': [objects],
  'rollout undo': [objects],
  rollback: [names('deploymentconfigs')],
  project: [names('projects')],
  'secrets link': [names('serviceaccounts'), names('secrets')],
  'secrets unlink': [names('serviceaccounts'), names('secrets')],
  'create token': [names('serviceaccounts')],
  'policy add-role-to-user': [names('clusterroles'), names('users')],
  'policy add-role-to-group': [names('clusterroles'), names('groups')],
  'policy remove-role-from-user': [names('clusterroles'), names('users')],
  'policy remove-role-from-group': [names('clusterroles'), names('groups')],
  'policy who-can': [words('get', 'list', 'watch', 'create', 'update', 'patch', 'delete'), { kind: 'types' }],
  'auth can-i': [words('get', 'list', 'watch', 'create', 'update', 'patch', 'delete'), { kind: 'types' }],
  'config use-context': [{ kind: 'config', part: 'contexts' }],
  'config get-contexts': [{ kind: 'config', part: 'contexts' }],
  completion: [words('bash', 'zsh', 'fish')],
}

const formats = words('custom-columns=', 'go-template=', 'json', 'jsonpath=', 'kyaml', 'name', 'wide', 'yaml')

/** Values of flags, whatever the command. */
export const flagSources: Readonly<Record<string, Source>> = {
  cluster: { kind: 'config', part: 'clusters' },
  context: { kind: 'config', part: 'contexts' },
  user: { kind: 'config', part: 'users' },
  namespace: names('projects'),
  'dry-run': words('none', 'client', 'server'),
  'import-mode': words('Legacy', 'PreserveOriginal'),
  'reference-policy': words('source', 'local'),
  output: formats,
  serviceaccount: names('serviceaccounts'),
  'service-account': names('serviceaccounts'),
}
