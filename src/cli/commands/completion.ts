import { type Command, type Entry, isGroup } from '../command.ts'
import { CliError } from '../errors.ts'
import { globalFlags } from '../global-flags.ts'

/** Shell completion of commands and flags. */
export const completionCommand: Command = {
  usage: 'SHELL',
  long: 'Print a script that lets bash or zsh complete command lines.',
  examples: `# For this session
source <($0 completion bash)`,
  run: async ({ args, io, program, entries }) => {
    const [shell, ...more] = args
    if (shell === undefined) throw new CliError('Shell not specified.')
    if (more.length > 0) throw new CliError('Too many arguments. Expected only the shell type.')
    if (!['bash', 'zsh'].includes(shell))
      throw new CliError(`Unsupported shell type ${JSON.stringify(shell)}.`)
    const words = await collectWords(entries, '')
    io.stdout.write(script(program, shell, words))
  },
}

/** Words that may follow each path of commands; the path of the program itself is ''. */
async function collectWords(entries: readonly Entry[], path: string): Promise<Map<string, string[]>> {
  const words = new Map<string, string[]>()
  const shown = entries.filter((entry) => entry.hidden !== true)
  words.set(
    path,
    shown.map((entry) => entry.name),
  )
  for (const entry of shown) {
    const own = path === '' ? entry.name : `${path} ${entry.name}`
    const loaded = await entry.load()
    if (isGroup(loaded))
      for (const [key, value] of await collectWords(loaded.entries, own)) words.set(key, value)
    const flags = isGroup(loaded) ? (loaded.fallback?.flags ?? []) : (loaded.flags ?? [])
    words.set(own, [
      ...(words.get(own) ?? []),
      ...flags.filter((flag) => flag.hidden !== true).map((flag) => `--${flag.name}`),
    ])
  }
  return words
}

function script(program: string, shell: string, words: ReadonlyMap<string, readonly string[]>): string {
  const globals = globalFlags.filter((flag) => flag.hidden !== true).map((flag) => `--${flag.name}`)
  const cases = [...words].map(
    ([path, list]) => `    ${JSON.stringify(path)}) words=${JSON.stringify(list.join(' '))} ;;\n`,
  )
  const name = `_${program.replace(/[^a-zA-Z0-9]/g, '_')}_complete`
  return `${shell === 'zsh' ? 'autoload -U +X bashcompinit && bashcompinit\n' : ''}${name}() {
  local word path='' words='' i
  for ((i = 1; i < COMP_CWORD; i++)); do
    word=\${COMP_WORDS[i]}
    case $word in -*) continue ;; esac
    path="\${path:+$path }$word"
  done
  while :; do
    case $path in
${cases.join('')}    esac
    [ -z "$words" ] && [ -n "$path" ] || break
    case $path in *' '*) path=\${path% *} ;; *) path='' ;; esac
  done
  COMPREPLY=($(compgen -W "$words ${globals.join(' ')}" -- "\${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F ${name} ${program}
`
}
