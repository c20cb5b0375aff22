/** Go's spellings of booleans, integers and durations. */

export { parseDuration } from '../../machinery/duration.ts'

const truths = new Set(['1', 't', 'T', 'true', 'TRUE', 'True'])
const falsehoods = new Set(['0', 'f', 'F', 'false', 'FALSE', 'False'])

export function parseBool(text: string): boolean | undefined {
  return truths.has(text) ? true : falsehoods.has(text) ? false : undefined
}

export function parseInteger(text: string): number | undefined {
  return /^[-+]?\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : undefined
}
