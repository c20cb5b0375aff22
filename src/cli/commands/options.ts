import type { Command } from '../command.ts'
import { globalFlags } from '../global-flags.ts'
import { optionLines } from '../help.ts'

export const optionsCommand: Command = {
  usage: '',
  long: 'Show the flags that every command takes.',
  run: async ({ io }) => {
    io.stdout.write(`The following options can be passed to any command:\n\n${optionLines(globalFlags)}`)
  },
}
