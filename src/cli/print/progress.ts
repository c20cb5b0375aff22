import type { Io } from '../io.ts'
import { decimalSize } from './age.ts'

/** How far a long transfer is: one line on a terminal that is written over, nothing anywhere else. */
export interface Progress {
  /** Bytes that have gone through. */
  add(bytes: number): void
  /** A line that stays, above the one that moves. */
  say(line: string): void
  /** Takes the moving line away. */
  end(): void
}

/** Milliseconds between two drawings; more often would flicker. */
const pace = 100
const eraseLine = '\r\u001b[K'

/** `total` in bytes; what is there already counts as gone through when it is found. */
export function createProgress(
  { stderr, env, now }: Pick<Io, 'stderr' | 'env' | 'now'>,
  total: number,
): Progress {
  const moves = stderr.isTty && env.TERM !== 'dumb'
  let done = 0
  let drawn = 0
  let isShown = false
  const erase = () => {
    if (isShown) stderr.write(eraseLine)
    isShown = false
  }
  return {
    add(bytes) {
      done += bytes
      const time = now().getTime()
      if (!moves || time - drawn < pace) return
      drawn = time
      isShown = true
      const percent = total === 0 ? 100 : Math.min(100, Math.floor((done * 100) / total))
      stderr.write(`${eraseLine}${percent}% ${decimalSize(done)} of ${decimalSize(total)}`)
    },
    say(line) {
      erase()
      stderr.write(`${line}\n`)
    },
    end: erase,
  }
}
