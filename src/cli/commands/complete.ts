import type { Command } from '../command.ts'

/** What the shells' completion scripts call: candidates for the last word of a line, one a line. */
export const completeCommand: Command = {
  usage: 'LINE',
  long: 'Print what may stand where a command line ends. For the scripts that completion prints.',
  run: async (context) => {
    const { completeLine } = await import('../complete/complete-line.ts')
    const found = await completeLine(context, context.args[0] ?? '').catch(() => [])
    context.io.stdout.write(found.map((one) => `${one}\n`).join(''))
  },
}
