/** Where a build's source comes from, as far as it is a Git repository. */

export type GitAddress =
  /** `host` is checked against what may be contacted. */
  | { kind: 'remote'; uri: string; protocol: 'http' | 'https' | 'ssh' | 'git'; host: string; port: number }
  /** A folder of this machine. */
  | { kind: 'local'; uri: string; path: string }
  | { kind: 'refused'; why: string }

const ports = { http: 80, https: 443, ssh: 22, git: 9418 } as const

/** Anything that could be read as an option, a helper (`ext::…`) or a path is refused. */
export function parseGitAddress(uri: string): GitAddress {
  if (/[\0-\x20\x7f]/.test(uri)) return { kind: 'refused', why: 'it has blanks or control characters' }
  const scp = /^(?:[\w.-]+@)?([\w.-]+|\[[\da-fA-F:.]+\]):(?!\/\/)[^:]/.exec(uri)
  if (scp !== null && !uri.startsWith('-')) {
    return { kind: 'remote', uri, protocol: 'ssh', host: bare(scp[1] ?? ''), port: ports.ssh }
  }
  const url = URL.canParse(uri) ? new URL(uri) : undefined
  const protocol = url?.protocol.slice(0, -1)
  if (url === undefined || uri.startsWith('-')) return { kind: 'refused', why: 'it is no URL' }
  if (protocol === 'file' && url.host === '') {
    return { kind: 'local', uri, path: decodeURIComponent(url.pathname) }
  }
  if (protocol !== 'http' && protocol !== 'https' && protocol !== 'ssh' && protocol !== 'git') {
    return { kind: 'refused', why: `${protocol} is no protocol for sources` }
  }
  if (url.hostname === '') return { kind: 'refused', why: 'it names no host' }
  const port = url.port === '' ? ports[protocol] : Number(url.port)
  return { kind: 'remote', uri, protocol, host: bare(url.hostname), port }
}

const bare = (host: string) => host.replace(/^\[|\]$/g, '')

/** A branch, tag or commit, as `git check-ref-format` has them, roughly; never an option. */
export function isGitRef(ref: string): boolean {
  return /^[\w][\w./+@-]*$/.test(ref) && !ref.includes('..') && !ref.includes('@{')
}

/** Inside of the source, by a path of its own. */
export function isInnerPath(path: string): boolean {
  return !path.includes('\0') && !path.split('/').includes('..')
}

/**
 * `$1` is the repository, `$2` the ref or ''. Prints commit, author, mail, committer, mail and subject, each ended by NUL. Nothing of the
 * repository is run: it has no hooks, and no protocol but those allowed.
 */
export const gitScript = `set -e
printf '[safe]\\n\\tdirectory = *\\n' > "$HOME/.gitconfig"
git clone --quiet --no-checkout -- "$1" /work/source
cd /work/source
if [ -n "$2" ]; then
  git checkout --quiet --force "$2" -- 2>/dev/null || {
    git fetch --quiet origin -- "$2"
    git checkout --quiet --force FETCH_HEAD --
  }
else
  git checkout --quiet --force HEAD --
fi
git submodule --quiet update --init --recursive
rm -rf /work/in/source-secret
git log -1 --format='%H%x00%an%x00%ae%x00%cn%x00%ce%x00%s%x00'
`

export interface GitCommit {
  commit: string
  message: string
  author: { name: string; email: string }
  committer: { name: string; email: string }
}

export function parseGitCommit(text: string): GitCommit | undefined {
  const [commit = '', name = '', email = '', committer = '', committerEmail = '', message = ''] =
    text.split('\0')
  if (!/^[\da-f]{40,64}$/.test(commit.trim())) return undefined
  return {
    commit: commit.trim(),
    message,
    author: { name, email },
    committer: { name: committer, email: committerEmail },
  }
}

const secretFolder = '/work/in/source-secret'

/** Variables that git runs under: how it logs in, and what it may do. `files` are the names in the source secret. */
export function gitEnvironment(
  address: Exclude<GitAddress, { kind: 'refused' }>,
  files: ReadonlySet<string>,
): Record<string, string> {
  const config: [string, string][] = [
    ['core.hooksPath', '/dev/null'],
    ['credential.helper', ''],
    ['advice.detachedHead', 'false'],
  ]
  if (address.kind === 'remote' && files.has('password')) {
    const { protocol, uri } = address
    const origin = protocol === 'ssh' ? '' : new URL(uri).origin
    const user = files.has('username') ? `$(cat ${secretFolder}/username)` : 'git'
    const helper = `!f() { printf 'username=%s\\npassword=%s\\n' "${user}" "$(cat ${secretFolder}/password)"; }; f`
    if (origin !== '') config.push([`credential.${origin}.helper`, helper])
  }
  if (files.has('ca.crt')) config.push(['http.sslCAInfo', `${secretFolder}/ca.crt`])
  const knownHosts = files.has('known_hosts')
    ? `-o StrictHostKeyChecking=yes -o UserKnownHostsFile=${secretFolder}/known_hosts`
    : '-o StrictHostKeyChecking=accept-new -o UserKnownHostsFile=/run/known_hosts'
  const key = files.has('ssh-privatekey') ? `-i ${secretFolder}/ssh-privatekey -o IdentitiesOnly=yes` : ''
  const pairs = config.flatMap(([name, value], index) => [
    [`GIT_CONFIG_KEY_${index}`, name],
    [`GIT_CONFIG_VALUE_${index}`, value],
  ])
  return {
    GIT_TERMINAL_PROMPT: '0',
    GIT_ALLOW_PROTOCOL: address.kind === 'local' ? 'file' : 'https:http:ssh:git',
    GIT_SSH_COMMAND: `ssh -F /dev/null -o BatchMode=yes ${knownHosts} ${key}`.trim(),
    GIT_CONFIG_COUNT: String(config.length),
    ...Object.fromEntries(pairs),
  }
}
