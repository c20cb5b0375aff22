import type { Io } from '../io.ts'

/** The text in bold yellow, as kubectl has its warnings, on a terminal that has colours and whose user wants them (`NO_COLOR`). */
export function emphasized(text: string, { stderr, env }: Pick<Io, 'stderr' | 'env'>): string {
  const wanted = stderr.isTty && !env.NO_COLOR && env.TERM !== 'dumb'
  return wanted ? `\u001b[33;1m${text}\u001b[0m` : text
}
