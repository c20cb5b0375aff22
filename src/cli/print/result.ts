import type { KubeObject } from '../../machinery/object.ts'
import type { CommandContext } from '../command.ts'
import { type DryRun, dryRunSuffix } from '../parse/dry-run.ts'
import { createPrinter, objectName, type PrintedObject } from './printer.ts'

/** How a command tells what it did: a success line, or the object as -o asks for it (cli.md §0.3). */
export interface ResultPrinter {
  /** e.g. `created`. */
  print(object: KubeObject, operation: string): void
}

export async function createResultPrinter(
  { flags, io }: CommandContext,
  options: { dryRun?: DryRun; typed?: boolean } = {},
): Promise<ResultPrinter> {
  const printer = await createPrinter(flags, {
    cwd: io.cwd,
    ...(options.typed === undefined ? {} : { typed: options.typed }),
  })
  const suffix = dryRunSuffix(options.dryRun ?? 'none')
  let first = true
  return {
    print(object, operation) {
      if (printer === undefined)
        io.stdout.write(`${objectName(object as PrintedObject)} ${operation}${suffix}\n`)
      else io.stdout.write(printer.print(object as PrintedObject, first))
      first = false
    },
  }
}
