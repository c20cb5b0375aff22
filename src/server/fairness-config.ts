import Type, { type Static } from 'typebox'
import type { FairnessSettings } from '../apiserver/fairness.ts'

const count = Type.Optional(Type.Integer({ minimum: 0 }))

/** The part of the configuration that says how the API is shared among those who ask; 0 stands for no bound. */
export const fairnessSchema = Type.Object(
  {
    running: count,
    runningOfSubject: count,
    waitingOfSubject: count,
    lists: count,
    listsOfSubject: count,
    watchesOfSubject: count,
    requestsPerSecond: count,
  },
  { additionalProperties: false },
)

/** Milliseconds that a request waits for its turn before it is refused. */
const longestWait = 15_000

export function toFairnessSettings(file: Static<typeof fairnessSchema> = {}): FairnessSettings {
  const waitingOfSubject = file.waitingOfSubject ?? 500
  return {
    short: {
      running: file.running ?? 64,
      runningOfSubject: file.runningOfSubject ?? 16,
      waitingOfSubject,
      longestWait,
    },
    lists: {
      running: file.lists ?? 32,
      runningOfSubject: file.listsOfSubject ?? 4,
      waitingOfSubject,
      longestWait,
    },
    // Nobody waits for a watch to end.
    long: {
      running: 0,
      runningOfSubject: file.watchesOfSubject ?? 5000,
      waitingOfSubject: 0,
      longestWait,
    },
    requestsPerSecond: file.requestsPerSecond ?? 0,
  }
}
