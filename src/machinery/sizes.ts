/** Sizes in bytes as people read them (cli.md §0.6). */

function significant(value: number, digits: number): string {
  return String(Number(value.toPrecision(digits)))
}

function scaled(bytes: number, base: number, units: readonly string[]): string {
  let value = bytes
  let unit = 0
  while (value >= base && unit < units.length - 1) {
    value /= base
    unit++
  }
  return `${significant(value, 4)}${units[unit]}`
}

/** `0B`, `3.409kB`, `196.6MB`. */
export function decimalSize(bytes: number): string {
  return scaled(bytes, 1000, ['B', 'kB', 'MB', 'GB', 'TB', 'PB', 'EB'])
}

/** `187.5MiB`. */
export function binarySize(bytes: number): string {
  return scaled(bytes, 1024, ['B', 'KiB', 'MiB', 'GiB', 'TiB', 'PiB', 'EiB'])
}
