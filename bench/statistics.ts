/** The value below which the given share (0 to 1) of the values lies, interpolated between neighbours. RangeError without values. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = sorted[Math.floor(at)]
  const high = sorted[Math.ceil(at)]
  if (low === undefined || high === undefined) throw new RangeError('no values, or a share outside of 0 to 1')
  return low + (high - low) * (at - Math.floor(at))
}

export function median(values: readonly number[]): number {
  return percentile(values, 0.5)
}

function quartileDistance(values: readonly number[]): number {
  return percentile(values, 0.75) - percentile(values, 0.25)
}

/** Half of the distance between the quartiles, as a share of the median: how much the rounds disagree. */
export function spread(values: readonly number[]): number {
  const middle = median(values)
  if (middle === 0) return 0
  return quartileDistance(values) / 2 / middle
}

/** How many times better `ours` is than `theirs`: above 1 we win, whichever way the unit counts. */
export function advantage(ours: number, theirs: number, better: 'higher' | 'lower'): number {
  return better === 'higher' ? ours / theirs : theirs / ours
}

/** The standard error of the median, were the values of a normal distribution whose quartiles theirs are. */
export function errorOfMedian(values: readonly number[]): number {
  return ((quartileDistance(values) / 1.349) * Math.sqrt(Math.PI / 2)) / Math.sqrt(values.length)
}
