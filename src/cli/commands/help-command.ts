import { type Command, type CommandContext, findEntry, type Group, isGroup } from '../command.ts'
import { commandHelp, groupHelp } from '../help.ts'
import { unknownCommand } from '../unknown-command.ts'

export const helpCommand: Command = {
  usage: '[command]',
  long: 'Show the help of a command.',
  run: showHelp,
}

async function showHelp({ args, io, program, entries }: CommandContext): Promise<void> {
  let group: Group = { long: '', entries }
  const path = [program]
  for (const word of args) {
    const entry = findEntry(group.entries, word)
    if (entry === undefined) throw unknownCommand(word, program, group.entries)
    path.push(entry.name)
    const loaded = await entry.load()
    if (!isGroup(loaded)) {
      io.stdout.write(commandHelp(path.join(' '), loaded, program, [entry.name, ...(entry.aliases ?? [])]))
      return
    }
    group = loaded
  }
  io.stdout.write(groupHelp(path.join(' '), group, program))
}
