import type { Measurement } from './measurement.ts'
import { advantage, errorOfMedian, median, spread } from './statistics.ts'

function formatNumber(value: number): string {
  if (value >= 100) return Math.round(value).toString()
  return value.toFixed(value >= 10 ? 1 : 2)
}

function formatSpread(values: readonly number[]): string {
  return values.length < 2 ? '' : ` ±${Math.round(spread(values) * 100)}%`
}

/**
 * Of a share the probable error of its median, in points: how far it is likely to be off, not how far the rounds disagree, which
 * for a share near zero says nothing.
 */
function formatSpreadOf(values: readonly number[], unit: string): string {
  return unit === '%' && values.length > 1 ? ` ±${formatNumber(errorOfMedian(values))}` : formatSpread(values)
}

/** One line: the ratio for a comparison, above 1 meaning that we are better; the median and its unit otherwise. */
export function formatMeasurement(measurement: Measurement): string {
  const name = measurement.name.padEnd(44)
  if (measurement.kind === 'figure') {
    const { values, unit, known } = measurement
    const value = `${formatNumber(median(values))} ${unit}`.padStart(14)
    return `${name}${value}${formatSpreadOf(values, unit).padEnd(7)}${known === undefined ? '' : `   real system: ${known}`}`
  }
  const { weir, peer, unit, better, aim } = measurement
  const ratio = `${advantage(median(weir), median(peer), better).toFixed(2)}×`.padStart(7)
  const figures = `${formatNumber(median(weir))} ${unit}${formatSpread(weir)} to ${formatNumber(median(peer))} ${unit}${formatSpread(peer)}`
  return `${name}${ratio}   ${figures}${aim === undefined ? '' : `   (aim ${aim}×)`}`
}

/** What `--json` writes: every measurement with its rounds and its medians. */
export function toJson(measurements: readonly Measurement[]): string {
  const all = measurements.map((measurement) => {
    if (measurement.kind === 'figure') return { ...measurement, median: median(measurement.values) }
    const { weir, peer, better } = measurement
    return { ...measurement, ratio: advantage(median(weir), median(peer), better) }
  })
  return `${JSON.stringify({ measurements: all }, null, 2)}\n`
}
