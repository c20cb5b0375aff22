import type { Command } from '../command.ts'
import { CliError } from '../errors.ts'

/** Shell completion of commands, flags, types and names. */
export const completionCommand: Command = {
  usage: 'SHELL',
  long: 'Print a script that lets bash, zsh or fish complete command lines: commands, flags, types, and the names of streams, tags and other objects as the server has them.',
  examples: `# For this session
source <($0 completion bash)

# For every session of zsh: in a folder of $fpath
$0 completion zsh > _$0

# For every session of fish
$0 completion fish > ~/.config/fish/completions/$0.fish`,
  run: async ({ args, io, program }) => {
    const [shell, ...more] = args
    if (shell === undefined) throw new CliError('Shell not specified.')
    if (more.length > 0) throw new CliError('Too many arguments. Expected only the shell type.')
    const script = scripts[shell]
    if (script === undefined) throw new CliError(`Unsupported shell type ${JSON.stringify(shell)}.`)
    io.stdout.write(script(program, `_${program.replace(/[^a-zA-Z0-9]/g, '_')}_complete`))
  },
}

/** bash takes `:` and `=` for ends of words: of what it replaces only the part behind the last of them counts. */
const bash = (program: string, name: string) => `${name}() {
  local line=\${COMP_LINE:0:COMP_POINT} word IFS=$'\\n'
  word=\${line##*[[:space:]]}
  COMPREPLY=($(${program} __complete "$line" 2>/dev/null))
  local kept=\${word%"\${word##*[:=]}"}
  [[ $COMP_WORDBREAKS == *:* ]] && COMPREPLY=("\${COMPREPLY[@]#"$kept"}")
  [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *[=/:] ]] && compopt -o nospace 2>/dev/null
  return 0
}
complete -o default -F ${name} ${program}
`

const zsh = (program: string, name: string) => `#compdef ${program}
${name}() {
  local -a all open
  all=("\${(@f)$(${program} __complete "\${(j: :)words[1,CURRENT-1]} $PREFIX" 2>/dev/null)}")
  all=(\${all:#})
  (( $#all )) || { _files; return }
  open=(\${(M)all:#*[=/:]})
  compadd -S '' -- $open
  compadd -- \${all:|open}
}
compdef ${name} ${program}
`

const fish = (
  program: string,
) => `complete -c ${program} -f -a '(${program} __complete (commandline -cp) 2>/dev/null)'
complete -c ${program} -s f -l filename -r -F
`

const scripts: Readonly<Record<string, (program: string, name: string) => string>> = { bash, zsh, fish }
