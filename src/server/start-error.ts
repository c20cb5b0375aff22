/** Why Weir did not start, in one line that says what to do; printed without a stack trace. */
export class StartError extends Error {
  override readonly name = 'StartError'
}
